/*
 * jsmn splits the text into tokens; everything it lets pass and we do not want is refused here: a
 * value where a key belongs, a number that is not a plain integer, an escape in a key.
 */
#include "core/manifest.h"

#include <string.h>

#define JSMN_STATIC
#define JSMN_STRICT
#include "jsmn.h"

enum key { KEY_VERSION, KEY_URL, KEY_DIGEST, KEY_ERASE, KEY_COUNT };

static const char *const key_names[KEY_COUNT] = {"version", "url", "digest", "erasever"};

struct reader {
    const char *text;
    int count;
    int next;
    jsmntok_t tokens[MANIFEST_TOKENS_MAX];
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_key(const struct reader *reader, const jsmntok_t *token, const char *name)
{
    int size = token->end - token->start;

    if ((size_t)size != strlen(name))
        return false;
    for (int i = 0; i < size; i++)
        if (lower(reader->text[token->start + i]) != name[i])
            return false;
    return true;
}

/* Past the token at next and everything in it. */
static void skip(struct reader *reader)
{
    int end = reader->tokens[reader->next++].end;

    while (reader->next < reader->count && reader->tokens[reader->next].start < end)
        reader->next++;
}

static enum ota_err read_version(const struct reader *reader, const jsmntok_t *token,
                                 uint32_t *ret_version)
{
    uint64_t value = 0;

    if (token->type != JSMN_PRIMITIVE || token->end - token->start > 10 ||
        reader->text[token->start] == '0')
        return OTA_ERR_FORMAT;
    for (int i = token->start; i < token->end; i++) {
        char c = reader->text[i];
        if (c < '0' || c > '9')
            return OTA_ERR_FORMAT;
        value = value * 10 + (uint64_t)(c - '0');
    }
    if (value > UINT32_MAX)
        return OTA_ERR_FORMAT;
    *ret_version = (uint32_t)value;
    return OTA_OK;
}

static enum ota_err read_url(const struct reader *reader, const jsmntok_t *token,
                             char ret_url[MANIFEST_URL_MAX])
{
    uint32_t size = 0;

    if (token->type != JSMN_STRING || token->start == token->end)
        return OTA_ERR_FORMAT;
    for (int i = token->start; i < token->end; i++) {
        char c = reader->text[i];
        if (c == '\\') {
            c = reader->text[++i];
            if (c != '/' && c != '\\' && c != '"')
                return OTA_ERR_FORMAT;
        }
        if (c <= ' ' || c > '~')
            return OTA_ERR_FORMAT;
        if (size + 1 == MANIFEST_URL_MAX)
            return OTA_ERR_LIMIT;
        ret_url[size++] = c;
    }
    ret_url[size] = '\0';
    return OTA_OK;
}

static int hex_digit(char c)
{
    c = lower(c);
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum ota_err read_digest(const struct reader *reader, const jsmntok_t *token,
                                uint8_t ret_digest[CRYPTO_SHA256_SIZE])
{
    const char *text = reader->text + token->start;

    if (token->type != JSMN_STRING || token->end - token->start != 2 * CRYPTO_SHA256_SIZE)
        return OTA_ERR_FORMAT;
    for (int i = 0; i < CRYPTO_SHA256_SIZE; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return OTA_ERR_FORMAT;
        ret_digest[i] = (uint8_t)(high << 4 | low);
    }
    return OTA_OK;
}

static enum ota_err read_bool(const struct reader *reader, const jsmntok_t *token, bool *ret_value)
{
    const char *text = reader->text + token->start;
    size_t size = (size_t)(token->end - token->start);

    if (token->type != JSMN_PRIMITIVE)
        return OTA_ERR_FORMAT;
    *ret_value = size == 4 && memcmp(text, "true", 4) == 0;
    return *ret_value || (size == 5 && memcmp(text, "false", 5) == 0) ? OTA_OK : OTA_ERR_FORMAT;
}

static enum ota_err read_value(struct reader *reader, enum key key, struct manifest_entry *entry)
{
    const jsmntok_t *token = &reader->tokens[reader->next++];

    switch (key) {
    case KEY_VERSION:
        return read_version(reader, token, &entry->version);
    case KEY_URL:
        return read_url(reader, token, entry->url);
    case KEY_DIGEST:
        return read_digest(reader, token, entry->digest);
    case KEY_ERASE:
        return read_bool(reader, token, &entry->is_erase);
    case KEY_COUNT:
        break;
    }
    return OTA_ERR_FORMAT;
}

/* The token at next is a key with one value behind it. */
static bool is_pair(const struct reader *reader)
{
    const jsmntok_t *token = &reader->tokens[reader->next];

    return reader->next + 1 < reader->count && token->type == JSMN_STRING && token->size == 1;
}

static enum ota_err read_entry(struct reader *reader, struct manifest_entry *entry)
{
    const jsmntok_t *object = &reader->tokens[reader->next++];
    bool has[KEY_COUNT] = {false};

    memset(entry, 0, sizeof *entry);
    if (object->type != JSMN_OBJECT)
        return OTA_ERR_FORMAT;
    for (int i = 0; i < object->size; i++) {
        int key = 0;
        if (!is_pair(reader))
            return OTA_ERR_FORMAT;
        while (key < KEY_COUNT && !is_key(reader, &reader->tokens[reader->next], key_names[key]))
            key++;
        reader->next++;
        if (key == KEY_COUNT) {
            skip(reader);
            continue;
        }
        if (has[key])
            return OTA_ERR_FORMAT;
        has[key] = true;
        enum ota_err err = read_value(reader, (enum key)key, entry);
        if (err)
            return err;
    }
    if (!has[KEY_VERSION] || (!entry->is_erase && (!has[KEY_URL] || !has[KEY_DIGEST])))
        return OTA_ERR_FORMAT;
    return OTA_OK;
}

static bool is_listed(const struct manifest *manifest, uint32_t version)
{
    for (uint32_t i = 0; i < manifest->count; i++)
        if (manifest->entries[i].version == version)
            return true;
    return false;
}

static enum ota_err read_entries(struct reader *reader, struct manifest *manifest)
{
    const jsmntok_t *array = &reader->tokens[reader->next++];

    if (array->type != JSMN_ARRAY)
        return OTA_ERR_FORMAT;
    for (int i = 0; i < array->size; i++) {
        if (manifest->count == MANIFEST_ENTRIES_MAX)
            return OTA_ERR_LIMIT;
        struct manifest_entry *entry = &manifest->entries[manifest->count];
        enum ota_err err = read_entry(reader, entry);
        if (!err && is_listed(manifest, entry->version))
            err = OTA_ERR_FORMAT;
        if (err)
            return err;
        manifest->count++;
    }
    return OTA_OK;
}

static bool is_blank(const char *text, int from, int to)
{
    for (; from < to; from++)
        if (text[from] != ' ' && text[from] != '\t' && text[from] != '\n' && text[from] != '\r')
            return false;
    return true;
}

enum ota_err manifest_parse(const char *text, uint32_t size, struct manifest *ret_manifest)
{
    struct reader reader = {.text = text};
    jsmn_parser parser;
    bool has_list = false;

    ret_manifest->count = 0;
    jsmn_init(&parser);
    reader.count = jsmn_parse(&parser, text, size, reader.tokens, MANIFEST_TOKENS_MAX);
    if (reader.count == JSMN_ERROR_NOMEM || size > MANIFEST_TEXT_MAX)
        return OTA_ERR_LIMIT;
    if (reader.count < 1 || reader.tokens[0].type != JSMN_OBJECT ||
        !is_blank(text, 0, reader.tokens[0].start) ||
        !is_blank(text, reader.tokens[0].end, (int)size))
        return OTA_ERR_FORMAT;

    reader.next = 1;
    for (int i = 0; i < reader.tokens[0].size; i++) {
        if (!is_pair(&reader))
            return OTA_ERR_FORMAT;
        bool is_list = is_key(&reader, &reader.tokens[reader.next++], "ota");
        if (is_list && has_list)
            return OTA_ERR_FORMAT;
        has_list |= is_list;
        enum ota_err err = OTA_OK;
        if (is_list)
            err = read_entries(&reader, ret_manifest);
        else
            skip(&reader);
        if (err)
            return err;
    }
    return has_list && reader.next == reader.count ? OTA_OK : OTA_ERR_FORMAT;
}
