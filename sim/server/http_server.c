/*
 * libmicrohttpd runs one thread for all connections and calls back for each request: on_request()
 * (twice: the second time the request is complete), then read_body() as the socket takes more, then
 * on_completed(). A file is read with pread() rather than given to the library as a descriptor, so
 * that the record can say how far a broken transfer got.
 */
#include "sim/server/http_server.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MANIFEST_PATH "/ota.json"
#define BLOCK_SIZE    65536
#define HOST_MAX      255
#define ETAG_MAX      64
#define DATE_MAX      32

struct http_server {
    struct http_server_options options;
    struct MHD_Daemon *daemon;
    int directory;
    uint16_t port;
};

/* From the first sight of a request to on_completed(). */
struct request {
    char method[16];
    char *path;
    unsigned status;
    uint64_t range_from;
    uint64_t sent;
};

/* A file, or a part of it, on its way out. */
struct body {
    struct request *request;
    int file;
    uint64_t from;
};

enum range {
    RANGE_NONE, /* send the whole file */
    RANGE_PART,
    RANGE_UNSATISFIABLE
};

/* ---- Answers ---- */

static enum MHD_Result queue(struct MHD_Connection *connection, struct request *request,
                             unsigned status, struct MHD_Response *response)
{
    if (!response)
        return MHD_NO;
    request->status = status;
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

/* text goes to the response, which frees it. */
static struct MHD_Response *response_of(char *text, const char *type, struct request *request)
{
    size_t size = strlen(text);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);

    if (!response) {
        free(text);
        return NULL;
    }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    if (strcmp(request->method, MHD_HTTP_METHOD_HEAD) != 0)
        request->sent = size;
    return response;
}

static enum MHD_Result refuse(struct MHD_Connection *connection, struct request *request,
                              unsigned status, const char *reason)
{
    char *text;

    if (asprintf(&text, "%u %s\n", status, reason) < 0)
        return MHD_NO;
    struct MHD_Response *response = response_of(text, "text/plain", request);
    if (response && status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    return queue(connection, request, status, response);
}

/* ---- The manifest ---- */

/* A Host header goes into a JSON text, so only what a host and a port can be made of. */
static bool is_host(const char *host)
{
    size_t size = strlen(host);

    if (!size || size > HOST_MAX)
        return false;
    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)host[i]) && !strchr(".-_:[]", host[i]))
            return false;
    return true;
}

/* The address that the client has reached. */
static bool local_host(struct MHD_Connection *connection, char ret_host[HOST_MAX + 1])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char name[NI_MAXHOST], port[NI_MAXSERV];

    if (!info || getsockname(info->connect_fd, (struct sockaddr *)&address, &size) != 0 ||
        getnameinfo((struct sockaddr *)&address, size, name, sizeof name, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return false;
    name[strcspn(name, "%")] = '\0';
    const char *format = address.ss_family == AF_INET6 ? "[%.200s]:%s" : "%.200s:%s";
    snprintf(ret_host, HOST_MAX + 1, format, name, port);
    return true;
}

static enum MHD_Result answer_manifest(struct http_server *server,
                                       struct MHD_Connection *connection, struct request *request)
{
    char local[HOST_MAX + 1];
    char url_base[HOST_MAX + 16];
    char *text = NULL;
    const char *host =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);

    if (!host || !is_host(host)) {
        if (!local_host(connection, local))
            return MHD_NO;
        host = local;
    }
    snprintf(url_base, sizeof url_base, "http://%s/", host);
    enum ota_err err = server->options.manifest(server->options.context, url_base, &text);
    if (err != OTA_OK)
        return refuse(connection, request, MHD_HTTP_INTERNAL_SERVER_ERROR, err_text(err));
    return queue(connection, request, MHD_HTTP_OK, response_of(text, "application/json", request));
}

/* ---- Files ---- */

/* Below the folder, and nothing hidden: every component has a name that begins with no dot. An
 * empty one is refused because "//etc" would be absolute once the first slash is off. */
static bool is_allowed(const char *path)
{
    if (*path != '/')
        return false;
    for (; *path == '/'; path += 1 + strcspn(path + 1, "/"))
        if (path[1] == '\0' || path[1] == '/' || path[1] == '.')
            return false;
    return true;
}

/* Returns an HTTP status. */
static unsigned file_open(const struct http_server *server, const char *path, int *ret_file,
                          struct stat *ret_stat)
{
    struct stat stat;

