#include "hal_pic32/sst26.h"

#include <stdbool.h>
#include <string.h>

#include "hal_pic32/board.h"
#include "hal_pic32/cp0.h"
#include "hal_pic32/spi.h"

#define SIZE          0x400000u
#define SECTOR_SIZE   4096u
#define PAGE_SIZE     256u
#define ENDURANCE     100000u              /* data sheet DS20005119J, front page */
#define TIMEOUT_TICKS (BOARD_COUNT_HZ / 5) /* an erase takes 25 ms at most */
#define COMMAND_MAX   4

/* Commands and identity: data sheet DS20005119J; pic32.md 1. */
enum command {
    COMMAND_PROGRAM = 0x02,
    COMMAND_READ = 0x03,
    COMMAND_STATUS = 0x05,
    COMMAND_WRITE_ENABLE = 0x06,
    COMMAND_ERASE = 0x20,
    COMMAND_UNPROTECT = 0x98,
    COMMAND_ID = 0x9F,
};

#define STATUS_BUSY 0x81 /* shown twice */
#define STATUS_WEL  0x02

static const uint8_t identity[] = {0xBF, 0x26, 0x42};

/* One selection of the flash: a command, then what goes out and what comes in. */
static bool talk(const uint8_t *command, uint32_t command_size, const uint8_t *out,
                 uint32_t out_size, uint8_t *in, uint32_t in_size)
{
    spi_select();
    bool is_good =
        spi_send(command, command_size) && spi_send(out, out_size) && spi_receive(in, in_size);
    spi_release();
    return is_good;
}

static bool command_alone(enum command command)
{
    uint8_t byte = (uint8_t)command;

    return talk(&byte, 1, NULL, 0, NULL, 0);
}

static bool command_reads(enum command command, uint8_t *ret_data, uint32_t size)
{
    uint8_t byte = (uint8_t)command;

    return talk(&byte, 1, NULL, 0, ret_data, size);
}

static void put_address(uint8_t command[COMMAND_MAX], enum command code, uint32_t offset)
{
    command[0] = (uint8_t)code;
    command[1] = (uint8_t)(offset >> 16);
    command[2] = (uint8_t)(offset >> 8);
    command[3] = (uint8_t)offset;
}

static bool wait_done(void)
{
    uint32_t started = cp0_count();
    uint8_t status;

    for (;;) {
        if (!command_reads(COMMAND_STATUS, &status, 1))
            return false;
        if (!(status & STATUS_BUSY))
            return true;
        if (cp0_count() - started > TIMEOUT_TICKS)
            return false;
    }
}

/* Without the latch set the flash would ignore the write, and say nothing. */
static bool enable_write(void)
{
    uint8_t status;

    return command_alone(COMMAND_WRITE_ENABLE) && command_reads(COMMAND_STATUS, &status, 1) &&
           (status & STATUS_WEL);
}

static bool is_open(struct flash *flash, uint32_t offset, uint32_t size)
{
    const struct sst26 *sst26 = (const struct sst26 *)flash;

    return offset >= sst26->open_from && offset + size <= sst26->open_to;
}

static enum ota_err sst26_read(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    uint8_t command[COMMAND_MAX];

    (void)flash;
    put_address(command, COMMAND_READ, offset);
    bool is_good = size % sizeof command ? talk(command, sizeof command, NULL, 0, data, size)
                                         : spi_read(command, data, size);
    return is_good ? OTA_OK : OTA_ERR_FLASH;
}

static enum ota_err program_page(uint32_t offset, const uint8_t *data, uint32_t size)
{
    uint8_t command[COMMAND_MAX];

    put_address(command, COMMAND_PROGRAM, offset);
    bool is_good =
        enable_write() && talk(command, sizeof command, data, size, NULL, 0) && wait_done();
    return is_good ? OTA_OK : OTA_ERR_FLASH;
}

static enum ota_err sst26_program(struct flash *flash, uint32_t offset, const void *data,
                                  uint32_t size)
{
    const uint8_t *from = data;
    enum ota_err err = is_open(flash, offset, size) ? OTA_OK : OTA_ERR_FLASH;

    while (size && !err) {
        uint32_t part = flash_operation_size(flash, offset, size);
        err = program_page(offset, from, part);
        offset += part;
        from += part;
        size -= part;
    }
    return err;
}

static enum ota_err sst26_erase(struct flash *flash, uint32_t offset)
{
    uint8_t command[COMMAND_MAX];

    if (!is_open(flash, offset, flash->erase_size))
        return OTA_ERR_FLASH;
    put_address(command, COMMAND_ERASE, offset);
    bool is_good = enable_write() && talk(command, sizeof command, NULL, 0, NULL, 0) && wait_done();
    return is_good ? OTA_OK : OTA_ERR_FLASH;
}

/* After a reset of the processor alone the flash may still be at work. */
static enum ota_err sst26_unlock(struct flash *flash)
{
    uint8_t id[sizeof identity];

    (void)flash;
    if (!wait_done() || !command_reads(COMMAND_ID, id, sizeof id) ||
        memcmp(id, identity, sizeof id) != 0)
        return OTA_ERR_FLASH;
    bool is_good = enable_write() && command_alone(COMMAND_UNPROTECT) && wait_done();
    return is_good ? OTA_OK : OTA_ERR_FLASH;
}

static void sst26_protect(struct flash *flash, uint32_t from, uint32_t to)
{
    struct sst26 *sst26 = (struct sst26 *)flash;

    if (from > sst26->open_from)
        sst26->open_from = from;
    if (to < sst26->open_to)
        sst26->open_to = to;
}

static const struct flash_ops ops = {
    .read = sst26_read,
    .program = sst26_program,
    .erase = sst26_erase,
    .unlock = sst26_unlock,
    .protect = sst26_protect,
};

void sst26_init(struct sst26 *sst26)
{
    spi_init();
    *sst26 = (struct sst26){
        .flash = {.ops = &ops,
                  .name = "spi",
                  .size = SIZE,
                  .erase_size = SECTOR_SIZE,
                  .row_size = PAGE_SIZE,
                  .program_size = 1,
                  .erase_max = ENDURANCE},
        .open_to = SIZE,
    };
}
