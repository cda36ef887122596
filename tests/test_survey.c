#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/device/survey.h"
#include "sim/explore/damage.h"
#include "sim/explore/prepare.h"
#include "tests/scene.h"

struct bench {
    struct scenario scenario;
    struct world world;
    struct json_object *survey;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    scene_update(&bench->scenario);
    bench->scenario.images[1].security_counter = 4;
    bench->scenario.installed[bench->scenario.installed_count++] = 1;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    json_object_put(bench->survey);
    world_free(&bench->world);
    free(bench);
    return 0;
}

static void prepare(struct bench *bench)
{
    const struct device_observer nobody = {0};
    char reason[JUDGE_TEXT_MAX];

    assert_int_equal(world_init(&bench->world, &bench->scenario), OTA_OK);
    assert_true(prepare_world(&bench->world, reason));
    world_begin(&bench->world, &bench->world.fixture.servers[0], &nobody);
}

static void look(struct bench *bench)
{
    json_object_put(bench->survey);
    bench->survey = survey_device(&bench->world.nvm.cells, &bench->world.spi.cells, &layout_mzw1,
                                  &bench->world.fixture.policy);
}

static void damage(struct bench *bench, enum damage_target target, enum damage_how how)
{
    const struct scenario_damage damage = {.target = target, .how = how, .image = 1, .with = -1};

    assert_int_equal(damage_apply(&bench->world, &damage), OTA_OK);
}

static struct json_object *at(const struct bench *bench, const char *path)
{
    struct json_object *object = bench->survey;
    char copy[80], *name, *rest = copy;

    strcpy(copy, path);
    while ((name = strsep(&rest, "/")))
        object = json_object_is_type(object, json_type_array)
                     ? json_object_array_get_idx(object, (size_t)atoi(name))
                     : json_object_object_get(object, name);
    return object;
}

static void assert_at(const struct bench *bench, const char *path, const char *expected)
{
    struct json_object *object = at(bench, path);

    if (!object)
        fail_msg("there is no %s", path);
    assert_string_equal(json_object_get_string(object), expected);
}

static void assert_keys(const struct bench *bench, const char *path, const char *expected)
{
    char keys[512] = "";

    json_object_object_foreach(*path ? at(bench, path) : bench->survey, key, value)
    {
        (void)value;
        strcat(strcat(keys, " "), key);
    }
    assert_string_equal(keys + 1, expected);
}

static void hex(const uint8_t hash[32], char ret_text[65])
{
    for (int i = 0; i < 32; i++)
        snprintf(ret_text + 2 * i, 3, "%02x", hash[i]);
}

static void survey_has_exactly_these_keys(void **state)
{
    struct bench *bench = *state;

    prepare(bench);
    look(bench);
    assert_keys(bench, "", "schema_version boot_control program_flash store wear");
    assert_keys(bench, "boot_control",
                "state version status trials type size sequence slot security_counter "
                "security_floor hash");
    assert_keys(bench, "program_flash", "state version");
    assert_keys(bench, "store", "state free database files");
    assert_keys(bench, "store/database", "state rows");
    assert_keys(bench, "store/database/rows/0", "name version status digest");
    assert_keys(bench, "store/files/0", "name size sha256 image version");
    assert_keys(bench, "wear", "nvm spi");
    assert_keys(bench, "wear/spi", "units erases erases_busiest erases_promised");
    assert_at(bench, "schema_version", "1");
}

static void updated_device_is_told_as_it_is(void **state)
{
    struct bench *bench = *state;
    char text[65], name[DATABASE_NAME_MAX];

    prepare(bench);
    look(bench);
    const struct fixture_image *image = &bench->world.fixture.images[1];
    assert_at(bench, "boot_control/state", "ok");
    assert_at(bench, "boot_control/version", "2");
    assert_at(bench, "boot_control/status", "valid");
    assert_at(bench, "boot_control/trials", "1");
    assert_at(bench, "boot_control/type", "production");
    assert_at(bench, "boot_control/slot", "1");
    assert_at(bench, "boot_control/security_counter", "4");
    assert_at(bench, "boot_control/security_floor", "4");
    hex(image->hash, text);
    assert_at(bench, "boot_control/hash", text);
    assert_at(bench, "program_flash/state", "verified");
    assert_at(bench, "program_flash/version", "2");
    assert_at(bench, "store/state", "ok");
    assert_at(bench, "store/database/state", "ok");
    store_name(2, image->digest, name);
    assert_at(bench, "store/database/rows/0/name", name);
    assert_at(bench, "store/database/rows/0/status", "valid");
    hex(image->digest, text);
    assert_at(bench, "store/database/rows/0/digest", text);
    assert_int_equal(json_object_array_length(at(bench, "store/files")), 3);
    assert_at(bench, "wear/spi/units", "1024");
    assert_at(bench, "wear/nvm/units", "256");
    assert_at(bench, "wear/spi/erases_promised", "100000");
}

