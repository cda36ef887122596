/*
 * Method. strict_scan() makes the nodes. Keys that stand twice are found afterwards: all members
 * sorted by object and hash of the decoded key, so that twins are neighbours and 100 000 keys cost
 * no more than a sort.
 */
#include "sim/scenario/locate.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/strict.h"

void locate_position(const char *text, size_t size, uint32_t at, uint32_t *ret_line,
                     uint32_t *ret_column)
{
    uint32_t line = 1, start = 0;

    for (uint32_t i = 0; i < at && i < size; i++)
        if (text[i] == '\n') {
            line++;
            start = i + 1;
        }
    *ret_line = line;
    *ret_column = at - start + 1;
}

static uint32_t encode(uint32_t c, char ret_bytes[4])
{
    uint32_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint32_t marks[] = {0, 0, 0xC0, 0xE0, 0xF0};

    for (uint32_t i = length - 1; i > 0; i--, c >>= 6)
        ret_bytes[i] = (char)(0x80 | (c & 0x3F));
    ret_bytes[0] = (char)(marks[length] | c);
    return length;
}

bool locate_key(const struct locate *locate, uint32_t node, char *ret_key, size_t size)
{
    const struct locate_node *member = &locate->nodes[node];
    const char *at = locate->text + member->key_at + 1;
    const char *end = locate->text + member->key_end - 1;
    size_t used = 0;
    char bytes[4];

    ret_key[0] = '\0';
    if (member->key_end == 0)
        return false;
    while (at < end) {
        uint32_t length = encode(strict_character(&at), bytes);
        if (used + length >= size)
            break;
        memcpy(ret_key + used, bytes, length);
        used += length;
        ret_key[used] = '\0';
        if (at == end)
            return true;
    }
    return at == end && used == 0;
}

static uint32_t key_hash(const struct locate *locate, uint32_t node)
{
    const struct locate_node *member = &locate->nodes[node];
    const char *at = locate->text + member->key_at + 1;
    const char *end = locate->text + member->key_end - 1;
    uint32_t hash = 2166136261u;

    while (at < end)
        hash = (hash ^ strict_character(&at)) * 16777619u;
    return hash;
}

static int compare_keys(const struct locate *locate, uint32_t left, uint32_t right)
{
    const struct locate_node *a = &locate->nodes[left], *b = &locate->nodes[right];
    const char *a_at = locate->text + a->key_at + 1, *a_end = locate->text + a->key_end - 1;
    const char *b_at = locate->text + b->key_at + 1, *b_end = locate->text + b->key_end - 1;

    while (a_at < a_end && b_at < b_end) {
        uint32_t a_char = strict_character(&a_at), b_char = strict_character(&b_at);
        if (a_char != b_char)
            return a_char < b_char ? -1 : 1;
    }
    return (a_at < a_end) - (b_at < b_end);
}

struct member {
    uint32_t parent, hash, node;
    const struct locate *locate;
};

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;
    int order;

    if (a->parent != b->parent)
        return a->parent < b->parent ? -1 : 1;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    order = compare_keys(a->locate, a->node, b->node);
    return order ? order : (a->node > b->node) - (a->node < b->node);
}

/* false: no memory. */
static bool find_twins(struct locate *locate)
{
    struct member *members = malloc((locate->count + 1) * sizeof *members);
    uint32_t count = 0;

    if (!members)
        return false;
    for (uint32_t i = 0; i < locate->count; i++)
        if (locate->nodes[i].key_end)
            members[count++] =
                (struct member){locate->nodes[i].parent, key_hash(locate, i), i, locate};
    qsort(members, count, sizeof *members, compare_members);
    for (uint32_t i = 1; i < count; i++) {
        const struct member *a = &members[i - 1], *b = &members[i];
        if (a->parent == b->parent && a->hash == b->hash &&
            compare_keys(locate, a->node, b->node) == 0)
            locate->nodes[b->node].twin = a->node;
    }
    free(members);
    return true;
}

enum locate_result locate_scan(const char *text, size_t size, struct locate *ret_locate,
                               struct locate_fault *ret_fault)
{
    struct locate locate;
    enum locate_result result = strict_scan(text, size, &locate, ret_fault);

