#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/vocab_flash.h"

static void expect(const struct scenario_flash_fault *fault, const char *expected)
{
    static struct scenario scenario;
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    strcpy(scenario.images[1].name, "v2");
    assert_non_null(to);
    vocab_flash_say(&scenario, fault, to);
    fclose(to);
    assert_string_equal(text, expected);
    free(text);
}

static void faults_are_said_in_words(void **state)
{
    (void)state;
    expect(&(struct scenario_flash_fault){.place = FLASH_PLACE_BOOT_CONTROL,
                                          .kind = FLASH_FAULT_REFUSE},
           "programs and erases of the boot control page fail");
    expect(
        &(struct scenario_flash_fault){
            .place = FLASH_PLACE_IMAGE, .image = 1, .kind = FLASH_FAULT_LIE, .times = 1},
        "reads of the stored file of v2 have a wrong bit, 1 time");
    expect(
        &(struct scenario_flash_fault){
            .place = FLASH_PLACE_STORE, .kind = FLASH_FAULT_UNREADABLE, .times = 3, .skip = 2},
        "reads of the external flash fail, 3 times after 2 that go well");
    expect(&(struct scenario_flash_fault){.place = FLASH_PLACE_PROGRAM_FLASH,
                                          .kind = FLASH_FAULT_LOSE,
                                          .skip = 1},
           "programs of the program flash do not hold after 1 that goes well");
}

/* Enums are stored as the index of their choice. */
static void every_kind_and_place_has_its_word(void **state)
{
    const struct vocab_choice *kinds = vocab_word(&vocab_flash_fault_object, "do")->choices;
    const struct vocab_choice *places = vocab_word(&vocab_flash_fault_object, "of")->choices;

    (void)state;
    for (int i = 0; i < FLASH_FAULT_KIND_COUNT; i++)
        assert_true(strlen(kinds[i].name) > 2 && strlen(kinds[i].text) > 10);
    assert_null(kinds[FLASH_FAULT_KIND_COUNT].name);
    for (int i = 0; i < FLASH_PLACE_COUNT; i++)
        assert_true(strlen(places[i].name) > 2 && strlen(places[i].text) > 10);
    assert_null(places[FLASH_PLACE_COUNT].name);
    assert_string_equal(kinds[FLASH_FAULT_UNREADABLE].name, "unreadable");
    assert_string_equal(places[FLASH_PLACE_IMAGE].name, "image");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_said_in_words),
        cmocka_unit_test(every_kind_and_place_has_its_word),
    };

    return cmocka_run_group_tests_name("vocab_flash", tests, NULL, NULL);
}
