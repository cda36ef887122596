#include "sim/pic32/sst26_model.h"

#include <string.h>

#include "sim/pic32/chip.h"

enum command {
    PAGE_PROGRAM = 0x02,
    READ = 0x03,
    WRITE_DISABLE = 0x04,
    STATUS = 0x05,
    WRITE_ENABLE = 0x06,
    HIGH_SPEED_READ = 0x0B,
    SECTOR_ERASE = 0x20,
    CONFIGURATION = 0x35,
    RESET_ENABLE = 0x66,
    UNLOCK_ALL = 0x98,
    RESET = 0x99,
    JEDEC_ID = 0x9F,
    CHIP_ERASE = 0xC7,
    BLOCK_ERASE = 0xD8,
};

#define BUSY_BITS 0x81u
#define WEL_BIT   0x02u
#define WRONG_BIT 0x10u /* as sim/device/flash_fault.c */
#define POLLS_MAX 2     /* then the wait is skipped */

/* Typical times: the data sheet's front page; programming from memory of it. */
#define ERASE_US      18000u
#define CHIP_ERASE_US 35000u
#define PROGRAM_US    1000u

static const uint8_t identity[] = {0xBF, 0x26, 0x42};

void sst26_model_power_on(struct sst26_model *sst26)
{
    *sst26 = (struct sst26_model){0};
}

static bool is_busy(const struct chip *chip)
{
    return chip->state.cpu.now < chip->state.sst26.busy_until;
}

static void become_busy(struct chip *chip, uint32_t us)
{
    chip->state.sst26.busy_until = chip->state.cpu.now + (uint64_t)us * CPU_MHZ;
    chip->state.sst26.polls = 0;
}

/* A write without effect is no error to the device; the rules above the cells tell of theirs. */
static void program(struct chip *chip, uint32_t offset, uint32_t size)
{
    struct sst26_model *sst26 = &chip->state.sst26;

    if (size)
        err_ignore(
            flash_program(chip->spi_flash, offset, sst26->data + offset % SST26_MODEL_PAGE, size));
}

static void program_page(struct chip *chip)
{
    struct sst26_model *sst26 = &chip->state.sst26;
    uint32_t size = chip->spi_flash->size, offset = sst26->address % size;
    uint32_t page = offset - offset % SST26_MODEL_PAGE, room = page + SST26_MODEL_PAGE - offset;

    if (sst26->data_count >= SST26_MODEL_PAGE) {
        program(chip, page, SST26_MODEL_PAGE);
    } else if (sst26->data_count <= room) {
        program(chip, offset, sst26->data_count);
    } else { /* wrapped */
        program(chip, offset, room);
        program(chip, page, sst26->data_count - room);
    }
    become_busy(chip, PROGRAM_US);
}

static void erase(struct chip *chip, uint32_t offset, uint32_t size, uint32_t us)
{
    uint32_t unit = chip->spi_flash->erase_size;

    for (uint32_t at = offset; at < offset + size; at += unit)
        err_ignore(flash_erase(chip->spi_flash, at));
    become_busy(chip, us);
}

/* Blocks are of 64 KB, but for the first and the last: four of 8 KB and one of 32 KB. */
static uint32_t block_size(uint32_t offset, uint32_t size)
{
    uint32_t from_edge = offset < size / 2 ? offset : size - 1 - offset;

    if (from_edge < 0x8000)
        return 0x2000;
    return from_edge < 0x10000 ? 0x8000 : 0x10000;
}

static void finish_write(struct chip *chip)
{
    struct sst26_model *sst26 = &chip->state.sst26;
    uint32_t size = chip->spi_flash->size, offset = sst26->address % size, block;

    switch (sst26->command) {
    case UNLOCK_ALL:
        err_ignore(flash_unlock(chip->spi_flash)); /* cannot fail */
        break;
    case PAGE_PROGRAM:
        if (sst26->data_count)
            program_page(chip);
        break;
    case SECTOR_ERASE:
        erase(chip, offset & ~0xFFFu, 0x1000, ERASE_US);
        break;
    case BLOCK_ERASE:
        block = block_size(offset, size);
        erase(chip, offset & ~(block - 1), block, ERASE_US);
        break;
    default:
        erase(chip, 0, size, CHIP_ERASE_US);
        break;
    }
}

static bool is_write(uint8_t command)
{
    return command == UNLOCK_ALL || command == PAGE_PROGRAM || command == SECTOR_ERASE ||
           command == BLOCK_ERASE || command == CHIP_ERASE;
}

static bool has_address(uint8_t command)
{
    return command == PAGE_PROGRAM || command == SECTOR_ERASE || command == BLOCK_ERASE;
}

static void reset(struct chip *chip)
{
    struct sst26_model *sst26 = &chip->state.sst26;

    if (sst26->is_reset_enabled)
        sst26->is_write_enabled = false;
    else
        chip_complain(chip, "SPI flash: reset without reset enable");
}

