#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/mman.h>

#include "core/database.h"

#define ROWS   10000
#define DIGEST "7451889c00112233445566778899aabbccddeeff00112233445566778899fb22"

#define PAGE_SIZE 4096

/* Two pages, of which the second cannot be read: the text ends with the first. */
static char *map_text(const char *text, size_t size, char **ret_pages)
{
    size_t room = (size + PAGE_SIZE) / PAGE_SIZE * PAGE_SIZE;
    char *pages =
        mmap(NULL, room + PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_true(pages != MAP_FAILED);
    assert_int_equal(mprotect(pages + room, PAGE_SIZE, PROT_NONE), 0);
    if (size)
        memcpy(pages + room - size, text, size);
    *ret_pages = pages;
    return pages + room - size;
}

/* Parse exactly size bytes: one more cannot be read. A failure must leave the result alone. */
static enum ota_err parse_bytes(const char *text, size_t size, struct database *ret_database)
{
    struct database untouched;
    char *pages, *copy = map_text(text, size, &pages);

    memset(&untouched, 0xA5, sizeof untouched);
    memcpy(ret_database, &untouched, sizeof untouched);
    enum ota_err err = database_parse(copy, (uint32_t)size, ret_database);
    munmap(pages, (size + PAGE_SIZE) / PAGE_SIZE * PAGE_SIZE + PAGE_SIZE);
    if (err)
        assert_memory_equal(ret_database, &untouched, sizeof untouched);
    return err;
}

static enum ota_err parse(const char *text, struct database *ret_database)
{
    return parse_bytes(text, strlen(text), ret_database);
}

static void assert_err(const char *text, enum ota_err expected)
{
    struct database database;
    enum ota_err err = parse(text, &database);

    if (err != expected)
        fail_msg("%s for: %s", err_name(err), text);
}

static struct database_row row_of(const char *name, enum bootctl_status status, uint32_t version)
{
    struct database_row row = {.status = status, .version = version};

    snprintf(row.name, sizeof row.name, "%s", name);
    for (size_t i = 0; i < sizeof row.digest; i++)
        row.digest[i] = (uint8_t)(version + 7 * i);
    return row;
}

static void assert_same_row(const struct database_row *a, const struct database_row *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->version, b->version);
    assert_memory_equal(a->digest, b->digest, sizeof a->digest);
}

static void assert_round_trip(const struct database *database)
{
    char text[DATABASE_TEXT_MAX];
    struct database back;
    uint32_t size = database_format(database, text);

    assert_in_range(size, 0, DATABASE_TEXT_MAX);
    assert_int_equal(parse_bytes(text, size, &back), OTA_OK);
    assert_int_equal(back.count, database->count);
    for (uint32_t i = 0; i < back.count; i++)
        assert_same_row(&back.rows[i], &database->rows[i]);
}

static void row_of_the_original_is_read(void **state)
{
    struct database database;

    (void)state;
    assert_int_equal(parse("wifi_ota103.bin,FE,3,0x01," DIGEST, &database), OTA_OK);
    assert_int_equal(database.count, 1);
    assert_string_equal(database.rows[0].name, "wifi_ota103.bin");
    assert_int_equal(database.rows[0].status, BOOTCTL_DOWNLOADED);
    assert_int_equal(database.rows[0].version, 3);
    assert_int_equal(database.rows[0].digest[0], 0x74);
    assert_int_equal(database.rows[0].digest[3], 0x9c);
    assert_int_equal(database.rows[0].digest[31], 0x22);
}

static void row_is_written_as_the_original_does(void **state)
{
    static const char text[] = "wifi_ota103.bin,FE,3,0x01," DIGEST "\nb.bin,F0,4,0x01," DIGEST;
    struct database database;
    char back[DATABASE_TEXT_MAX];

    (void)state;
    assert_int_equal(parse(text, &database), OTA_OK);
    assert_int_equal(database_format(&database, back), sizeof text - 1);
    assert_memory_equal(back, text, sizeof text - 1);
}

