/*
 * One easy handle for each transfer, on one multi handle that keeps connections for the next one.
 * libcurl calls back from curl_multi_perform() and curl_easy_pause(): headers fill the response,
 * body bytes go to a fixed buffer. When a piece does not fit the transfer is paused (libcurl then
 * keeps that piece and stops reading the socket, so the server is slowed down by TCP itself), and
 * read() lets it go on when there is room for the largest piece there is.
 */
#include "hal_posix/transport_curl.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#ifndef BROWNOUT_VERSION
#define BROWNOUT_VERSION "dev"
#endif

#define REDIRECTS_MAX   5L
#define HEADER_SIZE_MAX 65536 /* of all responses of a transfer */
#define DATE_MAX        64

_Static_assert(TRANSPORT_CURL_BUFFER_SIZE >= CURL_MAX_WRITE_SIZE, "a piece must fit");

struct text {
    const char *at;
    size_t size;
};

/* ---- Headers ---- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct text text_trim(struct text text)
{
    while (text.size && is_blank(text.at[0])) {
        text.at++;
        text.size--;
    }
    while (text.size && is_blank(text.at[text.size - 1]))
        text.size--;
    return text;
}

static bool text_is(struct text text, const char *word)
{
    return text.size == strlen(word) && strncasecmp(text.at, word, text.size) == 0;
}

/* Take the digits at the front; false for none, or a number beyond 64 bits. */
static bool text_take_number(struct text *text, uint64_t *ret_value)
{
    uint64_t value = 0;
    size_t i = 0;

    for (; i < text->size && text->at[i] >= '0' && text->at[i] <= '9'; i++) {
        uint64_t digit = (uint64_t)(text->at[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (!i)
        return false;
    text->at += i;
    text->size -= i;
    *ret_value = value;
    return true;
}

static bool text_take_char(struct text *text, char wanted)
{
    if (!text->size || text->at[0] != wanted)
        return false;
    text->at++;
    text->size--;
    return true;
}

/* -1: not a date. */
static time_t text_date(struct text text)
{
    char date[DATE_MAX];

    if (text.size >= sizeof date)
        return -1;
    memcpy(date, text.at, text.size);
    date[text.size] = '\0';
    return curl_getdate(date, NULL);
}

/* What may go into a header again, whole or not at all. */
static bool text_is_validator(struct text text)
{
    if (!text.size || text.size >= TRANSPORT_VALIDATOR_MAX)
        return false;
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7F)
            return false;
    return true;
}

static bool take_length(struct transport_curl *curl, struct text value)
{
    struct transport_response *response = &curl->response;
    uint64_t length;

    if (!text_take_number(&value, &length) || value.size)
        return true; /* libcurl has its own opinion on that, and gives up by itself */
    if (response->has_length && response->length != length)
        return false;
    response->has_length = true;
    response->length = length;
    return true;
}

static bool take_range(struct transport_curl *curl, struct text value)
{
    struct transport_response *response = &curl->response;
    uint64_t from, to;
    uint64_t total = 0;

    if (value.size < 6 || strncasecmp(value.at, "bytes ", 6) != 0)
        return true;
    value.at += 6;
    value.size -= 6;
    if (!text_take_number(&value, &from) || !text_take_char(&value, '-') ||
        !text_take_number(&value, &to) || !text_take_char(&value, '/') || from > to)
        return true;
    if (!text_take_char(&value, '*') && (!text_take_number(&value, &total) || total <= to))
        return true;
    if (value.size)
        return true;
    if (response->has_range && (response->range_from != from || curl->head.range_to != to))
        return false;
    response->has_range = true;
    response->range_from = from;
    response->range_total = total;
    curl->head.range_to = to;
    return true;
}

static bool take_retry_after(struct transport_curl *curl, struct text value)
{
    uint64_t seconds;

    if (!text_take_number(&value, &seconds))
        curl->head.retry_at = text_date(value);
    else if (!value.size)
        curl->response.retry_after_s = seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX;
    return true;
}

static bool take_date(struct transport_curl *curl, struct text value)
{
    curl->head.date = text_date(value);
    return true;
}

/* A weak one (W/"...") says nothing about bytes, so it cannot vouch for a range. */
static bool take_etag(struct transport_curl *curl, struct text value)
{
    if (!text_is_validator(value) || value.size < 2 || value.at[0] != '"' ||
        value.at[value.size - 1] != '"')
        return true;
    memcpy(curl->response.validator, value.at, value.size);
    curl->response.validator[value.size] = '\0';
    return true;
}

static bool take_last_modified(struct transport_curl *curl, struct text value)
{
    if (!text_is_validator(value) || text_date(value) == -1)
        return true;
    memcpy(curl->head.modified, value.at, value.size);
    curl->head.modified[value.size] = '\0';
    return true;
}

static bool take_location(struct transport_curl *curl, struct text value)
{
    if (value.size)
        curl->head.has_location = true;
    return true;
}

static bool take_transfer_encoding(struct transport_curl *curl, struct text value)
{
    (void)value;
    curl->head.is_chunked = true;
    return true;
}

/* take() returns false when the header contradicts an earlier one. */
static const struct {
    const char *name;
    bool (*take)(struct transport_curl *curl, struct text value);
} known_headers[] = {
    {"Content-Length", take_length},
    {"Content-Range", take_range},
    {"Retry-After", take_retry_after},
    {"Date", take_date},
    {"ETag", take_etag},
    {"Last-Modified", take_last_modified},
    {"Location", take_location},
    {"Transfer-Encoding", take_transfer_encoding},
};

static bool take_header(struct transport_curl *curl, struct text line)
{
    const char *colon = memchr(line.at, ':', line.size);

    if (!colon)
        return true;
    struct text name = {line.at, (size_t)(colon - line.at)};
    struct text value = text_trim((struct text){colon + 1, line.size - name.size - 1});
    for (size_t i = 0; i < sizeof known_headers / sizeof known_headers[0]; i++)
        if (text_is(name, known_headers[i].name))
            return known_headers[i].take(curl, value);
    return true;
}

static void head_start(struct transport_curl *curl)
{
    curl->head = (struct transport_curl_head){.is_open = true, .date = -1, .retry_at = -1};
    curl->response = (struct transport_response){0};
}

/* Seconds from the server's own clock, so that a device without the right time waits as long. */
static uint32_t retry_seconds(const struct transport_curl_head *head)
{
    time_t now = head->date != -1 ? head->date : time(NULL);

    if (head->retry_at == -1 || head->retry_at <= now)
        return 0;
    return head->retry_at - now < UINT32_MAX ? (uint32_t)(head->retry_at - now) : UINT32_MAX;
}

/* The headers of the final response are complete. */
static void response_settle(struct transport_curl *curl, long status)
{
    struct transport_response *response = &curl->response;
    const struct transport_curl_head *head = &curl->head;

    if (curl->is_known)
        return;
    curl->is_known = true;
    response->status = (uint16_t)status;
    if (head->is_chunked) {
        response->has_length = false;
        response->length = 0;
    }
    if (response->has_range && response->has_length &&
        response->length - 1 != head->range_to - response->range_from) {
        response->has_range = false;
        response->range_from = 0;
        response->range_total = 0;
    }
    if (!response->retry_after_s)
        response->retry_after_s = retry_seconds(head);
    if (!response->validator[0])
        memcpy(response->validator, head->modified, sizeof response->validator);
}

static void head_end(struct transport_curl *curl)
{
    long status = 0;

    curl->head.is_open = false;
    curl_easy_getinfo(curl->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200 || (status / 100 == 3 && curl->head.has_location))
        return;
    response_settle(curl, status);
}

static size_t on_header(char *data, size_t unit, size_t count, void *context)
{
    struct transport_curl *curl = context;
    struct text line = {data, unit * count};

    curl->header_size += (uint32_t)line.size;
    if (line.size > HEADER_SIZE_MAX || curl->header_size > HEADER_SIZE_MAX) {
        curl->failure = OTA_ERR_HTTP;
        return 0;
    }
    if (curl->is_known)
        return line.size; /* trailers: what has been said about the body stands */

    bool is_start = !curl->head.is_open && line.size > 5 && memcmp(line.at, "HTTP/", 5) == 0;
    if (is_start)
        head_start(curl);
    else if (!curl->head.is_open)
        return line.size;
    else if (!text_trim(line).size)
        head_end(curl);
    else if (!take_header(curl, line)) {
        curl->failure = OTA_ERR_HTTP;
        return 0;
    }
    return line.size;
}

/* ---- Body ---- */

static size_t on_body(char *data, size_t unit, size_t count, void *context)
{
    struct transport_curl *curl = context;
    size_t size = unit * count;

    if (size > sizeof curl->buffer - curl->buffer_size) {
        curl->is_paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    if (size > sizeof curl->buffer - curl->buffer_start - curl->buffer_size) {
        memmove(curl->buffer, curl->buffer + curl->buffer_start, curl->buffer_size);
        curl->buffer_start = 0;
    }
    memcpy(curl->buffer + curl->buffer_start + curl->buffer_size, data, size);
    curl->buffer_size += (uint32_t)size;
    return size;
}

/* ---- The transfer ---- */

static const struct {
    CURLcode code;
    enum ota_err err;
} failures[] = {
    {CURLE_OPERATION_TIMEDOUT, OTA_ERR_TIMEOUT},
    {CURLE_SSL_CONNECT_ERROR, OTA_ERR_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, OTA_ERR_TLS},
    {CURLE_SSL_CERTPROBLEM, OTA_ERR_TLS},
    {CURLE_SSL_CIPHER, OTA_ERR_TLS},
    {CURLE_SSL_CACERT_BADFILE, OTA_ERR_TLS},
    {CURLE_SSL_ISSUER_ERROR, OTA_ERR_TLS},
    {CURLE_SSL_CRL_BADFILE, OTA_ERR_TLS},
    {CURLE_SSL_INVALIDCERTSTATUS, OTA_ERR_TLS},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, OTA_ERR_TLS},
    {CURLE_SSL_CLIENTCERT, OTA_ERR_TLS},
    {CURLE_USE_SSL_FAILED, OTA_ERR_TLS},
    {CURLE_UNSUPPORTED_PROTOCOL, OTA_ERR_HTTP}, /* open() knows the scheme: redirect, or HTTP/0.9 */
    {CURLE_URL_MALFORMAT, OTA_ERR_HTTP},        /* open() knows the URL: redirect */
    {CURLE_TOO_MANY_REDIRECTS, OTA_ERR_HTTP},
    {CURLE_WEIRD_SERVER_REPLY, OTA_ERR_HTTP},
    {CURLE_BAD_CONTENT_ENCODING, OTA_ERR_HTTP},
    {CURLE_RANGE_ERROR, OTA_ERR_HTTP},
    {CURLE_HTTP2, OTA_ERR_HTTP},
    {CURLE_WRITE_ERROR, OTA_ERR_HTTP},
};

/* Whether the handshake was cut short by the line. libcurl has one code for all that goes wrong in
 * it; a reset leaves an error number behind, an end only words. */
static bool is_cut(const struct transport_curl *curl)
{
    long os_error = 0;

    curl_easy_getinfo(curl->easy, CURLINFO_OS_ERRNO, &os_error);
    return os_error == ECONNRESET || os_error == EPIPE || strstr(curl->message, "unexpected eof") ||
           strstr(curl->message, "SSL_ERROR_SYSCALL");
}

static enum ota_err failure_of(const struct transport_curl *curl, CURLcode code)
{
    if (code == CURLE_SSL_CONNECT_ERROR && is_cut(curl))
        return OTA_ERR_NET;
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
        if (failures[i].code == code)
            return failures[i].err;
    return OTA_ERR_NET;
}

static void finish(struct transport_curl *curl, CURLcode code)
{
    long status = 0;

    curl->is_finished = true;
    if (code != CURLE_OK) {
        if (curl->failure == OTA_OK)
            curl->failure = failure_of(curl, code);
        return;
    }
    /* A redirect that libcurl chose not to follow is the final response, too. */
    curl_easy_getinfo(curl->easy, CURLINFO_RESPONSE_CODE, &status);
    response_settle(curl, status);
}

/* Right before each request of a redirect chain is sent. */
static int on_request(void *context, char *remote_address, char *local_address, int remote_port,
                      int local_port)
{
    struct transport_curl *curl = context;
    const char *url = "";

    (void)remote_address;
    (void)local_address;
    (void)remote_port;
    (void)local_port;
    curl_easy_getinfo(curl->easy, CURLINFO_EFFECTIVE_URL, &url);
    bool is_tls = strncasecmp(url, "https:", 6) == 0;
    if (curl->was_tls && !is_tls) {
        curl->failure = OTA_ERR_HTTP;
        return CURL_PREREQFUNC_ABORT;
    }
    curl->was_tls = is_tls;
    return CURL_PREREQFUNC_OK;
}

static bool url_is_http(const char *url)
{
    bool is_http = false;
    char *scheme = NULL;
    CURLU *parsed = curl_url();

    if (parsed && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK)
        is_http = strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;
    curl_free(scheme);
    curl_url_cleanup(parsed);
    return is_http;
}

static bool add_header(struct transport_curl *curl, const char *line)
{
    struct curl_slist *longer = curl_slist_append(curl->headers, line);

    if (longer)
        curl->headers = longer;
    return longer;
}

static bool set_request(struct transport_curl *curl, const struct transport_request *request)
{
    char line[TRANSPORT_VALIDATOR_MAX + 16];
    CURL *easy = curl->easy;
    bool is_set = add_header(curl, "Accept-Encoding: identity");

    if (request->range_from) {
        snprintf(line, sizeof line, "%u-", request->range_from);
        is_set = is_set && !curl_easy_setopt(easy, CURLOPT_RANGE, line);
    }
    if (request->range_from && request->validator && request->validator[0]) {
        snprintf(line, sizeof line, "If-Range: %s", request->validator);
        is_set = is_set && add_header(curl, line);
    }
    return is_set && !curl_easy_setopt(easy, CURLOPT_URL, request->url) &&
           !curl_easy_setopt(easy, CURLOPT_HTTPHEADER, curl->headers) &&
           !curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L) &&
           !curl_easy_setopt(easy, CURLOPT_USERAGENT, "brownout/" BROWNOUT_VERSION);
}

static bool set_rules(CURL *easy)
{
    return !curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") &&
           !curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https") &&
           !curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L) &&
           !curl_easy_setopt(easy, CURLOPT_MAXREDIRS, REDIRECTS_MAX) &&
           !curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
           !curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) &&
           !curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) &&
           !curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) &&
           !curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) &&
           /* close() must not wait for a name server that does not answer. */
           !curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
}

