#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/err.h"

static void name_is_the_symbol(void **state)
{
    (void)state;
#define X(name, text) assert_string_equal(err_name(OTA_##name), "OTA_" #name);
    OTA_ERR_LIST(X)
#undef X
}

static void ok_is_zero_and_has_a_name(void **state)
{
    (void)state;
    assert_int_equal(OTA_OK, 0);
    assert_string_equal(err_name(OTA_OK), "OTA_OK");
    assert_string_equal(err_text(OTA_OK), "no error");
}

static void every_text_is_one_clause_of_its_own(void **state)
{
    (void)state;
    for (int err = OTA_OK; err <= OTA_ERR_UNKNOWN; err++) {
        const char *text = err_text((enum ota_err)err);
        assert_true(strlen(text) > 0);
        assert_null(strpbrk(text, ".\n"));
        for (int other = OTA_OK; other < err; other++)
            assert_string_not_equal(text, err_text((enum ota_err)other));
    }
}

static void number_outside_the_list_is_unknown(void **state)
{
    static const int numbers[] = {OTA_ERR_UNKNOWN + 1, 1000, INT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        assert_string_equal(err_name((enum ota_err)numbers[i]), "OTA_ERR_UNKNOWN");
        assert_string_equal(err_text((enum ota_err)numbers[i]), err_text(OTA_ERR_UNKNOWN));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name_is_the_symbol),
        cmocka_unit_test(ok_is_zero_and_has_a_name),
        cmocka_unit_test(every_text_is_one_clause_of_its_own),
        cmocka_unit_test(number_outside_the_list_is_unknown),
    };

    return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
