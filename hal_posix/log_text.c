#include "hal_posix/log_text.h"

#include <stdio.h>

#include "core/err.h"
#include "core/ota.h"
#include "core/system.h"

static const char *const formats[] = {
#define X(name, text) text,
    LOG_EVENT_LIST(X)
#undef X
};

static const char *const names[] = {
#define X(name, text) #name,
    LOG_EVENT_LIST(X)
#undef X
};

const char *log_text_name(enum log_event event)
{
    return event < LOG_EVENT_COUNT ? names[event] : "UNKNOWN";
}

static const char *const causes[SYSTEM_CAUSE_COUNT] = {
    "power-on",
    "a software reset",
    "the watchdog",
    "the reset pin",
};

static const char *const requests[OTA_REQUEST_COUNT] = {
    "nothing", "check", "download", "reset", "abort", "rollback", "factory reset", "erase",
};

static int put_argument(char kind, uint32_t value, char *to, size_t size)
{
    if (kind == 'c')
        return snprintf(to, size, "%s", value < SYSTEM_CAUSE_COUNT ? causes[value] : "?");
    if (kind == 'r')
        return snprintf(to, size, "%s", value < OTA_REQUEST_COUNT ? requests[value] : "?");
    if (kind == 'e')
        return snprintf(to, size, "%s", err_text((enum ota_err)value));
    return snprintf(to, size, kind == 'x' ? "0x%X" : "%u", value);
}

void log_text_format(enum log_event event, const uint32_t args[3], char *ret_text, size_t size)
{
    size_t used = 0;
    int next = 0;

    if (event >= LOG_EVENT_COUNT) {
        snprintf(ret_text, size, "event %u", event);
        return;
    }
    for (const char *at = formats[event]; *at && used + 1 < size; at++) {
        if (*at != '%') {
            ret_text[used++] = *at;
            continue;
        }
        int written =
            put_argument(*++at, args[next < 2 ? next++ : next], ret_text + used, size - used);
        used += (size_t)written;
    }
    ret_text[used < size ? used : size - 1] = '\0';
}
