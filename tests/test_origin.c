#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/report/origin.h"

static const char *differs(const struct origin *a, const struct origin *b)
{
    const char *what = NULL;

    return origin_is_alike(a, b, &what) ? NULL : what;
}

static void digest_knows_names_files_and_their_order(void **state)
{
    struct origin a, b;

    (void)state;
    origin_init(&a, "1.0");
    b = a;
    assert_null(differs(&a, &b));
    origin_add(&a, "one", "11");
    assert_string_equal(differs(&a, &b), "set of scenarios");
    origin_add(&a, "two", "22");
    origin_add(&b, "two", "22");
    origin_add(&b, "one", "11");
    assert_string_equal(differs(&a, &b), "set of scenarios");
    origin_init(&b, "1.0");
    origin_add(&b, "one", "11");
    origin_add(&b, "two", "23");
    assert_string_equal(differs(&a, &b), "set of scenarios");
    origin_init(&b, "1.0");
    origin_add(&b, "one", "11");
    origin_add(&b, "two", "22");
    assert_null(differs(&a, &b));
    assert_int_equal(b.scenarios, 2);
    assert_int_equal(strlen(b.digest), 32);
}

static void version_build_and_shares_must_agree_but_not_the_share(void **state)
{
    struct origin a, b;

    (void)state;
    origin_init(&a, "1.0");
    assert_int_equal(strlen(a.build), 32);
    origin_init(&b, "1.1");
    assert_string_equal(differs(&a, &b), "version of brownout");
    b = a;
    b.build[0] ^= 1;
    assert_string_equal(differs(&a, &b), "build of brownout");
    b = a;
    b.shards = 2;
    assert_string_equal(differs(&a, &b), "number of shares");
    a.shards = 2;
    b.shard = 2;
    assert_null(differs(&a, &b));
}

static void each_name_is_in_one_share_and_none_is_empty_for_long(void **state)
{
    uint32_t counts[8] = {0};
    char name[16];

    (void)state;
    for (int i = 0; i < 400; i++) {
        snprintf(name, sizeof name, "name-%d", i);
        uint32_t share = origin_shard_of(name, 7);
        assert_in_range(share, 1, 7);
        assert_int_equal(share, origin_shard_of(name, 7));
        assert_int_equal(origin_shard_of(name, 1), 1);
        counts[share]++;
    }
    for (int i = 1; i <= 7; i++)
        assert_in_range(counts[i], 20, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digest_knows_names_files_and_their_order),
        cmocka_unit_test(version_build_and_shares_must_agree_but_not_the_share),
        cmocka_unit_test(each_name_is_in_one_share_and_none_is_empty_for_long),
    };

    return cmocka_run_group_tests_name("origin", tests, NULL, NULL);
}
