#include "sim/cli/look.h"

#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "sim/cli/cmd_device.h"
#include "sim/device/compare.h"
#include "sim/device/forecast.h"
#include "sim/device/picture.h"
#include "sim/device/survey.h"

#define WIDTH_DEFAULT 80

struct inspect_options {
    bool is_json, has_why;
    unsigned long width; /* of the picture; 0: none asked for */
};

static bool has_utf8(void)
{
    const char *codeset;

    setlocale(LC_CTYPE, "");
    codeset = nl_langinfo(CODESET);
    setlocale(LC_CTYPE, "C");
    return strcmp(codeset, "UTF-8") == 0;
}

static uint32_t terminal_width(void)
{
    struct winsize size;

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col
                                                                       : WIDTH_DEFAULT;
}

static void print_picture(struct folder *folder, struct json_object *survey, unsigned long width)
{
    const char *no_colour = getenv("NO_COLOR");
    struct picture_style style = {
        .width = width ? (uint32_t)width : terminal_width(),
        .has_colour = isatty(STDOUT_FILENO) && !(no_colour && *no_colour),
        .is_unicode = has_utf8(),
    };
    struct owners owners;

    owners_find(&owners, &folder->nvm.cells, &folder->spi.cells, folder->layout);
    picture_story(survey, stdout);
    putchar('\n');
    picture_map(&owners, owners.nvm, &folder->nvm.cells, &style, stdout);
    putchar('\n');
    picture_map(&owners, owners.spi, &folder->spi.cells, &style, stdout);
    putchar('\n');
}

/* --- --why ----------------------------------------------------------------------------------- */

static void print_line(void *context, const char *text)
{
    (void)context;
    printf("               %s\n", text);
}

static void add_line(void *context, const char *text)
{
    json_object_array_add(context, json_object_new_string(text));
}

static const char *outcome(enum device_end end)
{
    return end == DEVICE_JUMP    ? "start"
           : end == DEVICE_STUCK ? "stay in the bootloader"
                                 : "reset again and again";
}

static void print_why(struct folder *folder)
{
    uint32_t version;

    printf("next start     the bootloader itself, on a copy:\n");
    enum device_end end = forecast_run(folder, NULL, print_line, NULL, &version);
    printf("               so it would %s", outcome(end));
    if (end == DEVICE_JUMP)
        printf(" version %u", version);
    putchar('\n');
}

static void add_why(struct folder *folder, struct json_object *survey)
{
    struct json_object *object = json_object_new_object(), *log = json_object_new_array();
    uint32_t version;
    enum device_end end = forecast_run(folder, NULL, add_line, log, &version);

    json_object_object_add(object, "outcome", json_object_new_string(outcome(end)));
    if (end == DEVICE_JUMP)
        json_object_object_add(object, "version", json_object_new_uint64(version));
    json_object_object_add(object, "log", log);
    json_object_object_add(survey, "next_start", object);
}

/* --- device inspect -------------------------------------------------------------------------- */

static void inspect(struct folder *folder, const struct inspect_options *options)
{
    struct json_object *survey =
        survey_device(&folder->nvm.cells, &folder->spi.cells, folder->layout, &folder->policy);

    if (options->is_json) {
        if (options->has_why)
            add_why(folder, survey);
        puts(json_object_to_json_string_ext(survey, JSON_C_TO_STRING_PRETTY |
                                                        JSON_C_TO_STRING_NOSLASHESCAPE));
    } else {
        if (options->width || isatty(STDOUT_FILENO))
            print_picture(folder, survey, options->width);
        survey_print(survey, stdout);
        if (options->has_why)
            print_why(folder);
    }
    json_object_put(survey);
}

int look_inspect(int argc, char **argv)
{
    static const struct option known[] = {{"json", no_argument, NULL, 'j'},
                                          {"why", no_argument, NULL, 'y'},
                                          {"width", required_argument, NULL, 'w'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    struct inspect_options options = {0};
    struct folder folder;
    char error[FOLDER_ERROR_SIZE];
    int option;

    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (option == 'j')
            options.is_json = true;
        else if (option == 'y')
            options.has_why = true;
        else if (option == 'w' && !cli_number("--width", optarg, 20, 1000, &options.width))
            return CLI_USAGE;
        else if (option != 'w')
            return option == 'h' ? cli_help(&cmd_device) : cli_bad_option(&cmd_device);
    }
    if (argc - optind != 1) {
        cli_error("device inspect: give one device folder");
        return cli_bad_option(&cmd_device);
    }
    if (!folder_open(&folder, argv[optind], false, error)) {
        cli_error("%s", error);
        return CLI_USAGE;
    }
    inspect(&folder, &options);
    folder_close(&folder);
    return CLI_PASS;
}

/* --- device diff ----------------------------------------------------------------------------- */

int look_diff(int argc, char **argv)
{
    struct folder a, b;
    char error[FOLDER_ERROR_SIZE];

    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return cli_help(&cmd_device);
    if (argc != 3) {
        cli_error("device diff: give two device folders");
        return cli_bad_option(&cmd_device);
    }
    if (!folder_open(&a, argv[1], false, error)) {
        cli_error("%s", error);
        return CLI_USAGE;
    }
    if (!folder_open(&b, argv[2], false, error)) {
        cli_error("%s", error);
        folder_close(&a);
        return CLI_USAGE;
    }
    bool is_same = compare_devices(&a, &b, stdout);
    folder_close(&a);
    folder_close(&b);
    return is_same ? CLI_PASS : CLI_FAIL;
}
