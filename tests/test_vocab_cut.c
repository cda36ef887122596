#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/vocab_cut.h"

/* Sets are stored as bits by the index of their choice. */
static void phases_and_moments_stand_in_the_order_of_their_enums(void **state)
{
    const struct vocab_choice *moments = vocab_word(&vocab_cut_object, "moments")->choices;

    (void)state;
    for (int i = 0; i < PHASE_COUNT; i++)
        assert_string_equal(vocab_cut_phases[i].name, device_phase_name((enum device_phase)i));
    assert_string_equal(vocab_cut_phases[PHASE_COUNT].name, VOCAB_ANY);
    for (int i = 0; i < POWER_MOMENT_COUNT; i++)
        assert_string_equal(moments[i].name, scenario_moment_name((enum power_moment)i));
    assert_string_equal(moments[POWER_MOMENT_COUNT].name, VOCAB_ANY);
}

static void place_is_a_number_an_address_or_every_operation(void **state)
{
    const struct vocab_word *at = vocab_word(&vocab_cut_object, "at");
    struct scenario_cut cut = {0};

    (void)state;
    at->set(&cut, 7);
    assert_true(!cut.is_every && !cut.has_place && cut.number == 7);
    at->set(&cut, 0);
    assert_true(cut.is_every && !cut.has_place);
    at->set(&cut, VOCAB_ADDRESS | 0x21400);
    assert_true(!cut.is_every && cut.has_place && cut.place == 0x21400);
}

static void flash_is_one_or_both(void **state)
{
    const struct vocab_word *flash = vocab_word(&vocab_cut_object, "flash");
    struct scenario_cut cut = {0};

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        flash->set(&cut, i);
        assert_int_equal(cut.on_nvm, strcmp(flash->choices[i].name, "spi") != 0);
        assert_int_equal(cut.on_spi, strcmp(flash->choices[i].name, "nvm") != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_and_moments_stand_in_the_order_of_their_enums),
        cmocka_unit_test(place_is_a_number_an_address_or_every_operation),
        cmocka_unit_test(flash_is_one_or_both),
    };

    return cmocka_run_group_tests_name("vocab_cut", tests, NULL, NULL);
}
