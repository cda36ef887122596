#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "sim/image/file.h"
#include "sim/report/counts.h"

static char path[] = "/tmp/test_counts.XXXXXX";
static char reason[COUNTS_REASON_SIZE];
static struct counts counts;

static int setup(void **state)
{
    (void)state;
    strcpy(path + strlen(path) - 6, "XXXXXX");
    int file = mkstemp(path);
    close(file);
    return unlink(path);
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void add(const char *name, uint64_t points, uint64_t operations)
{
    const struct explore_result result = {.points = points, .operations = operations};

    counts_add(&counts, name, &result);
}

static void record(void)
{
    assert_true(counts_open(&counts, path, true, reason));
    add("update[0,0]", 20, 300);
    add("boot", 1, 2);
    assert_int_equal(counts_write(&counts, path), 0);
    counts_close(&counts);
}

static uint32_t compare(char **ret_text)
{
    size_t size;
    FILE *out = open_memstream(ret_text, &size);
    uint32_t different = counts_compare(&counts, out);

    fclose(out);
    return different;
}

static void record_is_a_sorted_line_each(void **state)
{
    static const char expected[] = "{\n"
                                   "  \"boot\": {\"points\": 1, \"operations\": 2},\n"
                                   "  \"update[0,0]\": {\"points\": 20, \"operations\": 300}\n"
                                   "}\n";
    uint8_t *bytes;
    uint32_t size;

    (void)state;
    record();
    assert_int_equal(file_read(path, 10000, &bytes, &size), 0);
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(bytes, expected, size);
    free(bytes);
}

static void same_counts_are_silent(void **state)
{
    char *text;

    (void)state;
    record();
    assert_true(counts_open(&counts, path, false, reason));
    add("boot", 1, 2);
    assert_int_equal(compare(&text), 0);
    assert_string_equal(text, "");
    free(text);
    counts_close(&counts);
}

static void differences_are_told(void **state)
{
    char *text;

    (void)state;
    record();
    assert_true(counts_open(&counts, path, false, reason));
    add("boot", 1, 3);
    add("update[0,0]", 21, 300);
    add("rollback", 5, 6);
    assert_int_equal(compare(&text), 3);
    assert_non_null(strstr(text, "1 points, 3 operations; recorded: 1 and 2\n"));
    assert_non_null(strstr(text, "21 points, 300 operations; recorded: 20 and 300\n"));
    assert_non_null(strstr(text, "5 points, 6 operations; recorded: nothing\n"));
    free(text);
    counts_close(&counts);
}

static void update_keeps_the_others(void **state)
{
    char *text;

    (void)state;
    record();
    assert_true(counts_open(&counts, path, true, reason));
    add("boot", 9, 9);
    assert_int_equal(counts_write(&counts, path), 0);
    counts_close(&counts);
    assert_true(counts_open(&counts, path, false, reason));
    add("boot", 9, 9);
    add("update[0,0]", 20, 300);
    assert_int_equal(compare(&text), 0);
    free(text);
    counts_close(&counts);
}

static void failed_scenario_is_not_counted(void **state)
{
    const struct explore_result failed = {.verdict = EXPLORE_FAILED, .points = 7};
    char *text;

    (void)state;
    record();
    assert_true(counts_open(&counts, path, false, reason));
    counts_add(&counts, "boot", &failed);
    assert_int_equal(compare(&text), 0);
    free(text);
    counts_close(&counts);
}

static void what_is_no_record_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "[]",
        "{\"a\": 1}",
        "{\"a\": {\"points\": 1}}",
        "{\"a\": {\"points\": 1, \"operations\": -2}}",
    };

    (void)state;
    assert_false(counts_open(&counts, path, false, reason));
    assert_non_null(strstr(reason, "No such file"));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(file_write(path, texts[i], (uint32_t)strlen(texts[i])), 0);
        assert_false(counts_open(&counts, path, true, reason));
        assert_non_null(strstr(reason, "not a record of points and operations"));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(record_is_a_sorted_line_each),   TEST(same_counts_are_silent),
        TEST(differences_are_told),           TEST(update_keeps_the_others),
        TEST(failed_scenario_is_not_counted), TEST(what_is_no_record_is_refused),
    };

    return cmocka_run_group_tests_name("counts", tests, NULL, NULL);
}
