#include "hal_posix/log_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int log_text_error_at(enum log_event event)
{
    int at = 0;

    for (const char *text = event < LOG_EVENT_COUNT ? formats[event] : ""; *text; text++) {
        if (*text != '%')
            continue;
        if (*++text == 'e')
            return at;
        at++;
    }
    return -1;
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

/* --- reading --------------------------------------------------------------------------------- */

static const char *error_name(uint32_t value)
{
    return err_text((enum ota_err)value);
}

static const char *cause_name(uint32_t value)
{
    return causes[value];
}

static const char *request_name(uint32_t value)
{
    return requests[value];
}

/* The longest of count names that the text begins with. Returns its length, 0: it is none. */
static size_t take_name(const char *text, const char *(*name_of)(uint32_t), uint32_t count,
                        uint32_t *ret_value)
{
    size_t longest = 0;

    for (uint32_t i = 0; i < count; i++) {
        size_t length = strlen(name_of(i));
        if (length <= longest || strncmp(text, name_of(i), length) != 0)
            continue;
        longest = length;
        *ret_value = i;
    }
    return longest;
}

static size_t take_number(const char *text, int base, uint32_t *ret_value)
{
    char *end = NULL;
    unsigned long value = *text >= '0' && *text <= '9' ? strtoul(text, &end, base) : 0;

    *ret_value = (uint32_t)value;
    return end && value <= UINT32_MAX ? (size_t)(end - text) : 0;
}

static size_t take_argument(char kind, const char *text, uint32_t *ret_value)
{
    if (kind == 'c')
        return take_name(text, cause_name, SYSTEM_CAUSE_COUNT, ret_value);
    if (kind == 'r')
        return take_name(text, request_name, OTA_REQUEST_COUNT, ret_value);
    if (kind == 'e')
        return take_name(text, error_name, OTA_ERR_UNKNOWN + 1, ret_value);
    return take_number(text, kind == 'x' ? 16 : 10, ret_value);
}

static bool has_format(const char *text, const char *format, uint32_t ret_args[3])
{
    int next = 0;

    memset(ret_args, 0, 3 * sizeof *ret_args);
    for (; *format; format++) {
        if (*format != '%') {
            if (*text++ != *format)
                return false;
            continue;
        }
        size_t length = take_argument(*++format, text, &ret_args[next < 2 ? next++ : next]);
        if (!length)
            return false;
        text += length;
    }
    return !*text;
}

bool log_text_parse(const char *text, enum log_event *ret_event, uint32_t ret_args[3])
{
    for (uint32_t event = 0; event < LOG_EVENT_COUNT; event++)
        if (has_format(text, formats[event], ret_args)) {
            *ret_event = (enum log_event)event;
            return true;
        }
    return false;
}
