#include "sim/pic32/nvm_ctl.h"

#include <string.h>

#include "core/bytes.h"
#include "sim/pic32/chip.h"

enum {
    CONTROL = 0x1F800600,
    KEY = 0x1F800620,
    ADDRESS = 0x1F800630,
    DATA_0 = 0x1F800640,
    DATA_7 = 0x1F8006B0,
    SOURCE = 0x1F8006C0,
    LOWER = 0x1F8006D0,
    UPPER = 0x1F8006E0,
    BOOT_LOWER = 0x1F8006F0,
    BOOT_UPPER = 0x1F800700,
};

#define OP_BITS  0x000Fu
#define LVDERR   0x1000u
#define WRERR    0x2000u
#define WREN     0x4000u
#define WR       0x8000u
#define UNLOCKED 0x80000000u

#define KEYS       3 /* 0 and the two words */
#define POLLS_MAX  2 /* then the wait is skipped */
#define PAGE_SIZE  4096u
#define PAGE_MASK  0x00FFF000u
#define CYCLES(us) ((uint64_t)(us)*CPU_MHZ)

enum operation {
    OPERATION_NONE = 0,
    OPERATION_DOUBLE_WORD = 1,
    OPERATION_QUAD_DOUBLE_WORD = 2,
    OPERATION_ROW = 3,
    OPERATION_PAGE_ERASE = 4,
};

void nvm_ctl_reset(struct nvm_ctl *nvm)
{
    uint64_t busy_until = nvm->busy_until;
    bool is_supply_low = nvm->is_supply_low;

    *nvm = (struct nvm_ctl){.busy_until = busy_until,
                            .is_supply_low = is_supply_low,
                            .lower = UNLOCKED,
                            .upper = UNLOCKED | 0x00FFFFFF,
                            .boot_lower = UNLOCKED | 0x00FFFFFF,
                            .boot_upper = UNLOCKED | 0x00FFFFFF};
}

static bool is_busy(const struct chip *chip)
{
    return chip->state.cpu.now < chip->state.nvm.busy_until;
}

void nvm_ctl_note_store(struct chip *chip, uint32_t reg)
{
    struct nvm_ctl *nvm = &chip->state.nvm;

    if (reg != KEY && nvm->keys && nvm->keys < KEYS)
        nvm->keys = 0;
}

static void write_key(struct nvm_ctl *nvm, uint32_t value)
{
    static const uint32_t keys[KEYS] = {0, 0xAA996655, 0x556699AA};

    if (nvm->keys < KEYS && value == keys[nvm->keys])
        nvm->keys++;
    else
        nvm->keys = value == keys[0];
}

/* Is this store the one that the keys were for? Each sequence serves once. */
static bool use_key(struct nvm_ctl *nvm)
{
    bool is_open = nvm->keys == KEYS;

    nvm->keys = 0;
    return is_open;
}

static bool is_flash(uint32_t address, uint32_t size)
{
    return address - BUS_FLASH < BUS_FLASH_SIZE && address % size == 0;
}

static enum ota_err program(struct chip *chip, uint32_t size, const void *data)
{
    uint32_t address = chip->state.nvm.address;

    if (!is_flash(address, size)) {
        chip_complain(chip,
                      "NVM programs %u bytes at 0x%08X, which is not program flash or not "
                      "aligned",
                      size, address);
        return OTA_ERR_BOUNDS;
    }
    chip_flash_changes(chip, address - BUS_FLASH, size);
    return flash_program(chip->nvm_flash, address - BUS_FLASH, data, size);
}

static enum ota_err program_row(struct chip *chip)
{
    uint32_t source = chip->state.nvm.source, size = chip->nvm_flash->row_size;

    if (source % 4 || source > BUS_RAM_SIZE - size) {
        chip_complain(chip, "NVM takes a row from 0x%08X, which is not RAM or not aligned", source);
        return OTA_ERR_BOUNDS;
    }
    return program(chip, size, chip->state.ram + source);
}

static enum ota_err erase(struct chip *chip)
{
    uint32_t offset = chip->state.nvm.address - BUS_FLASH;

    if (offset >= BUS_FLASH_SIZE) {
        chip_complain(chip, "NVM erases 0x%08X, which is not program flash",
                      chip->state.nvm.address);
        return OTA_ERR_BOUNDS;
    }
    offset &= ~(PAGE_SIZE - 1);
    chip_flash_changes(chip, offset, PAGE_SIZE);
    return flash_erase(chip->nvm_flash, offset);
}

/* Returns what the operation takes in microseconds. */
static uint32_t do_operation(struct chip *chip, enum operation operation, enum ota_err *ret_err)
{
    struct nvm_ctl *nvm = &chip->state.nvm;

    switch ((int)operation) {
    case OPERATION_DOUBLE_WORD:
        *ret_err = program(chip, 8, nvm->data);
        return NVM_CTL_WORD_US;
    case OPERATION_QUAD_DOUBLE_WORD:
        *ret_err = program(chip, 32, nvm->data);
        return NVM_CTL_WORD_US;
    case OPERATION_ROW:
        *ret_err = program_row(chip);
        return NVM_CTL_ROW_US;
    default:
        *ret_err = erase(chip);
        return NVM_CTL_PAGE_US;
    }
}

