#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/vocab_damage.h"

static void expect(const struct scenario_damage *damage, const char *expected)
{
    static struct scenario scenario;
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    strcpy(scenario.images[0].name, "v1");
    strcpy(scenario.images[1].name, "v2");
    assert_non_null(to);
    vocab_damage_say(&scenario, damage, to);
    fclose(to);
    assert_string_equal(text, expected);
    free(text);
}

static void damage_is_said_in_words(void **state)
{
    (void)state;
    expect(&(struct scenario_damage){.target = DAMAGE_IMAGE, .how = DAMAGE_FLIP, .image = 1},
           "the stored file of v2 has one bit flipped");
    expect(
        &(struct scenario_damage){
            .target = DAMAGE_DATABASE, .how = DAMAGE_BYTE, .at = 9, .value = 255},
        "the image database has 0xFF as byte 9");
    expect(
        &(struct scenario_damage){
            .target = DAMAGE_IMAGE, .how = DAMAGE_SWAP, .image = 1, .with = 0},
        "the stored files of v2 and v1 have changed places");
    expect(
        &(struct scenario_damage){
            .target = DAMAGE_PROGRAM_FLASH, .how = DAMAGE_SWAP, .image = -1, .with = -1},
        "the program flash has its halves the wrong way round");
    expect(&(struct scenario_damage){.target = DAMAGE_DATABASE, .how = DAMAGE_FILL, .value = 12},
           "the image database has 12 rows of images that were given up");
    expect(
        &(struct scenario_damage){
            .target = DAMAGE_IMAGE, .how = DAMAGE_ADD, .image = 1, .text = "copy.bin"},
        "somebody puts the file of v2 into the store as 'copy.bin'");
    expect(&(struct scenario_damage){.target = DAMAGE_PROGRAM_FLASH, .how = DAMAGE_PROGRAM},
           "a programmer writes the code of v1 to program flash");
}

static void fields_of_boot_control_are_said(void **state)
{
    struct scenario_damage set = {.target = DAMAGE_BOOT_CONTROL, .how = DAMAGE_SET, .value = 0x1F0};

    (void)state;
    set.field = DAMAGE_FIELD_VERSION;
    expect(&set, "the newest record of boot control has a \"version\" of 496");
    set.field = DAMAGE_FIELD_PAGE;
    expect(&set, "the boot control page begins with 0x000001F0");
    set.field = DAMAGE_FIELD_WORD;
    expect(&set, "boot control has a status word more, of status 0xF0 and trial 1");
    set.value |= 0x10000;
    expect(&set, "boot control has a status word more, of status 0xF0 and trial 1, that asks for a "
                 "factory reset");
}

/* Enums are stored as the index of their choice. */
static void every_kind_target_and_field_has_its_word(void **state)
{
    const struct vocab_choice *targets = vocab_word(&vocab_damage_object, "of")->choices;

    (void)state;
    for (int i = 0; i < DAMAGE_TARGET_COUNT; i++)
        assert_non_null(targets[i].name);
    assert_null(targets[DAMAGE_TARGET_COUNT].name);
    for (int i = 0; i < DAMAGE_HOW_COUNT; i++)
        assert_non_null(vocab_damage_how((enum damage_how)i));
    for (int i = 0; i < DAMAGE_FIELD_COUNT; i++)
        assert_non_null(vocab_damage_field((enum damage_field)i));
    assert_string_equal(vocab_damage_how(DAMAGE_BYTE), "byte");
    assert_string_equal(vocab_damage_how(DAMAGE_ADD), "add");
    assert_string_equal(vocab_damage_field(DAMAGE_FIELD_PAGE), "page");
}

static void damage_may_wait_for_a_mark(void **state)
{
    struct scenario_damage damage = {0};

    (void)state;
    vocab_word(&vocab_damage_object, "when")->set(&damage, LOG_OTA_ENTERED);
    assert_true(damage.has_mark);
    assert_int_equal(damage.mark, LOG_OTA_ENTERED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_is_said_in_words),
        cmocka_unit_test(fields_of_boot_control_are_said),
        cmocka_unit_test(every_kind_target_and_field_has_its_word),
        cmocka_unit_test(damage_may_wait_for_a_mark),
    };

    return cmocka_run_group_tests_name("vocab_damage", tests, NULL, NULL);
}
