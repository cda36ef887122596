#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <json-c/json.h>

#include "sim/device/chip_monitor.h"
#include "tests/desk.h"

struct bench {
    struct desk desk;
    struct chip_monitor monitor;
    char *text;
    size_t size;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    desk_init(&bench->desk, true);
    assert_true(folder_open(&bench->desk.folder, bench->desk.path, true, bench->desk.error));
    chip_monitor_init(&bench->monitor, &bench->desk.folder);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    free(bench->text);
    folder_close(&bench->desk.folder);
    desk_free(&bench->desk);
    free(bench);
    return 0;
}

static const char *ask(struct bench *bench, const char *command)
{
    free(bench->text);
    FILE *out = open_memstream(&bench->text, &bench->size);
    chip_monitor_answer(&bench->monitor, command, out);
    fclose(out);
    return bench->text;
}

static void expect(struct bench *bench, const char *command, const char *expected)
{
    if (!strstr(ask(bench, command), expected))
        fail_msg("'%s' says '%.200s', not '%s'", command, bench->text, expected);
}

static void a_page_comes_with_wear_bytes_and_marks(void **state)
{
    struct bench *bench = *state;
    struct cells *nvm = &bench->desk.folder.nvm.cells;
    char expected[200];

    nvm->bytes[40 * 4096 + 1] = 0xAB;
    nvm->units[40].erases = 7;
    nvm->units[40].flags = CELLS_WEAK;
    snprintf(expected, sizeof expected,
             "{\"flash\":\"nvm\",\"page\":40,\"size\":4096,\"mark_size\":%u,\"erases\":7,"
             "\"flags\":1,\"bytes\":\"",
             nvm->mark_size);
    expect(bench, "flash nvm 40", expected);
    expect(bench, "flash nvm 0x28fff", expected); /* an address in it */
    struct json_object *page = json_tokener_parse(bench->text);
    const char *bytes = json_object_get_string(json_object_object_get(page, "bytes"));
    assert_int_equal(strlen(bytes), 2 * 4096);
    assert_memory_equal(bytes + 2, "ab", 2);
    const char *marks = json_object_get_string(json_object_object_get(page, "marks"));
    assert_int_equal(strlen(marks), 2 * 4096 / nvm->mark_size);
    json_object_put(page);
    expect(bench, "flash spi 1023", "\"flash\":\"spi\",\"page\":1023");
}

/* It is still to be settled by the firmware. */
static void looking_settles_nothing(void **state)
{
    struct bench *bench = *state;
    struct cells *spi = &bench->desk.folder.spi.cells;

    spi->units[0].flags = spi->units[1].flags = CELLS_WEAK;
    expect(bench, "store", "\"state\":");
    expect(bench, "flash spi 0", "\"flags\":1");
    assert_int_equal(spi->units[0].flags, CELLS_WEAK);
    assert_int_equal(spi->units[1].flags, CELLS_WEAK);
}

static void boot_control_and_store_are_what_the_device_has(void **state)
{
    struct bench *bench = *state;

    expect(bench, "boot", "\"page\":32,");
    expect(bench, "boot", "\"bytes\":\"4243544c");
    expect(bench, "store", "\"state\":\"ok\"");
    expect(bench, "store", "factory");
}

static void trace_has_operations_and_lines_in_their_order(void **state)
{
    struct bench *bench = *state;
    struct power power = {.flash = {.name = "spi"}};
    const struct power_operation operation = {
        .number = 12, .kind = POWER_ERASE, .power = &power, .offset = 0x3000, .size = 4096};

    expect(bench, "trace", "        s     op  flash  what     address    size\n");
    for (const char *at = "boot: a\r\nhalf"; *at; at++)
        chip_monitor_console(&bench->monitor, 5, (uint8_t)*at);
    chip_monitor_operation(&bench->monitor, 1500, &operation);
    expect(bench, "trace",
           "\n    0.005  boot: a\n    1.500     12  spi    erase    0x003000   4096\n");
    assert_null(strstr(bench->text, "half"));
    expect(bench, "trace 1", "size\n    1.500");
}

static void only_the_last_lines_are_kept(void **state)
{
    struct bench *bench = *state;

    for (uint32_t i = 0; i < CHIP_MONITOR_LINES + 10; i++)
        for (const char *at = "0123456789x\n"; *at; at++)
            chip_monitor_console(&bench->monitor, i, (uint8_t)*at);
    expect(bench, "trace 1000000", "size\n    0.010  0123456789x\n");
    for (uint32_t i = 0; i < 2 * CHIP_MONITOR_LINE_MAX; i++)
        chip_monitor_console(&bench->monitor, 9, 'y'); /* a line that is too long */
    chip_monitor_console(&bench->monitor, 9, '\n');
    expect(bench, "trace 1", "yyyyyyyy\n");
}

static void what_is_no_command_is_told_what_is(void **state)
{
    static const char *const usage = "monitor boot | flash nvm|spi PAGE | store | trace [N]\n";
    struct bench *bench = *state;

    assert_string_equal(ask(bench, ""), usage);
    assert_string_equal(ask(bench, "help"), usage);
    assert_string_equal(ask(bench, "flash"), usage);
    assert_string_equal(ask(bench, "flash eeprom 1"), "usage: flash nvm|spi PAGE\n");
    assert_string_equal(ask(bench, "flash nvm "), "'' is no page\n");
    assert_string_equal(ask(bench, "flash nvm -1"), "'-1' is no page\n");
    assert_string_equal(ask(bench, "flash nvm 12x"), "'12x' is no page\n");
    assert_string_equal(ask(bench, "flash nvm 256"), "nvm has pages 0 to 255\n");
    assert_string_equal(ask(bench, "flash spi 0x400000"), "spi has pages 0 to 1023\n");
    assert_string_equal(ask(bench, "trace -1"), "usage: trace [N]\n");
    assert_string_equal(ask(bench, "trace x"), "usage: trace [N]\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_page_comes_with_wear_bytes_and_marks),
        TEST(looking_settles_nothing),
        TEST(boot_control_and_store_are_what_the_device_has),
        TEST(trace_has_operations_and_lines_in_their_order),
        TEST(only_the_last_lines_are_kept),
        TEST(what_is_no_command_is_told_what_is),
    };

    return cmocka_run_group_tests_name("chip_monitor", tests, NULL, NULL);
}
