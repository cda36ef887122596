#include "tests/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/device/forecast.h"
#include "tests/scene.h"

void desk_init(struct desk *desk, bool is_started)
{
    uint32_t version;

    strcpy(desk->root, "/tmp/test_desk.XXXXXX");
    assert_non_null(mkdtemp(desk->root));
    strcpy(desk->path, desk->root);
    strcat(desk->path, "/device");
    scene_update(&desk->scenario);
    assert_int_equal(fixture_make(&desk->scenario, &desk->fixture), OTA_OK);
    const struct fixture_image *image = &desk->fixture.images[0];
    const struct folder_content content = {
        .policy = desk->fixture.policy, .image = image->bytes, .image_size = image->size};
    assert_true(folder_create(desk->path, &content, desk->error));
    if (!is_started)
        return;
    assert_true(folder_open(&desk->folder, desk->path, true, desk->error));
    assert_int_equal(forecast_run(&desk->folder, NULL, NULL, NULL, &version), DEVICE_JUMP);
    assert_int_equal(version, 1);
    folder_close(&desk->folder);
}

void desk_free(struct desk *desk)
{
    fixture_free(&desk->fixture);
    scene_remove(desk->root);
}
