/* Takes a torn status word for one that was never programmed. */
#include "tests/canary/canary.h"

#include "core/bytes.h"
#include "core/crc32.h"
#include "tests/scene.h"

#define RECORD_SIZE 112

enum ota_err __real_bootctl_open(struct bootctl *bootctl, struct flash *flash, uint32_t offset);
enum ota_err __wrap_bootctl_open(struct bootctl *bootctl, struct flash *flash, uint32_t offset);

static bool is_last_word_torn(const struct bootctl *bootctl)
{
    uint32_t at = bootctl->offset + bootctl->slot * BOOTCTL_SLOT_SIZE + RECORD_SIZE +
                  (bootctl->word_next - 1) * 8;
    uint8_t word[8], crc[4];

    bytes_put32(crc, bootctl->record_crc);
    return flash_read(bootctl->flash, at, word, sizeof word) != OTA_OK ||
           bytes_get32(word + 4) != crc32_update(crc32_update(0, crc, 4), word, 4);
}

enum ota_err __wrap_bootctl_open(struct bootctl *bootctl, struct flash *flash, uint32_t offset)
{
    enum ota_err err = __real_bootctl_open(bootctl, flash, offset);

    if (canary_is_awake && !err && bootctl->word_next && is_last_word_torn(bootctl))
        bootctl->word_next--;
    return err;
}

static void make(struct scenario *scenario)
{
    scene_update(scenario);
    scene_cut(scenario, SCENE_ALL_PHASES)->on_spi = false;
}

const struct canary canary = {make, true, CLAIM_DATASHEET,
                              "nvm 0x020170+8: programmed twice since its erase"};