static bool set_options(CURL *easy, const struct transport_curl_options *options)
{
    bool is_set =
        !curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout_ms) &&
        !curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)options->low_speed_bytes) &&
        !curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)options->low_speed_s);

    if (options->ca_file)
        /* The built-in directory of CAs would be trusted beside the file. */
        is_set = is_set && !curl_easy_setopt(easy, CURLOPT_CAINFO, options->ca_file) &&
                 !curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    return is_set;
}

static bool set_callbacks(struct transport_curl *curl)
{
    CURL *easy = curl->easy;

    return !curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header) &&
           !curl_easy_setopt(easy, CURLOPT_HEADERDATA, curl) &&
           !curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) &&
           !curl_easy_setopt(easy, CURLOPT_WRITEDATA, curl) &&
           !curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, curl->message) &&
           !curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request) &&
           !curl_easy_setopt(easy, CURLOPT_PREREQDATA, curl);
}

/* ---- The seam ---- */

static struct transport_curl *self(struct transport *transport)
{
    return (struct transport_curl *)transport;
}

static void op_close(struct transport *transport)
{
    struct transport_curl *curl = self(transport);

    if (curl->easy) {
        curl_multi_remove_handle(curl->multi, curl->easy);
        curl_easy_cleanup(curl->easy);
        curl_slist_free_all(curl->headers);
    }
    curl->easy = NULL;
    curl->headers = NULL;
    curl->head = (struct transport_curl_head){0};
    curl->response = (struct transport_response){0};
    curl->is_known = false;
    curl->is_paused = false;
    curl->is_finished = false;
    curl->is_told = false;
    curl->was_tls = false;
    curl->failure = OTA_OK;
    curl->message[0] = '\0';
    curl->header_size = 0;
    curl->buffer_start = 0;
    curl->buffer_size = 0;
}

