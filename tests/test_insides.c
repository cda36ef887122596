#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/mount/insides.h"
#include "tests/desk.h"

struct bench {
    struct desk desk;
    struct insides insides;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    desk_init(&bench->desk, true);
    assert_true(insides_open(&bench->insides, bench->desk.path, bench->desk.error));
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    insides_close(&bench->insides);
    desk_free(&bench->desk);
    free(bench);
    return 0;
}

static void keep_line(void *context, const char *line)
{
    strcpy(context, line);
}

static const char *state_of(struct insides *insides)
{
    struct json_object *control = json_object_object_get(insides_survey(insides), "boot_control");

    return json_object_get_string(json_object_object_get(control, "state"));
}

static void poke_obeys_no_rule_of_the_flash(void **state)
{
    struct bench *bench = *state;
    struct cells *nvm = &bench->insides.folder.nvm.cells;
    const uint8_t ones[4] = {0xFF, 0xFF, 0xFF, 0xFF};

    nvm->bytes[0x30000] = 0;
    nvm->marks[0x30000 / nvm->mark_size] = CELLS_PROGRAMMED | CELLS_TORN;
    insides_poke(&bench->insides, nvm, 0x30000, "\x12\x34", 2);
    assert_memory_equal(nvm->bytes + 0x30000, "\x12\x34", 2);
    assert_int_equal(nvm->marks[0x30000 / nvm->mark_size], CELLS_PROGRAMMED);
    insides_poke(&bench->insides, nvm, 0x30000, ones, 4);
    memset(nvm->bytes + 0x30000, 0xFF, nvm->mark_size);
    insides_poke(&bench->insides, nvm, 0x30001, ones, 1);
    assert_int_equal(nvm->marks[0x30000 / nvm->mark_size], 0);
}

static void survey_is_made_anew_after_a_change(void **state)
{
    struct bench *bench = *state;
    struct insides *insides = &bench->insides;
    uint32_t offset = layout_mzw1.bootctl_offset;
    uint8_t zero[16 * BOOTCTL_SLOT_SIZE] = {0};

    assert_string_equal(state_of(insides), "ok");
    insides_poke(insides, &insides->folder.nvm.cells, offset, zero, sizeof zero);
    assert_string_equal(state_of(insides), "corrupt");
}

static void change_is_told_in_a_line(void **state)
{
    struct bench *bench = *state;
    char line[400];

    bench->insides.changed = keep_line;
    bench->insides.context = line;
    insides_note(&bench->insides, "page %d poked", 4);
    assert_string_equal(line, "page 4 poked");
}

static void device_is_held_and_missing_one_is_told(void **state)
{
    struct bench *bench = *state;
    struct folder other;
    struct insides none;

    assert_false(folder_open(&other, bench->desk.path, false, bench->desk.error));
    assert_false(insides_open(&none, "/no/such/device", bench->desk.error));
    assert_string_equal(bench->desk.error, "/no/such/device: No such file or directory");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(poke_obeys_no_rule_of_the_flash),
        TEST(survey_is_made_anew_after_a_change),
        TEST(change_is_told_in_a_line),
        TEST(device_is_held_and_missing_one_is_told),
    };

    return cmocka_run_group_tests_name("insides", tests, NULL, NULL);
}
