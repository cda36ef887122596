#include "hal_pic32/log_uart.h"

#include "core/err.h"
#include "core/ota.h"
#include "core/system.h"
#include "hal_pic32/uart.h"

static const char *const formats[] = {
#define X(name, text) text,
    LOG_EVENT_LIST(X)
#undef X
};

static const char *const causes[SYSTEM_CAUSE_COUNT] = {
    "power-on",
    "a software reset",
    "the watchdog",
    "the reset pin",
};

static const char *const requests[OTA_REQUEST_COUNT] = {
    "nothing", "check", "download", "reset", "abort", "rollback", "factory reset", "erase",
};

static void put_argument(char kind, uint32_t value)
{
    if (kind == 'c')
        uart_text(value < SYSTEM_CAUSE_COUNT ? causes[value] : "?");
    else if (kind == 'r')
        uart_text(value < OTA_REQUEST_COUNT ? requests[value] : "?");
    else if (kind == 'e')
        uart_text(err_text((enum ota_err)value));
    else if (kind == 'x')
        uart_hex(value);
    else
        uart_number(value);
}

static void put_event(struct log *log, enum log_event event, uint32_t a, uint32_t b, uint32_t c)
{
    const uint32_t args[] = {a, b, c};
    int next = 0;

    (void)log;
    for (const char *at = formats[event]; *at; at++) {
        if (*at == '%')
            put_argument(*++at, args[next < 2 ? next++ : next]);
        else
            uart_put(*at);
    }
    uart_text("\r\n");
}

static const struct log_ops ops = {.event = put_event};

void log_uart_init(struct log *log)
{
    log->ops = &ops;
}