    if (result == LOCATE_OK && !find_twins(&locate)) {
        locate_free(&locate);
        result = LOCATE_NO_MEMORY;
    }
    if (result == LOCATE_OK)
        *ret_locate = locate;
    return result;
}

void locate_free(struct locate *locate)
{
    free(locate->nodes);
    *locate = (struct locate){0};
}

uint32_t locate_member(const struct locate *locate, uint32_t node, const char *key)
{
    uint32_t found = LOCATE_NONE;
    char name[256];

    if (locate->text[locate->nodes[node].value_at] != '{')
        return LOCATE_NONE;
    for (uint32_t i = locate->nodes[node].first; i != LOCATE_NONE; i = locate->nodes[i].next)
        if (locate_key(locate, i, name, sizeof name) && strcmp(name, key) == 0)
            found = i;
    return found;
}

uint32_t locate_element(const struct locate *locate, uint32_t node, uint32_t index)
{
    if (locate->text[locate->nodes[node].value_at] != '[')
        return LOCATE_NONE;
    uint32_t i = locate->nodes[node].first;
    while (i != LOCATE_NONE && index--)
        i = locate->nodes[i].next;
    return i;
}

/* Decodes "~1" and "~0" of one token; returns where the next begins. */
static const char *read_token(const char *pointer, char *token, size_t size)
{
    size_t used = 0;

    for (; *pointer && *pointer != '/'; pointer++) {
        char c = *pointer;
        if (c == '~' && (pointer[1] == '0' || pointer[1] == '1'))
            c = *++pointer == '0' ? '~' : '/';
        if (used + 1 < size)
            token[used++] = c;
    }
    token[used] = '\0';
    return pointer;
}

uint32_t locate_find(const struct locate *locate, const char *pointer)
{
    uint32_t node = 0;
    char token[256];

    while (*pointer == '/' && node != LOCATE_NONE) {
        pointer = read_token(pointer + 1, token, sizeof token);
        if (locate->text[locate->nodes[node].value_at] == '{') {
            node = locate_member(locate, node, token);
        } else {
            char *end;
            unsigned long index = strtoul(token, &end, 10);
            bool is_index = isdigit((unsigned char)token[0]) && !*end && index < LOCATE_NONE;
            node = is_index ? locate_element(locate, node, (uint32_t)index) : LOCATE_NONE;
        }
    }
    return *pointer ? LOCATE_NONE : node;
}

/* "/key" or "/index" of one node. */
static void format_token(const struct locate *locate, uint32_t node, char *to, size_t size)
{
    char key[64];
    size_t used = 1;

    to[0] = '/';
    if (locate->nodes[node].key_end == 0) {
        uint32_t parent = locate->nodes[node].parent, index = 0;
        for (uint32_t i = locate->nodes[parent].first; i != node; i = locate->nodes[i].next)
            index++;
        snprintf(to, size, "/%u", index);
        return;
    }
    bool is_whole = locate_key(locate, node, key, sizeof key);
    for (const char *at = key; *at && used + 6 < size; at++) {
        bool is_special = *at == '~' || *at == '/';
        if (is_special)
            to[used++] = '~';
        to[used++] = *at == '~' ? '0' : *at == '/' ? '1' : *at;
    }
    snprintf(to + used, size - used, "%s", is_whole ? "" : "...");
}

void locate_pointer(const struct locate *locate, uint32_t node, char *ret_pointer, size_t size)
{
    uint32_t path[LOCATE_DEPTH_MAX + 1], depth = 0;
    char token[144];
    size_t used = 0;

    for (; locate->nodes[node].parent != LOCATE_NONE; node = locate->nodes[node].parent)
        path[depth++] = node;
    ret_pointer[0] = '\0';
    while (depth--) {
        format_token(locate, path[depth], token, sizeof token);
        int length = snprintf(ret_pointer + used, size - used, "%s", token);
        if ((size_t)length >= size - used) {
            if (size > 4)
                memcpy(ret_pointer + size - 4, "...", 4);
            return;
        }
        used += (size_t)length;
    }
}
