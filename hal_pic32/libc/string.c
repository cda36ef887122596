#include <string.h>

#include <stdbool.h>
#include <stdint.h>

#define WORD  sizeof(uint32_t)
#define BLOCK (4 * WORD)

/* Words of whatever type the caller's data has. Where there are many, four at a time: a loop costs
 * as much as two of them. */
typedef uint32_t __attribute__((may_alias)) any_word;

static bool are_words(const void *a, const void *b)
{
    return (((uintptr_t)a | (uintptr_t)b) & (WORD - 1)) == 0;
}

static void copy_block(void *to, const void *from)
{
    const any_word *in = from;
    any_word *out = to;
    uint32_t first = in[0], second = in[1], third = in[2], fourth = in[3];

    out[0] = first;
    out[1] = second;
    out[2] = third;
    out[3] = fourth;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    unsigned char *out = to;
    const unsigned char *in = from;

    if (are_words(to, from)) {
        for (; size >= BLOCK; size -= BLOCK, out += BLOCK, in += BLOCK)
            copy_block(out, in);
        for (; size >= WORD; size -= WORD, out += WORD, in += WORD)
            *(any_word *)(void *)out = *(const any_word *)(const void *)in;
    }
    while (size--)
        *out++ = *in++;
    return to;
}

void *memmove(void *to, const void *from, size_t size)
{
    unsigned char *out = to;
    const unsigned char *in = from;

    if (out <= in || out >= in + size) {
        for (size_t i = 0; i < size; i++)
            out[i] = in[i];
    } else {
        while (size--)
            out[size] = in[size];
    }
    return to;
}

static void fill_block(void *to, uint32_t word)
{
    any_word *out = to;

    out[0] = word;
    out[1] = word;
    out[2] = word;
    out[3] = word;
}

void *memset(void *to, int value, size_t size)
{
    unsigned char *out = to;
    uint32_t word = (unsigned char)value * 0x01010101u;

    if (are_words(to, to)) {
        for (; size >= BLOCK; size -= BLOCK, out += BLOCK)
            fill_block(out, word);
        for (; size >= WORD; size -= WORD, out += WORD)
            *(any_word *)(void *)out = word;
    }
    while (size--)
        *out++ = (unsigned char)value;
    return to;
}

static bool is_same_block(const void *a, const void *b)
{
    const any_word *left = a, *right = b;

    return ((left[0] ^ right[0]) | (left[1] ^ right[1]) | (left[2] ^ right[2]) |
            (left[3] ^ right[3])) == 0;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *left = a, *right = b;

    if (are_words(a, b)) {
        while (size >= BLOCK && is_same_block(left, right)) {
            size -= BLOCK;
            left += BLOCK;
            right += BLOCK;
        }
    }
    for (; size; size--, left++, right++)
        if (*left != *right)
            return *left - *right;
    return 0;
}

void *memchr(const void *at, int value, size_t size)
{
    const unsigned char *in = at;

    for (; size; size--, in++)
        if (*in == (unsigned char)value)
            return (void *)(uintptr_t)in;
    return NULL;
}

size_t strlen(const char *text)
{
    const char *end = text;

    while (*end)
        end++;
    return (size_t)(end - text);
}

size_t strnlen(const char *text, size_t max)
{
    size_t size = 0;

    while (size < max && text[size])
        size++;
    return size;
}

int strcmp(const char *a, const char *b)
{
    return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t size)
{
    for (; size; size--, a++, b++)
        if (*a != *b || !*a)
            return (unsigned char)*a - (unsigned char)*b;
    return 0;
}

char *strcpy(char *restrict to, const char *restrict from)
{
    char *out = to;

    do
        *out++ = *from;
    while (*from++);
    return to;
}

char *strchr(const char *text, int wanted)
{
    for (;; text++) {
        if (*text == (char)wanted)
            return (char *)(uintptr_t)text;
        if (!*text)
            return NULL;
    }
}

char *strrchr(const char *text, int wanted)
{
    const char *last = NULL;

    for (;; text++) {
        if (*text == (char)wanted)
            last = text;
        if (!*text)
            return (char *)(uintptr_t)last;
    }
}

size_t strspn(const char *text, const char *accepted)
{
    size_t size = 0;

    while (text[size] && strchr(accepted, text[size]))
        size++;
    return size;
}

size_t strcspn(const char *text, const char *refused)
{
    size_t size = 0;

    while (text[size] && !strchr(refused, text[size]))
        size++;
    return size;
}

char *strpbrk(const char *text, const char *accepted)
{
    text += strcspn(text, accepted);
    return *text ? (char *)(uintptr_t)text : NULL;
}