static void rows_survive_a_round_trip(void **state)
{
    static const enum bootctl_status statuses[] = {BOOTCTL_DOWNLOADED, BOOTCTL_VALID,
                                                   BOOTCTL_DISABLED};
    struct database database = {0};

    (void)state;
    assert_round_trip(&database);
    for (uint32_t i = 0; i < DATABASE_ROWS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "v%u.bin", i);
        struct database_row row = row_of(name, statuses[i % 3], i + 1);
        assert_int_equal(database_add(&database, &row), OTA_OK);
        assert_round_trip(&database);
    }
}

static void names_with_quotes_survive_a_round_trip(void **state)
{
    static const char *const names[] = {"a,b.bin", "\"a\".bin", "a\"b",  "\"", "\"\"\"",
                                        ",",       "a\nb",      " a b ", "..."};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct database database = {.count = 1};
        database.rows[0] = row_of(names[i], BOOTCTL_VALID, 5);
        assert_round_trip(&database);
    }
}

static void largest_table_fits_the_text(void **state)
{
    struct database database = {.count = DATABASE_ROWS_MAX};
    char quotes[DATABASE_NAME_MAX];

    (void)state;
    memset(quotes, '"', sizeof quotes - 1);
    quotes[sizeof quotes - 1] = '\0';
    for (uint32_t i = 0; i < DATABASE_ROWS_MAX; i++)
        database.rows[i] = row_of(quotes, BOOTCTL_DISABLED, UINT32_MAX - i);
    assert_round_trip(&database);
}

static void quotes_prefixes_and_case_are_taken(void **state)
{
    static const char *const texts[] = {
        "\"a.bin\",\"0xfe\",\"3\",\"0x01\",\"" DIGEST "\"\n",
        "a.bin,0XFE,3,0x01," DIGEST "\n",
        "a.bin,fe,3,0x01,7451889C00112233445566778899AABBCCDDEEFF00112233445566778899FB22",
    };
    struct database expected, database;

    (void)state;
    assert_int_equal(parse("a.bin,FE,3,0x01," DIGEST, &expected), OTA_OK);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(parse(texts[i], &database), OTA_OK);
        assert_int_equal(database.count, 1);
        assert_same_row(&database.rows[0], &expected.rows[0]);
    }
}

static void empty_text_is_an_empty_table(void **state)
{
    struct database database;

    (void)state;
    assert_int_equal(parse("", &database), OTA_OK);
    assert_int_equal(database.count, 0);
}

static void malformed_rows_are_corrupt(void **state)
{
    static const char *const texts[] = {
        "a",
        "\n",
        "\n\n",
        ",",
        ",,,,",
        "a,FE,3,0x01",
        "a,FE,3,0x01,",
        "a,FE,3,0x01," DIGEST ",",
        "a,FE,3,0x01," DIGEST ",x",
        "a,FE,3,0x01," DIGEST "\n\n",
        "a,FE,3,0x01," DIGEST "\r\n",
        "\na,FE,3,0x01," DIGEST,
        "a\r,FE,3,0x01," DIGEST,
        "a;FE;3;0x01;00",
        "a\tFE\t3\t0x01\t00",
        "a,FE\n,3,0x01," DIGEST,
        ",FE,3,0x01," DIGEST,
        "\"\",FE,3,0x01," DIGEST,
        "../a,FE,3,0x01," DIGEST,
        "/a,FE,3,0x01," DIGEST,
        "..,FE,3,0x01," DIGEST,
        "\".\",FE,3,0x01," DIGEST,
        "name,status,version,type,digest\na,FE,3,0x01," DIGEST,
        "\xEF\xBB\xBF\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_err(texts[i], OTA_ERR_CORRUPT);
}

/* However much there is: it is refused, and nothing of it is taken. */
static void huge_texts_are_refused(void **state)
{
    static const char row[] = "a%u.bin,FE,%u,0x01," DIGEST "\n";
    struct database database;
    char *text = malloc(ROWS * sizeof row + ROWS * 16);
    size_t size = 0;

    (void)state;
    assert_non_null(text);
    for (unsigned i = 1; i <= ROWS; i++)
        size += (size_t)sprintf(text + size, row, i, i);
    assert_int_equal(parse_bytes(text, size, &database), OTA_ERR_LIMIT);
    memset(text, 'a', 100000);
    assert_int_equal(parse_bytes(text, 100000, &database), OTA_ERR_LIMIT);
    text[0] = '"';
    assert_int_equal(parse_bytes(text, 100000, &database), OTA_ERR_LIMIT);
    memset(text, ',', 100000);
    assert_int_equal(parse_bytes(text, 100000, &database), OTA_ERR_CORRUPT);
    free(text);
}

static void unknown_status_is_corrupt(void **state)
{
    static const char *const statuses[] = {"",    "F",   "FEE", "FF",  "FC",    "00",
                                           "0x",  "x",   "GE",  "0xF", " FE",   "-2",
                                           "0xx", "254", "F E", "FE ", "0x0xFE"};
    char text[200];

    (void)state;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        snprintf(text, sizeof text, "a,%s,3,0x01,%s", statuses[i], DIGEST);
        assert_err(text, OTA_ERR_CORRUPT);
    }
}