    if (!is_allowed(path))
        return MHD_HTTP_NOT_FOUND;
    /* Without O_NONBLOCK, a FIFO in the folder would hold up all clients. */
    int file = openat(server->directory, path + 1, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return errno == EACCES                      ? MHD_HTTP_FORBIDDEN
               : errno == EMFILE || errno == ENFILE ? MHD_HTTP_SERVICE_UNAVAILABLE
                                                    : MHD_HTTP_NOT_FOUND;
    if (fstat(file, &stat) != 0 || !S_ISREG(stat.st_mode)) {
        close(file);
        return MHD_HTTP_NOT_FOUND;
    }
    *ret_file = file;
    *ret_stat = stat;
    return MHD_HTTP_OK;
}

static void format_etag(const struct stat *stat, char ret_etag[ETAG_MAX])
{
    uint64_t time_ns =
        (uint64_t)stat->st_mtim.tv_sec * 1000000000 + (uint64_t)stat->st_mtim.tv_nsec;

    snprintf(ret_etag, ETAG_MAX, "\"%" PRIx64 "-%" PRIx64 "-%" PRIx64 "\"", (uint64_t)stat->st_size,
             time_ns, (uint64_t)stat->st_ino);
}

/* Not by strftime(): the names are English whatever the locale. */
static void format_date(time_t time, char ret_date[DATE_MAX])
{
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm utc = {.tm_mday = 1};

    gmtime_r(&time, &utc);
    snprintf(ret_date, DATE_MAX, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[utc.tm_wday],
             utc.tm_mday, months[utc.tm_mon], (utc.tm_year + 1900) % 10000, utc.tm_hour, utc.tm_min,
             utc.tm_sec);
}

/* Take digits; a number beyond 64 bits is just very large. False for none. */
static bool take_number(const char **at, uint64_t *ret_value)
{
    uint64_t value = 0;
    const char *digit = *at;

    for (; isdigit((unsigned char)*digit); digit++) {
        uint64_t next = (uint64_t)(*digit - '0');
        value = value > (UINT64_MAX - next) / 10 ? UINT64_MAX : value * 10 + next;
    }
    if (digit == *at)
        return false;
    *at = digit;
    *ret_value = value;
    return true;
}

/* What is malformed, of another unit, or more than one range is ignored, as RFC 9110 14.2 allows.
 */
static enum range parse_range(const char *text, uint64_t size, uint64_t *ret_from,
                              uint64_t *ret_count)
{
    uint64_t from, count;
    uint64_t to = UINT64_MAX;

    if (strncasecmp(text, "bytes=", 6) != 0)
        return RANGE_NONE;
    text += 6;
    if (*text == '-') {
        text++;
        if (!take_number(&text, &count) || *text)
            return RANGE_NONE;
        from = count < size ? size - count : 0;
        if (!count || !size)
            return RANGE_UNSATISFIABLE;
    } else {
        if (!take_number(&text, &from) || *text++ != '-')
            return RANGE_NONE;
        if (*text && (!take_number(&text, &to) || *text || to < from))
            return RANGE_NONE;
        if (from >= size)
            return RANGE_UNSATISFIABLE;
    }
    *ret_from = from;
    *ret_count = to - from < size - from ? to - from + 1 : size - from;
    return RANGE_PART;
}

static enum range requested_range(struct MHD_Connection *connection, const struct request *request,
                                  const struct stat *stat, uint64_t *ret_from, uint64_t *ret_count)
{
    char etag[ETAG_MAX];
    char date[DATE_MAX];
    const char *range =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_RANGE);
    const char *validator =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_RANGE);

    if (!range || strcmp(request->method, MHD_HTTP_METHOD_GET) != 0)
        return RANGE_NONE;
    format_etag(stat, etag);
    format_date(stat->st_mtim.tv_sec, date);
    if (validator && strcmp(validator, etag) != 0 && strcmp(validator, date) != 0)
        return RANGE_NONE;
    return parse_range(range, (uint64_t)stat->st_size, ret_from, ret_count);
}

static ssize_t read_body(void *context, uint64_t position, char *data, size_t size)
{
    struct body *body = context;
    ssize_t count = pread(body->file, data, size, (off_t)(body->from + position));

    if (count < 0)
        return errno == EINTR ? 0 : MHD_CONTENT_READER_END_WITH_ERROR;
    if (count == 0)
        return MHD_CONTENT_READER_END_WITH_ERROR; /* the file has become shorter */
    body->request->sent += (uint64_t)count;
    return count;
}

static void free_body(void *context)
{
    struct body *body = context;

    close(body->file);
    free(body);
}

/* Takes the file over. */
static struct MHD_Response *file_response(struct request *request, int file, uint64_t from,
                                          uint64_t count)
{
    struct body *body = malloc(sizeof *body);

    if (!body) {
        close(file);
        return NULL;
    }
    *body = (struct body){.request = request, .file = file, .from = from};
    struct MHD_Response *response =
        MHD_create_response_from_callback(count, BLOCK_SIZE, read_body, body, free_body);
    if (!response)
        free_body(body);
    return response;
}

static void add_validators(struct MHD_Response *response, const struct stat *stat)
{
    char etag[ETAG_MAX];
    char date[DATE_MAX];

    format_etag(stat, etag);
    format_date(stat->st_mtim.tv_sec, date);
    MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, etag);
    MHD_add_response_header(response, MHD_HTTP_HEADER_LAST_MODIFIED, date);
    MHD_add_response_header(response, MHD_HTTP_HEADER_ACCEPT_RANGES, "bytes");
}

static const char *content_type(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot && strcasecmp(dot, ".json") == 0 ? "application/json" : "application/octet-stream";
}

