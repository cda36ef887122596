#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/device/picture.h"
#include "tests/desk.h"

static int setup(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);

    desk_init(desk, true);
    assert_true(folder_open(&desk->folder, desk->path, false, desk->error));
    *state = desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;

    folder_close(&desk->folder);
    desk_free(desk);
    free(desk);
    return 0;
}

/* What the map of nvm looks like; the caller frees it. */
static char *draw(struct desk *desk, const struct picture_style *style)
{
    struct owners owners;
    size_t size;
    char *text;
    FILE *out = open_memstream(&text, &size);

    owners_find(&owners, &desk->folder.nvm.cells, &desk->folder.spi.cells, &layout_mzw1);
    picture_map(&owners, owners.nvm, &desk->folder.nvm.cells, style, out);
    fclose(out);
    return text;
}

static size_t longest_line(const char *text)
{
    size_t longest = 0;

    for (; *text; text += strcspn(text, "\n") + 1)
        if (strcspn(text, "\n") > longest)
            longest = strcspn(text, "\n");
    return longest;
}

static void map_is_as_wide_as_the_terminal_allows(void **state)
{
    static const struct {
        uint32_t width;
        const char *second_row;
    } widths[] = {{30, "0x010000 ."}, {44, "0x020000 CA"}, {80, "0x040000 ."}, {200, "0x080000 ."}};

    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        struct picture_style style = {.width = widths[i].width};
        char *text = draw(*state, &style);
        if (!strstr(text, widths[i].second_row))
            fail_msg("%u columns: %s", widths[i].width, text);
        if (widths[i].width >= 80)
            assert_in_range(longest_line(text), 40, widths[i].width);
        free(text);
    }
}

static void colour_and_unicode_are_as_asked(void **state)
{
    struct picture_style style = {.width = 80};
    char *text = draw(*state, &style);

    assert_null(strstr(text, "\033["));
    assert_non_null(strstr(text, "C boot control                 4 KiB"));
    free(text);
    style.has_colour = style.is_unicode = true;
    text = draw(*state, &style);
    assert_non_null(strstr(text, "\033[33m◆\033[0m boot control"));
    free(text);
}

static void torn_words_are_seen(void **state)
{
    struct desk *desk = *state;
    const struct picture_style style = {.width = 80};

    desk->folder.nvm.cells.marks[0x21008 / 8] |= CELLS_TORN;
    char *text = draw(desk, &style);
    assert_non_null(strstr(text, "C!A"));
    assert_non_null(strstr(text, "! torn or weak                 1"));
    free(text);
}

static void assert_tells(const char *survey, const char *expected)
{
    struct json_object *object = json_tokener_parse(survey);
    size_t size;
    char *text;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(object);
    picture_story(object, out);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
    json_object_put(object);
}

#define STORE ",\"store\":{\"database\":{\"state\":\"ok\",\"rows\":["
#define FLASH ",\"program_flash\":{\"state\":\"verified\",\"version\":2}"

static void boot_control_is_told_as_a_story(void **state)
{
    (void)state;
    assert_tells("{\"boot_control\":{\"state\":\"ok\",\"version\":2,\"status\":\"unbooted\","
                 "\"trials\":1}" FLASH STORE "]}}}",
                 "v2 installed, 1 of 3 trial boots used, not confirmed yet.\n");
    assert_tells(
        "{\"boot_control\":{\"state\":\"ok\",\"version\":2,\"status\":\"valid\"}" FLASH STORE
        "{\"version\":3,\"status\":\"downloaded\"}]}}}",
        "v2 installed and confirmed.\nv3 in the store is downloaded.\n");
    assert_tells("{\"boot_control\":{\"state\":\"blank\"},\"program_flash\":{\"state\":\"?\"},"
                 "\"store\":{\"state\":\"does not mount\"}}",
                 "No boot control record: the page is blank.\n"
                 "What program flash holds does not verify: ?.\n"
                 "The image store does not mount.\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(map_is_as_wide_as_the_terminal_allows),
        TEST(colour_and_unicode_are_as_asked),
        TEST(torn_words_are_seen),
        TEST(boot_control_is_told_as_a_story),
    };

    return cmocka_run_group_tests_name("picture", tests, NULL, NULL);
}
