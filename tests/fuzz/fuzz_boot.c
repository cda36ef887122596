/*
 * The SPI flash of a device that runs a confirmed image. The input damages sectors that are in use,
 * behind all rules. Whatever is left of the file system, the confirmed image starts, takes an
 * update or does not, and then that one or the update starts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "tests/fuzz/fuzz.h"
#include "tests/rig.h"

#define SECTOR     4096u
#define USED_MAX   1024u
#define PATCH_HEAD 6 /* what u8, sector u8, offset u16, another sector u8, number of bytes u8 */
#define CODE       9000
#define STEPS_MAX  100000 /* of the service */

static struct rig *rig;
static const struct rig_image *third;
static char manifest[512];
static struct ota_config config;
static uint32_t used[USED_MAX]; /* sectors that hold something */
static uint32_t used_count;

static void set_up(void)
{
    void *state;

    if (rig)
        return;
    FUZZ_CHECK(rig_setup(&state) == 0);
    rig = state;
    config = ota_config_default;
    strcpy(config.manifest_url, RIG_MANIFEST_URL);
    rig_format(rig);
    const struct rig_image *first = rig_image(rig, 1, CODE), *second = rig_image(rig, 2, CODE);
    rig_store_file(rig, STORE_FACTORY, first->bytes, first->size);
    rig_store(rig, first, BOOTCTL_VALID);
    rig_store(rig, second, BOOTCTL_VALID);
    third = rig_image(rig, 3, CODE);
    rig_manifest(third, 3, manifest);
    rig_install(rig, second, BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    const struct cells *cells = &rig->spi_ram.cells;
    for (uint32_t at = 0; at < cells->flash.size && used_count < USED_MAX; at += SECTOR)
        if (!bytes_are_erased(cells->bytes + at, SECTOR))
            used[used_count++] = at;
}

/* One kind of damage to one sector; returns how much of the input said so. */
static size_t damage(struct cells *cells, const uint8_t *data, size_t size)
{
    uint32_t sector = used[data[1] % used_count], other = used[data[4] % used_count];
    uint32_t at = bytes_get16(data + 2) % SECTOR, length = bytes_min(data[5], SECTOR - at);

    cells->before_change(cells, sector / SECTOR);
    switch (data[0] % 4) {
    case 0:
        length = bytes_min(length, (uint32_t)size - PATCH_HEAD);
        memcpy(cells->bytes + sector + at, data + PATCH_HEAD, length);
        return PATCH_HEAD + length;
    case 1:
        memset(cells->bytes + sector + at, data[4], SECTOR - at);
        break;
    case 2:
        memmove(cells->bytes + sector, cells->bytes + other, SECTOR);
        break;
    default: /* noise */
        for (uint32_t i = 0, seed = data[4] + 1u; i < SECTOR; i++) {
            seed = seed * 1664525u + 1013904223u;
            cells->bytes[sector + i] = (uint8_t)(seed >> 24);
        }
        break;
    }
    return PATCH_HEAD;
}

/* Until the server has said all it has to say, and that is dealt with. */
static void run_service(struct rig *at)
{
    rig_power_on(at);
    FUZZ_CHECK(flash_unlock(at->hal.nvm) == OTA_OK);
    flash_protect(at->hal.nvm, layout_mzw1.bootctl_offset, layout_mzw1.app_offset);
    (void)!ota_init(&at->ota, &at->hal, &config, rig_on_event, at);
    FUZZ_CHECK(ota_version(&at->ota) == 2 && ota_is_confirmed(&at->ota));
    for (int i = 0; i < STEPS_MAX; i++) {
        at->now_ms += bytes_min(ota_service_task(&at->ota), 10000);
        if (at->server.answered == at->server.answer_count && at->ota.state == OTA_STATE_WAIT)
            return;
    }
    fuzz_fail(__FILE__, __LINE__, "the service comes to rest");
}

static void update(void)
{
    const struct rig_answer answers[] = {
        {.status = 200, .body = manifest, .body_size = (uint32_t)strlen(manifest)},
        {.status = 200, .body = third->bytes, .body_size = third->size},
    };

    rig_answers(rig, answers, 2);
    (void)rig_run(rig, run_service);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    set_up();
    rig_mark(rig);
    while (size >= PATCH_HEAD) {
        size_t taken = damage(&rig->spi_ram.cells, data, size);
        data += taken;
        size -= taken;
    }
    FUZZ_CHECK(rig_boot_version(rig) == 2);
    update();
    uint32_t version = rig_boot_version(rig);
    FUZZ_CHECK(version == 2 || version == 3);
    rig_rollback(rig);
    return 0;
}