static enum MHD_Result answer_unsatisfiable(struct MHD_Connection *connection,
                                            struct request *request, const struct stat *stat)
{
    char range[64];
    char *text = strdup("416 the range is outside the file\n");

    if (!text)
        return MHD_NO;
    struct MHD_Response *response = response_of(text, "text/plain", request);
    snprintf(range, sizeof range, "bytes */%" PRIu64, (uint64_t)stat->st_size);
    if (response)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, range);
    return queue(connection, request, MHD_HTTP_RANGE_NOT_SATISFIABLE, response);
}

static enum MHD_Result answer_file(const struct http_server *server,
                                   struct MHD_Connection *connection, struct request *request)
{
    struct stat stat;
    int file;
    char text[80];
    unsigned status = file_open(server, request->path, &file, &stat);

    if (status != MHD_HTTP_OK)
        return refuse(connection, request, status, "no such file here, or not for you");

    uint64_t from = 0;
    uint64_t count = (uint64_t)stat.st_size;
    enum range range = requested_range(connection, request, &stat, &from, &count);
    if (range == RANGE_UNSATISFIABLE) {
        close(file);
        return answer_unsatisfiable(connection, request, &stat);
    }
    struct MHD_Response *response = file_response(request, file, from, count);
    if (!response)
        return MHD_NO;
    add_validators(response, &stat);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type(request->path));
    if (range == RANGE_PART) {
        snprintf(text, sizeof text, "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, from,
                 from + count - 1, (uint64_t)stat.st_size);
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, text);
        request->range_from = from;
    }
    return queue(connection, request, range == RANGE_PART ? MHD_HTTP_PARTIAL_CONTENT : MHD_HTTP_OK,
                 response);
}

/* ---- Requests ---- */

static struct request *request_new(const char *method, const char *path)
{
    struct request *request = calloc(1, sizeof *request);

    if (!request)
        return NULL;
    request->path = strdup(path);
    if (!request->path) {
        free(request);
        return NULL;
    }
    snprintf(request->method, sizeof request->method, "%s", method);
    return request;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
                                  const char *path, const char *method, const char *version,
                                  const char *upload, size_t *upload_size, void **request_slot)
{
    struct http_server *server = context;
    struct request *request = *request_slot;

    (void)version;
    (void)upload;
    if (!request) {
        *request_slot = request_new(method, path);
        return *request_slot ? MHD_YES : MHD_NO;
    }
    if (*upload_size) {
        *upload_size = 0; /* nobody wants it */
        return MHD_YES;
    }
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
        return refuse(connection, request, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD");
    if (server->options.manifest && strcmp(path, MANIFEST_PATH) == 0)
        return answer_manifest(server, connection, request);
    return answer_file(server, connection, request);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_slot,
                         enum MHD_RequestTerminationCode reason)
{
    struct http_server *server = context;
    struct request *request = *request_slot;

    (void)connection;
    (void)reason;
    if (!request)
        return;
    if (server->options.log) {
        struct http_server_record record = {
            .method = request->method,
            .path = request->path,
            .status = request->status,
            .range_from = request->range_from,
            .bytes = request->sent,
        };
        server->options.log(server->options.context, &record);
    }
    free(request->path);
    free(request);
    *request_slot = NULL;
}

/* ---- Life ---- */

static struct MHD_Daemon *daemon_start(struct http_server *server, const struct addrinfo *address)
{
    unsigned flags = MHD_USE_AUTO_INTERNAL_THREAD;
    sigset_t all, before;

    if (address->ai_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    /* The thread inherits the mask: signals are for the threads of the program itself. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    struct MHD_Daemon *daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, server, MHD_OPTION_SOCK_ADDR, address->ai_addr,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_END);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return daemon;
}

static enum ota_err listen_on(struct http_server *server)
{
    const struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_family = AF_UNSPEC,
        .ai_socktype = SOCK_STREAM,
    };
    const char *name = server->options.address ? server->options.address : "127.0.0.1";
    struct addrinfo *address;
    char port[8];

    snprintf(port, sizeof port, "%u", server->options.port);
    if (getaddrinfo(name, port, &hints, &address) != 0)
        return OTA_ERR_FORMAT;
    server->daemon = daemon_start(server, address);
    freeaddrinfo(address);
    if (!server->daemon)
        return OTA_ERR_NET;

    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    server->port = info ? info->port : server->options.port;
    return OTA_OK;
}

enum ota_err http_server_start(const struct http_server_options *options,
                               struct http_server **ret_server)
{
    struct http_server *server = calloc(1, sizeof *server);

    if (!server)
        return OTA_ERR_LIMIT;
    server->options = *options;
    server->directory = open(options->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (server->directory < 0) {
        free(server);
        return OTA_ERR_NOT_FOUND;
    }
    enum ota_err err = listen_on(server);
    if (err != OTA_OK) {
        close(server->directory);
        free(server);
        return err;
    }
    server->options.directory = NULL;
    server->options.address = NULL;
    *ret_server = server;
    return OTA_OK;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->port;
}

void http_server_stop(struct http_server *server)
{
    if (!server)
        return;
    MHD_stop_daemon(server->daemon);
    close(server->directory);
    free(server);
}
