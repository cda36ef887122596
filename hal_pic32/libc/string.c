#include <string.h>

#include <stdbool.h>
#include <stdint.h>

#define WORD sizeof(uint32_t)

/* Words of whatever type the caller's data has. */
typedef uint32_t __attribute__((may_alias)) any_word;

static bool are_words(const void *a, const void *b)
{
    return (((uintptr_t)a | (uintptr_t)b) & (WORD - 1)) == 0;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    unsigned char *out = to;
    const unsigned char *in = from;

    if (are_words(to, from)) {
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

void *memset(void *to, int value, size_t size)
{
    unsigned char *out = to;
    uint32_t word = (unsigned char)value * 0x01010101u;

    if (are_words(to, to)) {
        for (; size >= WORD; size -= WORD, out += WORD)
            *(any_word *)(void *)out = word;
    }
    while (size--)
        *out++ = (unsigned char)value;
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const unsigned char *left = a, *right = b;

    if (are_words(a, b)) {
        while (size >= WORD &&
               *(const any_word *)(const void *)left == *(const any_word *)(const void *)right) {
            size -= WORD;
            left += WORD;
            right += WORD;
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
