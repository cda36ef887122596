#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/look.h"
#include "sim/explore/run.h"
#include "tests/scene.h"

struct bench {
    struct scenario scenario;
    struct run run;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    char reason[JUDGE_TEXT_MAX];
    enum judge_claim claim;

    scene_update(&bench->scenario);
    assert_true(run_init(&bench->run, &bench->scenario, &claim, reason));
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    run_free(&((struct bench *)*state)->run);
    free(*state);
    return 0;
}

static void device_is_seen_as_inspect_shows_it(void **state)
{
    struct bench *bench = *state;
    char *json = look_json(&bench->run.world.device), *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    look_print(&bench->run.world.device, out);
    fclose(out);
    assert_non_null(strstr(text, "boot control   version 1, factory, valid"));
    assert_non_null(strstr(text, "factory_reset.bin"));
    assert_non_null(strstr(json, "\"database\""));
    free(json);
    free(text);
}

static bool is_asked;

static bool note_question(void *context, struct cells *cells, uint32_t unit)
{
    (void)context;
    (void)cells;
    (void)unit;
    is_asked = true;
    return false;
}

/* Whoever reads a weak unit settles it for this boot; a look must not. */
static void weak_units_are_as_open_as_before(void **state)
{
    struct bench *bench = *state;
    struct cells *spi = &bench->run.world.spi.cells;
    uint32_t units = cells_unit_count(spi);
    struct cells_unit *before = calloc(units, sizeof *before);

    spi->reads_otherwise = note_question;
    spi->units[0].flags |= CELLS_WEAK;
    memcpy(before, spi->units, units * sizeof *before);
    free(look_json(&bench->run.world.device));
    assert_false(is_asked);
    assert_memory_equal(before, spi->units, units * sizeof *before);
    free(before);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(device_is_seen_as_inspect_shows_it),
        TEST(weak_units_are_as_open_as_before),
    };

    return cmocka_run_group_tests_name("look", tests, NULL, NULL);
}