static void finish(struct chip *chip)
{
    struct sst26_model *sst26 = &chip->state.sst26;
    uint8_t command = sst26->command;

    if (command == WRITE_ENABLE || command == WRITE_DISABLE)
        sst26->is_write_enabled = command == WRITE_ENABLE;
    if (command == RESET)
        reset(chip);
    sst26->is_reset_enabled = command == RESET_ENABLE;
    if (!is_write(command))
        return;
    if (!sst26->is_write_enabled) {
        chip_complain(chip, "SPI flash: command 0x%02X without write enable", command);
        return;
    }
    sst26->is_write_enabled = false; /* first: the power may go inside, and time goes on */
    if (has_address(command) && sst26->count < 4)
        chip_complain(chip, "SPI flash: command 0x%02X without a whole address", command);
    else
        finish_write(chip);
}

void sst26_model_select(struct chip *chip, bool is_selected)
{
    struct sst26_model *sst26 = &chip->state.sst26;

    if (is_selected == sst26->is_selected)
        return;
    sst26->is_selected = is_selected;
    if (is_selected) {
        sst26->count = sst26->data_count = sst26->address = 0;
        sst26->is_ignored = sst26->is_stalled = sst26->is_lying = false;
    } else if (sst26->count && !sst26->is_ignored) {
        finish(chip);
    }
}

static uint8_t status(struct chip *chip)
{
    struct sst26_model *sst26 = &chip->state.sst26;

    if (is_busy(chip) && ++sst26->polls >= POLLS_MAX)
        chip_skip_to(chip, sst26->busy_until);
    return (uint8_t)((is_busy(chip) ? BUSY_BITS : 0) | (sst26->is_write_enabled ? WEL_BIT : 0));
}

static uint8_t read_on(struct chip *chip)
{
    struct sst26_model *sst26 = &chip->state.sst26;
    uint8_t byte = 0xFF;

    /* No ECC on this flash, and the address is inside: it cannot fail. */
    err_ignore(flash_read(chip->spi_flash, sst26->address % chip->spi_flash->size, &byte, 1));
    sst26->address++;
    byte ^= sst26->is_lying ? WRONG_BIT : 0;
    sst26->is_lying = false;
    return byte;
}

static void note_answer(struct chip *chip)
{
    struct sst26_model *sst26 = &chip->state.sst26;
    enum sst26_answer answer = SST26_DOES;

    if (chip->observer.spi)
        answer =
            chip->observer.spi(chip->observer.context, is_write(sst26->command), sst26->address);
    sst26->is_stalled = sst26->is_ignored = answer == SST26_STALLS;
    sst26->is_lying = answer == SST26_LIES;
}

static bool begin(struct chip *chip, uint8_t command)
{
    static const uint8_t known[] = {
        PAGE_PROGRAM,    READ,         WRITE_DISABLE, STATUS,       WRITE_ENABLE,
        HIGH_SPEED_READ, SECTOR_ERASE, CONFIGURATION, RESET_ENABLE, UNLOCK_ALL,
        RESET,           JEDEC_ID,     CHIP_ERASE,    BLOCK_ERASE,
    };
    struct sst26_model *sst26 = &chip->state.sst26;

    sst26->command = command;
    if (!memchr(known, command, sizeof known)) {
        bus_stop(&chip->bus, "SPI flash: command 0x%02X is not modelled", command);
        return false;
    }
    sst26->is_ignored = is_busy(chip) && command != STATUS;
    if (sst26->is_ignored)
        chip_complain(chip, "SPI flash: command 0x%02X while it is busy", command);
    return true;
}

static void take_data(struct sst26_model *sst26, uint8_t byte)
{
    sst26->data[(sst26->address + sst26->data_count) % SST26_MODEL_PAGE] = byte;
    sst26->data_count++;
}

/* What comes behind the command byte; place: from 1. */
static uint8_t go_on(struct chip *chip, uint32_t place, uint8_t out)
{
    struct sst26_model *sst26 = &chip->state.sst26;
    uint8_t command = sst26->command;

    if (command == STATUS)
        return status(chip);
    if (command == JEDEC_ID)
        return identity[(place - 1) % sizeof identity];
    if (command == CONFIGURATION)
        return 0;
    if (place <= 3) {
        sst26->address = sst26->address << 8 | out;
        if (place == 3)
            note_answer(chip);
        return 0xFF;
    }
    if (command == READ || (command == HIGH_SPEED_READ && place > 4))
        return read_on(chip);
    if (command == PAGE_PROGRAM)
        take_data(sst26, out);
    return 0xFF;
}

bool sst26_model_exchange(struct chip *chip, uint8_t out, uint8_t *ret_in)
{
    struct sst26_model *sst26 = &chip->state.sst26;

    *ret_in = 0xFF;
    if (!sst26->is_selected)
        return true;
    uint32_t place = sst26->count++;
    if (place == 0)
        return begin(chip, out);
    if (!sst26->is_ignored)
        *ret_in = go_on(chip, place, out);
    return true;
}