/* WR was set as it must be. false: such an operation is not modelled. */
static bool start(struct chip *chip)
{
    struct nvm_ctl *nvm = &chip->state.nvm;
    enum operation operation = (enum operation)(nvm->control & OP_BITS);
    enum ota_err err = OTA_OK;

    if (operation > OPERATION_PAGE_ERASE) {
        bus_stop(&chip->bus, "NVM operation %u is not modelled", operation);
        return false;
    }
    nvm->polls = 0;
    nvm->is_completion_due = true;
    nvm->busy_until = chip->state.cpu.now + 1;
    cpu_call(&chip->state.cpu);
    if (operation == OPERATION_NONE) {
        nvm->control &= ~(WRERR | LVDERR);
    } else if (nvm->is_supply_low) {
        nvm->control |= LVDERR;
    } else {
        uint32_t us = do_operation(chip, operation, &err);
        if (err)
            nvm->control |= WRERR;
        else
            nvm->busy_until = chip->state.cpu.now + CYCLES(us);
    }
    return true;
}

static bool write_control(struct chip *chip, const struct io_write *write)
{
    struct nvm_ctl *nvm = &chip->state.nvm;
    uint32_t value = io_merge(write, nvm->control);

    if (is_busy(chip)) {
        chip_complain(chip, "NVMCON is written during an operation");
        return true;
    }
    if (value & WR) {
        if (!use_key(nvm) || !(nvm->control & WREN)) {
            chip_complain(chip, "NVMCON.WR is set without %s",
                          nvm->control & WREN ? "the unlock sequence" : "WREN");
            return true;
        }
        return start(chip);
    }
    if ((nvm->control & WREN) && ((value ^ nvm->control) & OP_BITS)) {
        chip_complain(chip, "NVMCON.NVMOP is changed while WREN is set");
        value = (value & ~OP_BITS) | (nvm->control & OP_BITS);
    }
    nvm->control = (nvm->control & (WRERR | LVDERR)) | (value & (WREN | OP_BITS));
    return true;
}

static uint32_t *protection(struct nvm_ctl *nvm, uint32_t reg)
{
    switch (reg) {
    case LOWER:
        return &nvm->lower;
    case UPPER:
        return &nvm->upper;
    case BOOT_LOWER:
        return &nvm->boot_lower;
    case BOOT_UPPER:
        return &nvm->boot_upper;
    default:
        return NULL;
    }
}

static void write_protection(struct chip *chip, const struct io_write *write)
{
    struct nvm_ctl *nvm = &chip->state.nvm;
    uint32_t *content = protection(nvm, write->reg);

    if (!use_key(nvm)) {
        chip_complain(chip, "NVM write protection is written without the unlock sequence");
        return;
    }
    if (!(*content & UNLOCKED)) {
        chip_complain(chip, "NVM write protection is written after it was locked");
        return;
    }
    *content = io_merge(write, *content) & (UNLOCKED | 0x00FFFFFF);
    chip->nvm->below->open_from = bytes_min(nvm->lower & PAGE_MASK, BUS_FLASH_SIZE);
    chip->nvm->below->open_to = bytes_min(nvm->upper & PAGE_MASK, BUS_FLASH_SIZE);
}

static uint32_t control_now(struct chip *chip)
{
    struct nvm_ctl *nvm = &chip->state.nvm;

    if (is_busy(chip) && ++nvm->polls >= POLLS_MAX)
        chip_skip_to(chip, nvm->busy_until);
    return nvm->control | (is_busy(chip) ? WR : 0);
}

bool nvm_ctl_read(struct chip *chip, uint32_t reg, uint32_t *ret_value)
{
    struct nvm_ctl *nvm = &chip->state.nvm;
    const uint32_t *content = protection(nvm, reg);

    if (reg == CONTROL)
        *ret_value = control_now(chip);
    else if (reg == KEY)
        *ret_value = 0;
    else if (reg == ADDRESS)
        *ret_value = nvm->address;
    else if (reg == SOURCE)
        *ret_value = nvm->source;
    else if (reg >= DATA_0 && reg <= DATA_7 && reg % 16 == 0)
        *ret_value = nvm->data[(reg - DATA_0) / 16];
    else if (content)
        *ret_value = *content;
    else
        return false;
    return true;
}

bool nvm_ctl_write(struct chip *chip, const struct io_write *write)
{
    struct nvm_ctl *nvm = &chip->state.nvm;
    uint32_t reg = write->reg;

    if (reg == CONTROL)
        return write_control(chip, write);
    if (reg == KEY && write->how == IO_WRITE)
        write_key(nvm, write->value);
    else if (reg == ADDRESS)
        nvm->address = io_merge(write, nvm->address);
    else if (reg == SOURCE)
        nvm->source = io_merge(write, nvm->source);
    else if (reg >= DATA_0 && reg <= DATA_7)
        nvm->data[(reg - DATA_0) / 16] = io_merge(write, nvm->data[(reg - DATA_0) / 16]);
    else if (protection(nvm, reg))
        write_protection(chip, write);
    else
        return false;
    return true;
}

void nvm_ctl_service(struct chip *chip)
{
    struct nvm_ctl *nvm = &chip->state.nvm;

    if (nvm->is_completion_due && !is_busy(chip)) {
        nvm->is_completion_due = false;
        irq_raise(chip, IRQ_NVM);
    }
}