static void looking_changes_nothing(void **state)
{
    struct bench *bench = *state;

    prepare(bench);
    for (int i = 0; i < 2; i++) {
        uint32_t mark = flash_ram_mark(&bench->world.nvm);
        uint32_t other = flash_ram_mark(&bench->world.spi);
        look(bench);
        assert_int_equal(flash_ram_changed(&bench->world.nvm, mark), 0);
        assert_int_equal(flash_ram_changed(&bench->world.spi, other), 0);
        flash_ram_rollback(&bench->world.nvm, mark);
        flash_ram_rollback(&bench->world.spi, other);
        damage(bench, DAMAGE_FILE_SYSTEM, DAMAGE_ZERO); /* nor on a broken one */
    }
}

static void virgin_is_told_from_a_blank_one(void **state)
{
    struct bench *bench = *state;

    bench->scenario.is_virgin = true;
    prepare(bench);
    look(bench);
    assert_at(bench, "boot_control/state", "factory-programmed, never started");
    assert_at(bench, "program_flash/state", "verified");
    assert_at(bench, "program_flash/version", "1");
    assert_at(bench, "store/state", "does not mount");
    assert_keys(bench, "store", "state");
    damage(bench, DAMAGE_BOOT_CONTROL, DAMAGE_BLANK);
    look(bench);
    assert_at(bench, "boot_control/state", "blank");
    assert_at(bench, "program_flash/state", "not known: there is no boot control record");
    damage(bench, DAMAGE_BOOT_CONTROL, DAMAGE_ZERO);
    look(bench);
    assert_at(bench, "boot_control/state", "corrupt");
    assert_keys(bench, "boot_control", "state");
}

static void damage_is_told_where_it_is(void **state)
{
    struct bench *bench = *state;

    prepare(bench);
    damage(bench, DAMAGE_PROGRAM_FLASH, DAMAGE_FLIP);
    damage(bench, DAMAGE_IMAGE, DAMAGE_FLIP);
    damage(bench, DAMAGE_DATABASE, DAMAGE_ZERO);
    look(bench);
    assert_at(bench, "boot_control/state", "ok");
    assert_at(bench, "program_flash/state", "content does not match its hash");
    assert_keys(bench, "program_flash", "state");
    assert_at(bench, "store/database/state", "damaged on the medium");
    assert_int_equal(json_object_array_length(at(bench, "store/database/rows")), 0);
    uint32_t wrong = 0, right = 0;
    for (size_t i = 0; i < json_object_array_length(at(bench, "store/files")); i++) {
        struct json_object *file = json_object_array_get_idx(at(bench, "store/files"), i);
        const char *says = json_object_get_string(json_object_object_get(file, "image"));
        wrong += says && strcmp(says, "content does not match its hash") == 0;
        right += says && strcmp(says, "verified") == 0;
    }
    assert_int_equal(wrong, 1);
    assert_int_equal(right, 1); /* the factory backup */
}

static void missing_database_is_none(void **state)
{
    struct bench *bench = *state;

    prepare(bench);
    damage(bench, DAMAGE_DATABASE, DAMAGE_REMOVE);
    look(bench);
    assert_at(bench, "store/database/state", "none");
}

static void wear_is_summed_up(void **state)
{
    struct bench *bench = *state;
    struct cells_unit *units;

    prepare(bench);
    units = bench->world.nvm.cells.units;
    memset(units, 0, 256 * sizeof *units);
    units[0].erases = 5;
    units[255].erases = 7;
    look(bench);
    assert_at(bench, "wear/nvm/erases", "12");
    assert_at(bench, "wear/nvm/erases_busiest", "7");
}

static void assert_printed(struct bench *bench, const char *const *lines, size_t count)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    survey_print(bench->survey, out);
    fclose(out);
    for (size_t i = 0; i < count; i++)
        if (!strstr(text, lines[i]))
            fail_msg("'%s' is not in:\n%s", lines[i], text);
    free(text);
}

static void people_read_the_same(void **state)
{
    static const char *const lines[] = {
        "boot control   version 2, production, valid, 1 trial boots, ",
        "               record 2 in slot 1, security counter 4, floor 4\n",
        "program flash  version 2, verified\n",
        "database       ok\n",
        "               version 2     valid ",
        "files          ",
        "factory_reset.bin",
        "  version 1     verified\n",
        "store          ",
        " bytes free\n",
        "wear nvm       ",
        " of the busiest of 256 units\n",
        "wear spi       ",
        " of the busiest of 1024 units\n",
    };
    static const char *const broken[] = {
        "boot control   corrupt\n",
        "program flash  not known: there is no boot control record\n",
        "store          does not mount\n",
    };
    struct bench *bench = *state;

    prepare(bench);
    look(bench);
    assert_printed(bench, lines, sizeof lines / sizeof lines[0]);
    damage(bench, DAMAGE_FILE_SYSTEM, DAMAGE_ZERO);
    damage(bench, DAMAGE_BOOT_CONTROL, DAMAGE_ZERO);
    look(bench);
    assert_printed(bench, broken, sizeof broken / sizeof broken[0]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(survey_has_exactly_these_keys),
        TEST(updated_device_is_told_as_it_is),
        TEST(looking_changes_nothing),
        TEST(virgin_is_told_from_a_blank_one),
        TEST(damage_is_told_where_it_is),
        TEST(missing_database_is_none),
        TEST(wear_is_summed_up),
        TEST(people_read_the_same),
    };

    return cmocka_run_group_tests_name("survey", tests, NULL, NULL);
}