static void unknown_type_is_corrupt(void **state)
{
    static const char *const types[] = {"", "0x03", "0x02", "2", "x", "0x011", "0x01 "};
    char text[200];

    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        snprintf(text, sizeof text, "a,FE,3,%s,%s", types[i], DIGEST);
        assert_err(text, OTA_ERR_CORRUPT);
    }
}

static void versions_are_decimal_and_fit(void **state)
{
    static const uint32_t good[] = {1, 9, 10, 99, 100, 1000, 2147483648u, 4294967295u};
    static const char *const bad[] = {"",
                                      "0",
                                      "00",
                                      "-1",
                                      "+1",
                                      "0x3",
                                      "3.0",
                                      " 3",
                                      "3 ",
                                      "1e3",
                                      "v3",
                                      "4294967296",
                                      "9999999999",
                                      "18446744073709551619",
                                      "99999999999999999999"};
    struct database database;
    char text[200];

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(text, sizeof text, "a,FE,%u,0x01,%s", good[i], DIGEST);
        assert_int_equal(parse(text, &database), OTA_OK);
        assert_int_equal(database.rows[0].version, good[i]);
        assert_round_trip(&database);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(text, sizeof text, "a,FE,%s,0x01,%s", bad[i], DIGEST);
        assert_err(text, OTA_ERR_CORRUPT);
    }
}

static void wrong_digests_are_corrupt(void **state)
{
    char text[200];

    (void)state;
    for (int size = 0; size < 64; size++) {
        snprintf(text, sizeof text, "a,FE,3,0x01,%.*s", size, DIGEST);
        assert_err(text, OTA_ERR_CORRUPT);
        snprintf(text, sizeof text, "a,FE,3,0x01,%s", DIGEST);
        text[strlen(text) - 1 - (size_t)size] = 'g';
        assert_err(text, OTA_ERR_CORRUPT);
    }
}

/* OTA_ERR_LIMIT is for rows and names; nothing else has a length to be short of room for. */
static void overlong_fields_are_corrupt(void **state)
{
    (void)state;
    assert_err("a,FE,3,0x01," DIGEST "0", OTA_ERR_CORRUPT);
    assert_err("a,FE,3,0x01," DIGEST " ", OTA_ERR_CORRUPT);
    assert_err("a,FE," DIGEST "00,0x01," DIGEST, OTA_ERR_CORRUPT);
    assert_err("a," DIGEST "00,3,0x01," DIGEST, OTA_ERR_CORRUPT);
    assert_err("a,FE,3," DIGEST "00," DIGEST, OTA_ERR_CORRUPT);
}

