#include "hal_pic32/console.h"

#include <string.h>

#include "hal_pic32/uart.h"

static const struct command {
    const char *name;
    enum ota_request request;
    const char *help;
} commands[] = {
    {"help", OTA_REQUEST_NONE, "this list"},
    {"status", OTA_REQUEST_NONE, "what runs, and what the service does"},
    {"images", OTA_REQUEST_NONE, "the image store"},
    {"confirm", OTA_REQUEST_NONE, "this image is well: keep it"},
    {"check", OTA_REQUEST_CHECK, "ask the server now"},
    {"download", OTA_REQUEST_DOWNLOAD, "fetch what is offered"},
    {"abort", OTA_REQUEST_ABORT, "stop check, download or offer"},
    {"reset", OTA_REQUEST_RESET, "restart to start what is ready"},
    {"rollback", OTA_REQUEST_ROLLBACK, "give up the running image"},
    {"factory", OTA_REQUEST_FACTORY_RESET, "back to the factory image"},
    {"erase", OTA_REQUEST_ERASE, "N: remove version N from the store"},
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static const char *const state_names[] = {
    "idle", "waiting", "checking", "update on offer", "downloading", "verifying", "ready to reset",
};

static void show_help(void)
{
    for (uint32_t i = 0; i < COMMAND_COUNT; i++) {
        uart_text(commands[i].name);
        uart_text(" - ");
        uart_text(commands[i].help);
        uart_text("\r\n");
    }
}

static void show_status(const struct ota *ota)
{
    uint32_t bytes, total;

    uart_text("version ");
    uart_number(ota_version(ota));
    uart_text(ota_is_confirmed(ota) ? ", confirmed" : ", on trial");
    uart_text("; the service is ");
    uart_text(state_names[ota->state]);
    if (ota->state == OTA_STATE_DOWNLOAD) {
        ota_progress(ota, &bytes, &total);
        uart_text(", ");
        uart_number(bytes);
        uart_text(" of ");
        uart_number(total);
        uart_text(" bytes");
    }
    uart_text("\r\n");
}

static void show_images(const struct ota *ota)
{
    const struct database *database = &ota->store.database;

    if (!ota->store.is_mounted)
        uart_text("the store is not mounted\r\n");
    for (uint32_t i = 0; i < database->count; i++) {
        uart_text("version ");
        uart_number(database->rows[i].version);
        uart_text(", status ");
        uart_hex((uint32_t)database->rows[i].status);
        uart_text(", ");
        uart_text(database->rows[i].name);
        uart_text("\r\n");
    }
}

/* 0: not a number. */
static uint32_t parse_version(const char *text)
{
    uint64_t value = 0;

    if (!*text)
        return 0;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return 0;
        value = value * 10 + (uint32_t)(*text - '0');
        if (value > UINT32_MAX)
            return 0;
    }
    return (uint32_t)value;
}

static void show_result(enum ota_err err)
{
    uart_text(err ? "refused: " : "ok");
    if (err)
        uart_text(err_text(err));
    uart_text("\r\n");
}

static void run(struct ota *ota, const struct command *command, const char *argument)
{
    uint32_t version = parse_version(argument);

    if (command->request == OTA_REQUEST_ERASE && !version)
        uart_text("erase: which version?\r\n");
    else if (command->request)
        show_result(ota_ask(ota, command->request, version));
    else if (strcmp(command->name, "status") == 0)
        show_status(ota);
    else if (strcmp(command->name, "images") == 0)
        show_images(ota);
    else if (strcmp(command->name, "confirm") == 0)
        show_result(ota_confirm(ota));
    else
        show_help();
}

static void run_line(struct console *console)
{
    char *line = console->line;
    size_t name_size = strcspn(line, " ");
    const char *argument = line + name_size + (line[name_size] == ' ');

    if (console->size > CONSOLE_LINE_MAX) {
        uart_text("the line is too long\r\n");
        return;
    }
    line[name_size] = '\0';
    for (uint32_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(line, commands[i].name) == 0) {
            run(console->ota, &commands[i], argument);
            return;
        }
    }
    if (*line)
        uart_text("not a command; 'help' lists them\r\n");
}

void console_init(struct console *console, struct ota *ota)
{
    console->ota = ota;
    console->size = 0;
}

void console_task(struct console *console)
{
    int c;

    while ((c = uart_get()) >= 0) {
        if (c == '\r' || c == '\n') {
            console->line[console->size < CONSOLE_LINE_MAX ? console->size : CONSOLE_LINE_MAX] =
                '\0';
            run_line(console);
            console->size = 0;
        } else if (console->size < CONSOLE_LINE_MAX) {
            console->line[console->size++] = (char)c;
        } else {
            console->size = CONSOLE_LINE_MAX + 1;
        }
    }
}
