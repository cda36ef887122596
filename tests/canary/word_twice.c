/* Programs each status word twice, to be on the safe side. */
#include "tests/canary/canary.h"
#include "tests/scene.h"

#define RECORD_SIZE 112

enum ota_err __real_bootctl_set(struct bootctl *bootctl, enum bootctl_status status,
                                uint32_t trials);
enum ota_err __wrap_bootctl_set(struct bootctl *bootctl, enum bootctl_status status,
                                uint32_t trials);

enum ota_err __wrap_bootctl_set(struct bootctl *bootctl, enum bootctl_status status,
                                uint32_t trials)
{
    enum ota_err err = __real_bootctl_set(bootctl, status, trials);
    uint32_t offset = bootctl->offset + bootctl->slot * BOOTCTL_SLOT_SIZE + RECORD_SIZE +
                      (bootctl->word_next - 1) * 8;
    uint8_t word[8];

    if (canary_is_awake && !err && bootctl->word_next &&
        flash_read(bootctl->flash, offset, word, sizeof word) == OTA_OK)
        err_ignore(flash_program(bootctl->flash, offset, word, sizeof word));
    return err;
}

const struct canary canary = {
    scene_update, false, CLAIM_DATASHEET,
    "no data sheet violation (I6): nvm 0x020170+8: programmed twice since its erase"};