static void one_version_twice_is_corrupt(void **state)
{
    (void)state;
    assert_err("a,FE,3,0x01," DIGEST "\nb,F8,3,0x01," DIGEST, OTA_ERR_CORRUPT);
    assert_err("a,FE,3,0x01," DIGEST "\nb,F8,4,0x01," DIGEST "\nc,F8,03,0x01," DIGEST,
               OTA_ERR_CORRUPT);
}

static void quote_that_never_ends_is_corrupt(void **state)
{
    (void)state;
    assert_err("\"", OTA_ERR_CORRUPT);
    assert_err("\"\"\"", OTA_ERR_CORRUPT);
    assert_err("\"a,FE,3,0x01", OTA_ERR_CORRUPT);
    assert_err("a,FE,3,0x01,\"" DIGEST, OTA_ERR_CORRUPT);
    assert_err("\"a\"b,FE,3,0x01," DIGEST, OTA_ERR_CORRUPT);
}

static void nul_bytes_are_corrupt(void **state)
{
    static const char text[] = "\"a.bin\",FE,3,0x01," DIGEST "\n";
    char damaged[sizeof text];
    struct database database;

    (void)state;
    for (size_t i = 0; i < sizeof text - 2; i++) {
        memcpy(damaged, text, sizeof text);
        damaged[i] = '\0';
        assert_int_equal(parse_bytes(damaged, sizeof text - 1, &database), OTA_ERR_CORRUPT);
    }
    assert_int_equal(parse_bytes("\0", 1, &database), OTA_ERR_CORRUPT);
}

static void every_prefix_of_a_table_is_refused_or_a_table(void **state)
{
    static const char text[] = "\"a.bin\",FE,3,0x01," DIGEST "\nb,F8,12,0x01," DIGEST "\n";
    size_t row_size = (size_t)(strchr(text, '\n') - text);
    struct database database;

    (void)state;
    for (size_t size = 1; size < sizeof text - 2; size++) {
        enum ota_err err = parse_bytes(text, size, &database);
        bool is_row = size == row_size || size == row_size + 1;
        assert_int_equal(err, is_row ? OTA_OK : OTA_ERR_CORRUPT);
    }
}

static void damaged_bytes_never_go_out_of_bounds(void **state)
{
    static const char text[] = "\"a.bin\",FE,3,0x01," DIGEST "\nb,F8,12,0x01," DIGEST "\n";
    char damaged[sizeof text];
    struct database database;

    (void)state;
    for (size_t i = 0; i < sizeof text - 1; i++) {
        for (int byte = 0; byte < 256; byte++) {
            memcpy(damaged, text, sizeof text);
            damaged[i] = (char)byte;
            if (parse_bytes(damaged, sizeof text - 1, &database) == OTA_OK)
                assert_round_trip(&database);
        }
    }
}

static void longer_names_than_there_is_room_for_are_a_limit(void **state)
{
    struct database database;
    char text[300];

    (void)state;
    for (int size = 1; size < 80; size++) {
        bool fits = size < DATABASE_NAME_MAX;
        snprintf(text, sizeof text, "%0*d,FE,3,0x01,%s", size, 0, DIGEST);
        assert_int_equal(parse(text, &database), fits ? OTA_OK : OTA_ERR_LIMIT);
        snprintf(text, sizeof text, "\"%0*d\",FE,3,0x01,%s", size, 0, DIGEST);
        assert_int_equal(parse(text, &database), fits ? OTA_OK : OTA_ERR_LIMIT);
    }
}

