/* The target's C library functions, under other names, against this machine's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void *pic32_memcpy(void *restrict to, const void *restrict from, size_t size);
void *pic32_memmove(void *to, const void *from, size_t size);
void *pic32_memset(void *to, int value, size_t size);
int pic32_memcmp(const void *a, const void *b, size_t size);
void *pic32_memchr(const void *at, int value, size_t size);
size_t pic32_strlen(const char *text);
size_t pic32_strnlen(const char *text, size_t max);
int pic32_strcmp(const char *a, const char *b);
int pic32_strncmp(const char *a, const char *b, size_t size);
char *pic32_strcpy(char *restrict to, const char *restrict from);
char *pic32_strchr(const char *text, int wanted);
char *pic32_strrchr(const char *text, int wanted);
size_t pic32_strspn(const char *text, const char *accepted);
size_t pic32_strcspn(const char *text, const char *refused);
char *pic32_strpbrk(const char *text, const char *accepted);

#define SIZE 80

static int sign(int value)
{
    return (value > 0) - (value < 0);
}

static void fill(uint8_t *bytes)
{
    for (int i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(rand() % 4);
}

/* All alignments and sizes around words. */
static void memory_functions_do_what_they_should(void **state)
{
    uint8_t a[SIZE], b[SIZE], ours[SIZE], theirs[SIZE];

    (void)state;
    srand(3);
    for (int round = 0; round < 20000; round++) {
        size_t from = (size_t)rand() % 16, to = (size_t)rand() % 16, size = (size_t)rand() % 48;
        fill(a);
        fill(ours);
        memcpy(theirs, ours, SIZE);
        assert_ptr_equal(pic32_memcpy(ours + to, a + from, size), ours + to);
        memcpy(theirs + to, a + from, size);
        assert_memory_equal(ours, theirs, SIZE);
        assert_ptr_equal(pic32_memmove(ours + to, ours + from, size), ours + to);
        memmove(theirs + to, theirs + from, size);
        assert_memory_equal(ours, theirs, SIZE);
        assert_ptr_equal(pic32_memset(ours + to, round, size), ours + to);
        memset(theirs + to, round, size);
        assert_memory_equal(ours, theirs, SIZE);
        fill(b);
        if (round % 2)
            memcpy(b + to, a + from, size);
        if (round % 3 == 0 && size)
            b[to + (size_t)rand() % size] ^= 0x80;
        assert_int_equal(sign(pic32_memcmp(a + from, b + to, size)),
                         sign(memcmp(a + from, b + to, size)));
        assert_ptr_equal(pic32_memchr(a + from, round % 5, size),
                         memchr(a + from, round % 5, size));
    }
}

static const char *const texts[] = {"",    "a",   "b",    "ab",    "abc",
                                    "abd", "aab", "\xFF", "a\xFF", "/ota/v1"};

#define TEXT_COUNT (sizeof texts / sizeof texts[0])

static void expect_same(const char *a, const char *b)
{
    char ours[16], theirs[16];

    assert_int_equal(sign(pic32_strcmp(a, b)), sign(strcmp(a, b)));
    for (size_t size = 0; size < 9; size++) {
        assert_int_equal(sign(pic32_strncmp(a, b, size)), sign(strncmp(a, b, size)));
        assert_int_equal(pic32_strnlen(a, size), strnlen(a, size));
    }
    assert_int_equal(pic32_strspn(a, b), strspn(a, b));
    assert_int_equal(pic32_strcspn(a, b), strcspn(a, b));
    assert_ptr_equal(pic32_strpbrk(a, b), strpbrk(a, b));
    assert_ptr_equal(pic32_strchr(a, *b), strchr(a, *b));
    assert_ptr_equal(pic32_strrchr(a, *b), strrchr(a, *b));
    assert_int_equal(pic32_strlen(a), strlen(a));
    memset(ours, 7, sizeof ours);
    memset(theirs, 7, sizeof theirs);
    assert_ptr_equal(pic32_strcpy(ours, a), ours);
    strcpy(theirs, a);
    assert_memory_equal(ours, theirs, sizeof ours);
}

static void text_functions_do_what_they_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEXT_COUNT; i++)
        for (size_t k = 0; k < TEXT_COUNT; k++)
            expect_same(texts[i], texts[k]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_functions_do_what_they_should),
        cmocka_unit_test(text_functions_do_what_they_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