static enum ota_err op_open(struct transport *transport, const struct transport_request *request)
{
    struct transport_curl *curl = self(transport);
    const char *validator = request->validator ? request->validator : "";

    if (curl->easy)
        return OTA_ERR_STATE;
    if (!request->url || !url_is_http(request->url))
        return OTA_ERR_FORMAT;
    if (*validator && !text_is_validator((struct text){validator, strlen(validator)}))
        return OTA_ERR_FORMAT;

    curl->easy = curl_easy_init();
    if (!curl->easy)
        return OTA_ERR_NET;
    if (!set_request(curl, request) || !set_rules(curl->easy) ||
        !set_options(curl->easy, &curl->options) || !set_callbacks(curl) ||
        curl_multi_add_handle(curl->multi, curl->easy) != CURLM_OK) {
        op_close(transport);
        return OTA_ERR_NET;
    }
    return OTA_OK;
}

static void run(struct transport_curl *curl)
{
    const CURLMsg *message;
    int running, left;

    if (curl_multi_perform(curl->multi, &running) != CURLM_OK) {
        finish(curl, CURLE_OUT_OF_MEMORY);
        return;
    }
    while ((message = curl_multi_info_read(curl->multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE && message->easy_handle == curl->easy)
            finish(curl, message->data.result);
}

static enum transport_state op_poll(struct transport *transport)
{
    struct transport_curl *curl = self(transport);

    if (!curl->easy)
        return TRANSPORT_FAILED;
    if (!curl->is_finished)
        run(curl);
    curl->is_told = curl->is_finished && !curl->buffer_size;
    if (curl->is_told)
        return curl->failure == OTA_OK ? TRANSPORT_DONE : TRANSPORT_FAILED;
    return curl->is_known ? TRANSPORT_BODY : TRANSPORT_WAITING;
}

static const struct transport_response *op_response(struct transport *transport)
{
    return &self(transport)->response;
}

static uint32_t op_read(struct transport *transport, void *data, uint32_t size)
{
    struct transport_curl *curl = self(transport);
    uint32_t taken = size < curl->buffer_size ? size : curl->buffer_size;

    memcpy(data, curl->buffer + curl->buffer_start, taken);
    curl->buffer_start += taken;
    curl->buffer_size -= taken;
    if (!curl->buffer_size)
        curl->buffer_start = 0;
    if (curl->is_paused && sizeof curl->buffer - curl->buffer_size >= CURL_MAX_WRITE_SIZE) {
        curl->is_paused = false; /* first: it may be paused again from inside the call */
        CURLcode code = curl_easy_pause(curl->easy, CURLPAUSE_CONT);
        if (code != CURLE_OK)
            finish(curl, code);
    }
    return taken;
}

static enum ota_err op_failure(struct transport *transport)
{
    struct transport_curl *curl = self(transport);

    return curl->easy ? curl->failure : OTA_ERR_STATE;
}

static const struct transport_ops ops = {
    .open = op_open,
    .poll = op_poll,
    .response = op_response,
    .read = op_read,
    .failure = op_failure,
    .close = op_close,
};

enum ota_err transport_curl_init(struct transport_curl *curl,
                                 const struct transport_curl_options *options)
{
    if (options->ca_file && access(options->ca_file, R_OK) != 0)
        return OTA_ERR_NOT_FOUND;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return OTA_ERR_NET;

    CURLM *multi = curl_multi_init();
    if (!multi) {
        curl_global_cleanup();
        return OTA_ERR_NET;
    }
    memset(curl, 0, sizeof *curl);
    curl->transport.ops = &ops;
    curl->options = *options;
    curl->multi = multi;
    return OTA_OK;
}

void transport_curl_deinit(struct transport_curl *curl)
{
    op_close(&curl->transport);
    curl_multi_cleanup(curl->multi);
    curl->multi = NULL;
    curl_global_cleanup();
}

const char *transport_curl_message(const struct transport_curl *curl)
{
    return curl->message;
}

void transport_curl_wait(struct transport_curl *curl, uint32_t ms)
{
    if (curl->buffer_size || (curl->is_finished && !curl->is_told))
        return;
    curl_multi_poll(curl->multi, NULL, 0, ms < INT_MAX ? (int)ms : INT_MAX, NULL);
}
