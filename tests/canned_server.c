#include "tests/canned_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

void canned_server_init(struct canned_server *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;

    memset(server, 0, sizeof *server);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(server->listener, CANNED_ANSWERS_MAX), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &size), 0);
    server->port = ntohs(address.sin_port);
}

struct canned *canned_server_add(struct canned_server *server, const char *format, ...)
{
    assert_true(server->answers_count < CANNED_ANSWERS_MAX);
    struct canned *canned = &server->answers[server->answers_count++];
    va_list args;

    va_start(args, format);
    assert_true(vasprintf(&canned->answer, format, args) >= 0);
    va_end(args);
    return canned;
}

static ssize_t receive(SSL *ssl, int connection, char *data, size_t size)
{
    return ssl ? SSL_read(ssl, data, (int)size) : recv(connection, data, size, 0);
}

static void serve(struct canned_server *server, const struct canned *canned, SSL *ssl,
                  int connection)
{
    char *request = server->requests[server->requests_count];
    size_t size = 0;
    ssize_t count = 1;

    if (ssl && SSL_accept(ssl) != 1)
        return;
    while (!canned->is_early && !strstr(request, "\r\n\r\n") && count > 0) {
        count = receive(ssl, connection, request + size, CANNED_REQUEST_MAX - 1 - size);
        size += count > 0 ? (size_t)count : 0;
    }
    server->requests_count += size != 0;
    size = strlen(canned->answer);
    if (ssl && size)
        SSL_write(ssl, canned->answer, (int)size);
    else if (size)
        send(connection, canned->answer, size, MSG_NOSIGNAL);
    while (canned->ending == CANNED_HOLD && count > 0)
        count = receive(ssl, connection, (char[64]){0}, 64);
    if (ssl && canned->ending == CANNED_CLOSE)
        SSL_shutdown(ssl);
}

static void *run(void *context)
{
    const struct linger at_once = {.l_onoff = 1};
    const struct timeval patience = {.tv_sec = 4};
    struct canned_server *server = context;

    for (size_t i = 0; i < server->answers_count; i++) {
        const struct canned *canned = &server->answers[i];
        int connection = accept(server->listener, NULL, NULL);
        if (connection < 0)
            break;
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        SSL *ssl = server->tls && !canned->is_early ? SSL_new(server->tls) : NULL;
        if (ssl)
            SSL_set_fd(ssl, connection);
        serve(server, canned, ssl, connection);
        SSL_free(ssl);
        if (canned->ending == CANNED_RESET)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        else
            shutdown(connection, SHUT_WR); /* close() alone resets what has unread bytes */
        while (canned->ending == CANNED_CLOSE && recv(connection, (char[64]){0}, 64, 0) > 0)
            ;
        close(connection);
    }
    return NULL;
}

void canned_server_start(struct canned_server *server)
{
    assert_int_equal(pthread_create(&server->thread, NULL, run, server), 0);
    server->is_running = true;
}

void canned_server_stop(struct canned_server *server)
{
    shutdown(server->listener, SHUT_RDWR);
    if (server->is_running)
        pthread_join(server->thread, NULL);
    server->is_running = false;
}

void canned_server_deinit(struct canned_server *server)
{
    canned_server_stop(server);
    close(server->listener);
    for (size_t i = 0; i < server->answers_count; i++)
        free(server->answers[i].answer);
    SSL_CTX_free(server->tls);
    memset(server, 0, sizeof *server);
    server->listener = -1;
}

static void add_extension(X509 *certificate, int kind, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);

    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

/* names: NULL for a CA, which signs itself. */
static X509 *certify(EVP_PKEY *key, const char *names, long valid_s, EVP_PKEY *issuer)
{
    const unsigned char *subject = (const unsigned char *)(names ? "server" : "ca");
    X509 *certificate = X509_new();
    X509_NAME *ca = X509_NAME_new();

    X509_NAME_add_entry_by_txt(ca, "CN", MBSTRING_ASC, (const unsigned char *)"ca", -1, -1, 0);
    X509_set_issuer_name(certificate, ca);
    X509_NAME_free(ca);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, subject, -1,
                               -1, 0);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), names ? 2 : 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate), valid_s);
    X509_set_pubkey(certificate, key);
    add_extension(certificate, NID_basic_constraints, names ? "CA:FALSE" : "critical,CA:TRUE");
    if (names)
        add_extension(certificate, NID_subject_alt_name, names);
    assert_true(X509_sign(certificate, issuer, EVP_sha256()) > 0);
    return certificate;
}

void canned_server_use_tls(struct canned_server *server, const char *names, long valid_s,
                           const char *ca_file)
{
    EVP_PKEY *ca_key = EVP_EC_gen("P-256");
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *ca = certify(ca_key, NULL, 3600, ca_key);
    X509 *certificate = certify(key, names, valid_s, ca_key);
    FILE *file = fopen(ca_file, "w");

    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, ca), 1);
    fclose(file);
    server->tls = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(server->tls, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(server->tls, key), 1);
    X509_free(certificate);
    X509_free(ca);
    EVP_PKEY_free(key);
    EVP_PKEY_free(ca_key);
}
