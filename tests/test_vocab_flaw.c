#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/vocab_flaw.h"

/* Enums are stored as the index of their choice. */
static void every_flaw_has_its_word(void **state)
{
    (void)state;
    for (int i = 0; i < FLAW_COUNT; i++)
        assert_true(strlen(vocab_flaw_choices[i].name) > 3 &&
                    strlen(vocab_flaw_choices[i].text) > 10);
    assert_null(vocab_flaw_choices[FLAW_COUNT].name);
    assert_string_equal(vocab_flaw_choices[FLAW_NONE].name, "none");
    assert_string_equal(vocab_flaw_choices[FLAW_NO_CODE].name, "no-code");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_flaw_has_its_word)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
