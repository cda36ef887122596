#include "hal_pic32/nvm.h"

#include <stdbool.h>
#include <string.h>

#include "core/bytes.h"
#include "hal_pic32/board.h"
#include "hal_pic32/cp0.h"
#include "hal_pic32/mmio.h"
#include "hal_pic32/regs.h"
#include "hal_pic32/start.h"

#define SIZE          0x100000u
#define PAGE_SIZE     4096u
#define ROW_SIZE      1024u
#define WORD_SIZE     8u
#define PHYSICAL      0x10000000u
#define TIMEOUT_TICKS (BOARD_COUNT_HZ / 2) /* far above any operation's time */
#define LIMIT_MAX     0xFFFFFFu

/* The controller reads the row from RAM itself, so it must not lie in a cache. */
static uint32_t row[ROW_SIZE / 4] __attribute__((section(".uncached")));

static bool wait_done(void)
{
    uint32_t started = cp0_count();

    while (mmio_get(NVMCON) & NVMCON_WR)
        if (cp0_count() - started > TIMEOUT_TICKS)
            return false;
    return true;
}

/* The three stores and what they are for must follow each other. */
static void unlocked_write(uint32_t address, uint32_t value)
{
    uint32_t status = cp0_interrupts_off();

    mmio_put(NVMKEY, 0);
    mmio_put(NVMKEY, UNLOCK_KEY1);
    mmio_put(NVMKEY, UNLOCK_KEY2);
    mmio_put(address, value);
    cp0_interrupts_restore(status);
}

/* The operation's kind may change only while WREN is 0. */
static bool operate(enum regs_nvm_op op)
{
    mmio_clear(NVMCON, NVMCON_WREN);
    mmio_clear(NVMCON, NVMCON_OP);
    mmio_set(NVMCON, (uint32_t)op);
    mmio_set(NVMCON, NVMCON_WREN);
    unlocked_write(NVMCON + MMIO_SET, NVMCON_WR);
    bool is_done = wait_done();
    bool is_good = is_done && !(mmio_get(NVMCON) & (NVMCON_ERR | NVMCON_LVD));
    mmio_clear(NVMCON, NVMCON_WREN);
    return is_good;
}

/* An error stays in NVMCON until an operation ends well; the empty one does. */
static enum ota_err operate_at(enum regs_nvm_op op, uint32_t offset)
{
    if (!wait_done())
        return OTA_ERR_FLASH;
    mmio_put(NVMADDR, PHYSICAL + offset);
    if (operate(op))
        return OTA_OK;
    operate(NVM_NOP);
    return OTA_ERR_FLASH;
}

static enum ota_err nvm_read(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    const volatile void *from = cp0_uncached(PHYSICAL + offset);

    (void)flash;
    return start_guarded_copy(data, from, size) ? OTA_ERR_ECC : OTA_OK;
}

static enum ota_err program_row(uint32_t offset, const uint8_t *data)
{
    memcpy(row, data, ROW_SIZE);
    mmio_put(NVMSRCADDR, cp0_physical(row));
    return operate_at(NVM_ROW, offset);
}

static enum ota_err program_word(uint32_t offset, const uint8_t *data)
{
    mmio_put(NVMDATA0, bytes_get32(data));
    mmio_put(NVMDATA1, bytes_get32(data + 4));
    return operate_at(NVM_DOUBLE_WORD, offset);
}

static enum ota_err nvm_program(struct flash *flash, uint32_t offset, const void *data,
                                uint32_t size)
{
    const uint8_t *from = data;
    enum ota_err err = OTA_OK;

    while (size && !err) {
        uint32_t part = flash_operation_size(flash, offset, size);
        err = part == ROW_SIZE ? program_row(offset, from) : program_word(offset, from);
        offset += part;
        from += part;
        size -= part;
    }
    return err;
}

static enum ota_err nvm_erase(struct flash *flash, uint32_t offset)
{
    (void)flash;
    return operate_at(NVM_PAGE_ERASE, offset);
}

/* There is nothing to lift: program flash is open after a reset. */
static enum ota_err nvm_unlock(struct flash *flash)
{
    (void)flash;
    return wait_done() ? OTA_OK : OTA_ERR_FLASH;
}

static void nvm_protect(struct flash *flash, uint32_t from, uint32_t to)
{
    struct nvm *nvm = (struct nvm *)flash;

    if (from > nvm->open_from)
        nvm->open_from = from;
    if (to < nvm->open_to)
        nvm->open_to = to;
    unlocked_write(NVMPWPLT, NVMWP_OPEN | nvm->open_from);
    unlocked_write(NVMPWPGTE, NVMWP_OPEN | bytes_min(nvm->open_to, LIMIT_MAX));
}

void nvm_lock(void)
{
    unlocked_write(NVMPWPLT + MMIO_CLR, NVMWP_OPEN);
    unlocked_write(NVMPWPGTE + MMIO_CLR, NVMWP_OPEN);
    unlocked_write(NVMLBWP + MMIO_CLR, NVMWP_OPEN);
    unlocked_write(NVMUBWP + MMIO_CLR, NVMWP_OPEN);
}

static const struct flash_ops ops = {
    .read = nvm_read,
    .program = nvm_program,
    .erase = nvm_erase,
    .unlock = nvm_unlock,
    .protect = nvm_protect,
};

void nvm_init(struct nvm *nvm)
{
    *nvm = (struct nvm){
        .flash = {.ops = &ops,
                  .name = "nvm",
                  .size = SIZE,
                  .erase_size = PAGE_SIZE,
                  .row_size = ROW_SIZE,
                  .program_size = WORD_SIZE,
                  .write_once = true},
        .open_to = SIZE,
    };
}