static void more_rows_than_there_is_room_for_are_a_limit(void **state)
{
    static const uint32_t counts[] = {DATABASE_ROWS_MAX, DATABASE_ROWS_MAX + 1, 10000};
    struct database database;

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        char *text = malloc(counts[i] * 100 + 1);
        size_t size = 0;
        assert_non_null(text);
        for (uint32_t row = 1; row <= counts[i]; row++)
            size += (size_t)sprintf(text + size, "v%u.bin,FE,%u,0x01,%s\n", row, row, DIGEST);
        enum ota_err err = parse_bytes(text, size, &database);
        free(text);
        assert_int_equal(err, counts[i] <= DATABASE_ROWS_MAX ? OTA_OK : OTA_ERR_LIMIT);
    }
}

static void rows_are_found_by_version_and_name(void **state)
{
    struct database database = {0};

    (void)state;
    assert_null(database_find(&database, 0));
    assert_null(database_find_name(&database, ""));
    for (uint32_t version = 1; version <= 3; version++) {
        struct database_row row =
            row_of((const char *[]){"", "a", "b", "ab"}[version], BOOTCTL_VALID, version);
        assert_int_equal(database_add(&database, &row), OTA_OK);
    }
    assert_ptr_equal(database_find(&database, 2), &database.rows[1]);
    assert_ptr_equal(database_find_name(&database, "ab"), &database.rows[2]);
    assert_null(database_find(&database, 4));
    assert_null(database_find_name(&database, "B"));
    assert_null(database_find_name(&database, ""));
}

static void removed_row_leaves_the_others_in_order(void **state)
{
    (void)state;
    for (uint32_t removed = 0; removed < DATABASE_ROWS_MAX; removed++) {
        struct database database = {.count = DATABASE_ROWS_MAX};
        for (uint32_t i = 0; i < DATABASE_ROWS_MAX; i++)
            database.rows[i] = row_of("a", BOOTCTL_VALID, i + 1);
        database_remove(&database, &database.rows[removed]);
        assert_int_equal(database.count, DATABASE_ROWS_MAX - 1);
        for (uint32_t i = 0; i < database.count; i++)
            assert_int_equal(database.rows[i].version, i + 1 + (i >= removed));
    }
}

static void full_table_refuses_a_row(void **state)
{
    struct database database = {.count = DATABASE_ROWS_MAX};
    struct database_row row = row_of("a", BOOTCTL_VALID, 1);

    (void)state;
    assert_int_equal(database_add(&database, &row), OTA_ERR_FULL);
    assert_int_equal(database.count, DATABASE_ROWS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_of_the_original_is_read),
        cmocka_unit_test(row_is_written_as_the_original_does),
        cmocka_unit_test(rows_survive_a_round_trip),
        cmocka_unit_test(names_with_quotes_survive_a_round_trip),
        cmocka_unit_test(largest_table_fits_the_text),
        cmocka_unit_test(quotes_prefixes_and_case_are_taken),
        cmocka_unit_test(empty_text_is_an_empty_table),
        cmocka_unit_test(malformed_rows_are_corrupt),
        cmocka_unit_test(huge_texts_are_refused),
        cmocka_unit_test(unknown_status_is_corrupt),
        cmocka_unit_test(unknown_type_is_corrupt),
        cmocka_unit_test(versions_are_decimal_and_fit),
        cmocka_unit_test(wrong_digests_are_corrupt),
        cmocka_unit_test(overlong_fields_are_corrupt),
        cmocka_unit_test(one_version_twice_is_corrupt),
        cmocka_unit_test(quote_that_never_ends_is_corrupt),
        cmocka_unit_test(nul_bytes_are_corrupt),
        cmocka_unit_test(every_prefix_of_a_table_is_refused_or_a_table),
        cmocka_unit_test(damaged_bytes_never_go_out_of_bounds),
        cmocka_unit_test(longer_names_than_there_is_room_for_are_a_limit),
        cmocka_unit_test(more_rows_than_there_is_room_for_are_a_limit),
        cmocka_unit_test(rows_are_found_by_version_and_name),
        cmocka_unit_test(removed_row_leaves_the_others_in_order),
        cmocka_unit_test(full_table_refuses_a_row),
    };

    return cmocka_run_group_tests_name("database", tests, NULL, NULL);
}
