#include "core/database.h"

#include <stdbool.h>
#include <string.h>

struct cursor {
    const char *at;
    const char *end;
};

/* One field up to a comma or the end of the row, without its quotes. */
static enum ota_err take_field(struct cursor *in, char *field, uint32_t field_max)
{
    bool is_quoted = in->at < in->end && *in->at == '"';
    uint32_t size = 0;

    if (is_quoted)
        in->at++;
    for (; in->at < in->end; in->at++) {
        if (is_quoted && *in->at == '"') {
            in->at++;
            if (in->at == in->end || *in->at != '"') {
                is_quoted = false;
                break;
            }
        } else if (!is_quoted && (*in->at == ',' || *in->at == '\n')) {
            break;
        }
        if (*in->at == '\0' || *in->at == '\r')
            return OTA_ERR_CORRUPT;
        if (size + 1 == field_max)
            return OTA_ERR_LIMIT;
        field[size++] = *in->at;
    }
    field[size] = '\0';
    return is_quoted ? OTA_ERR_CORRUPT : OTA_OK;
}

static enum ota_err take_separator(struct cursor *in)
{
    if (in->at == in->end || *in->at != ',')
        return OTA_ERR_CORRUPT;
    in->at++;
    return OTA_OK;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static enum ota_err parse_hex(const char *text, uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        int high = hex_digit(text[0]);
        int low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0)
            return OTA_ERR_CORRUPT;
        bytes[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return *text ? OTA_ERR_CORRUPT : OTA_OK;
}

static enum ota_err parse_decimal(const char *text, uint32_t *ret_value)
{
    uint64_t value = 0;

    if (!*text || strlen(text) > 10)
        return OTA_ERR_CORRUPT;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return OTA_ERR_CORRUPT;
        value = value * 10 + (uint64_t)(*text - '0');
    }
    if (value == 0 || value > UINT32_MAX)
        return OTA_ERR_CORRUPT;
    *ret_value = (uint32_t)value;
    return OTA_OK;
}

static enum ota_err parse_status(const char *text, enum bootctl_status *ret_status)
{
    uint8_t value;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        text += 2;
    if (parse_hex(text, &value, 1))
        return OTA_ERR_CORRUPT;
    if (value != BOOTCTL_DOWNLOADED && value != BOOTCTL_VALID && value != BOOTCTL_DISABLED)
        return OTA_ERR_CORRUPT;
    *ret_status = (enum bootctl_status)value;
    return OTA_OK;
}

/* A file of the store's folder, and neither that folder nor another one. */
static bool is_file_name(const char *name)
{
    return name[0] && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static enum ota_err parse_row(struct cursor *in, struct database_row *row)
{
    char fields[4][2 * CRYPTO_SHA256_SIZE + 1];
    enum ota_err err = take_field(in, row->name, sizeof row->name);

    for (int i = 0; !err && i < 4; i++) {
        err = take_separator(in);
        if (!err)
            err = take_field(in, fields[i], sizeof fields[i]) ? OTA_ERR_CORRUPT : OTA_OK;
    }
    if (!err && strcmp(fields[2], "0x01") != 0)
        err = OTA_ERR_CORRUPT;
    if (!err)
        err = parse_status(fields[0], &row->status);
    if (!err)
        err = parse_decimal(fields[1], &row->version);
    if (!err)
        err = parse_hex(fields[3], row->digest, sizeof row->digest);
    if (!err && !is_file_name(row->name))
        err = OTA_ERR_CORRUPT;
    return err;
}

enum ota_err database_parse(const char *text, uint32_t size, struct database *ret_database)
{
    struct cursor in = {text, text + size};
    struct database database = {0};

    while (in.at < in.end) {
        struct database_row row;
        enum ota_err err = parse_row(&in, &row);
        if (!err && database_find(&database, row.version))
            err = OTA_ERR_CORRUPT;
        if (!err && in.at < in.end && *in.at++ != '\n')
            err = OTA_ERR_CORRUPT;
        if (!err)
            err = database_add(&database, &row) ? OTA_ERR_LIMIT : OTA_OK;
        if (err)
            return err;
    }
    *ret_database = database;
    return OTA_OK;
}

static char *put_text(char *to, const char *text)
{
    while (*text)
        *to++ = *text++;
    return to;
}

static char *put_name(char *to, const char *name)
{
    if (!strpbrk(name, "\",\n"))
        return put_text(to, name);
    *to++ = '"';
    for (; *name; name++) {
        if (*name == '"')
            *to++ = '"';
        *to++ = *name;
    }
    *to++ = '"';
    return to;
}

static char *put_hex(char *to, const uint8_t *bytes, uint32_t size, const char digits[16])
{
    for (uint32_t i = 0; i < size; i++) {
        *to++ = digits[bytes[i] >> 4];
        *to++ = digits[bytes[i] & 15];
    }
    return to;
}

static char *put_decimal(char *to, uint32_t value)
{
    char digits[10];
    int count = 0;

    do
        digits[count++] = (char)('0' + value % 10);
    while (value /= 10);
    while (count)
        *to++ = digits[--count];
    return to;
}

uint32_t database_format(const struct database *database, char ret_text[DATABASE_TEXT_MAX])
{
    char *to = ret_text;

    for (uint32_t i = 0; i < database->count; i++) {
        const struct database_row *row = &database->rows[i];
        uint8_t status = (uint8_t)row->status;

        if (i)
            *to++ = '\n';
        to = put_name(to, row->name);
        *to++ = ',';
        to = put_hex(to, &status, 1, "0123456789ABCDEF");
        *to++ = ',';
        to = put_decimal(to, row->version);
        to = put_text(to, ",0x01,");
        to = put_hex(to, row->digest, sizeof row->digest, "0123456789abcdef");
    }
    return (uint32_t)(to - ret_text);
}

struct database_row *database_find(struct database *database, uint32_t version)
{
    for (uint32_t i = 0; i < database->count; i++)
        if (database->rows[i].version == version)
            return &database->rows[i];
    return NULL;
}

struct database_row *database_find_name(struct database *database, const char *name)
{
    for (uint32_t i = 0; i < database->count; i++)
        if (strcmp(database->rows[i].name, name) == 0)
            return &database->rows[i];
    return NULL;
}

enum ota_err database_add(struct database *database, const struct database_row *row)
{
    if (database->count == DATABASE_ROWS_MAX)
        return OTA_ERR_FULL;
    database->rows[database->count++] = *row;
    return OTA_OK;
}

void database_remove(struct database *database, struct database_row *row)
{
    uint32_t index = (uint32_t)(row - database->rows);

    memmove(row, row + 1, (--database->count - index) * sizeof *row);
}
