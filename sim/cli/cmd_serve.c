#include "sim/cli/cmd_serve.h"

#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "sim/image/manifest_json.h"
#include "sim/server/http_server.h"

struct serving {
    const char *directory;
    bool is_quiet;
};

static void warn(void *context, const char *name, const char *reason)
{
    (void)context;
    fprintf(stderr, "brownout: %s: not offered: %s\n", name, reason);
}

/* Made anew for each request, so that a new image is offered as soon as it is there. */
static enum ota_err make_manifest(void *context, const char *url_base, char **ret_text)
{
    const struct serving *serving = context;

    return manifest_json_directory(serving->directory, url_base, warn, NULL, ret_text);
}

static void log_request(void *context, const struct http_server_record *record)
{
    const struct serving *serving = context;

    if (serving->is_quiet)
        return;
    printf("%3u %s %s", record->status, record->method, record->path);
    if (record->range_from)
        printf("  from byte %llu", (unsigned long long)record->range_from);
    printf("  %llu bytes\n", (unsigned long long)record->bytes);
    fflush(stdout);
}

static int serve(struct serving *serving, const char *address, uint16_t port)
{
    struct http_server_options options = {
        .directory = serving->directory,
        .address = address,
        .port = port,
        .manifest = make_manifest,
        .log = log_request,
        .context = serving,
    };
    struct http_server *server;
    sigset_t signals;
    int caught;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    enum ota_err err = http_server_start(&options, &server);
    if (err) {
        cli_error("%s: %s", err == OTA_ERR_NOT_FOUND ? serving->directory : address,
                  err == OTA_ERR_NOT_FOUND ? "not a folder that can be read"
                  : err == OTA_ERR_FORMAT  ? "not an IP address"
                  : err == OTA_ERR_NET     ? "cannot listen there (is the port in use?)"
                                           : err_text(err));
        return CLI_USAGE;
    }
    printf("serving %s, manifest at http://%s:%u/ota.json\n", serving->directory, address,
           http_server_port(server));
    fflush(stdout);
    sigwait(&signals, &caught);
    http_server_stop(server);
    return CLI_PASS;
}

static int run(int argc, char **argv)
{
    static const struct option known[] = {{"address", required_argument, NULL, 'a'},
                                          {"port", required_argument, NULL, 'p'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    struct serving serving = {0};
    const char *address = "127.0.0.1";
    unsigned long port = 8000;
    int option;

    while ((option = getopt_long(argc, argv, "hq", known, NULL)) != -1) {
        if (option == 'a')
            address = optarg;
        else if (option == 'q')
            serving.is_quiet = true;
        else if (option == 'p' && !cli_number("--port", optarg, 0, 65535, &port))
            return CLI_USAGE;
        else if (option != 'p')
            return option == 'h' ? cli_help(&cmd_serve) : cli_bad_option(&cmd_serve);
    }
    if (argc - optind != 1) {
        cli_error("serve: give one folder with images");
        return cli_bad_option(&cmd_serve);
    }
    serving.directory = argv[optind];
    return serve(&serving, address, (uint16_t)port);
}

const struct cli_command cmd_serve = {
    .name = "serve",
    .summary = "serve a folder of images, with a manifest made on the fly",
    .help = "usage: brownout serve DIR [--address A] [--port P] [--quiet]\n"
            "\n"
            "A development server: the images *.bin in DIR, and at /ota.json a manifest of them\n"
            "that is made for each request, so that a new image is offered at once. Ranges and\n"
            "If-Range are served; there is no TLS. Each request is a line on stdout.\n"
            "\n"
            "  --address A   listen on this address (127.0.0.1)\n"
            "  --port P      and port (8000; 0: a free one)\n"
            "  --quiet       no line for each request\n"
            "\n"
            "Stops on SIGINT or SIGTERM.\n"
            "\n"
            "Exit status: 0 stopped; 2 bad usage, or it cannot listen.",
    .run = run,
};
