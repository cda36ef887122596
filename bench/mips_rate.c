#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/bytes.h"
#include "hal_posix/flash_ram.h"
#include "sim/pic32/chip.h"

/*
 * usage: mips_rate SHA256.bin
 *
 * Instructions a second of the chip's processor, in time of this one, on bench/sha256.c; OpenSSL
 * tells whether it computed the right thing.
 */
static struct chip chip;

static void fill(uint8_t *bytes, uint32_t size)
{
    uint32_t random = 1;

    for (uint32_t i = 0; i < size; i++) {
        random = random * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(random >> 24);
    }
}

static bool load(const char *path)
{
    static uint8_t boot[BUS_BOOT_SIZE];
    FILE *file = fopen(path, "rb");

    if (!file)
        return false;
    size_t size = fread(boot, 1, sizeof boot, file);
    fclose(file);
    return chip_load(&chip, BUS_BOOT, boot, (uint32_t)size);
}

static bool is_right(const uint8_t *flash)
{
    uint8_t expected[32], word[4];

    if (!EVP_Digest(flash, BUS_FLASH_SIZE, expected, NULL, EVP_sha256(), NULL))
        return false;
    for (int i = 0; i < 8; i++) {
        uint32_t value = bytes_get32(chip.state.ram + 4 * i);
        bytes_put32(word, __builtin_bswap32(value));
        if (memcmp(word, expected + 4 * i, 4) != 0)
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct flash_ram nvm, spi;
    struct cells cells;
    struct flash_nor nvm_nor, spi_nor;
    struct power nvm_power, spi_power;
    struct power_supply supply = {0};

    cells_init_nvm(&cells, false);
    if (flash_ram_init(&nvm, &cells))
        return 3;
    cells_init_sst26(&cells);
    if (flash_ram_init(&spi, &cells))
        return 3;
    flash_nor_init(&nvm_nor, &nvm.cells, NULL, NULL);
    flash_nor_init(&spi_nor, &spi.cells, NULL, NULL);
    power_init(&nvm_power, &nvm_nor, &supply);
    power_init(&spi_power, &spi_nor, &supply);
    fill(nvm.cells.bytes, BUS_FLASH_SIZE);
    if (argc != 2 || chip_init(&chip, &nvm_power, &spi_power) || !load(argv[1])) {
        fputs("usage: mips_rate SHA256.bin\n", stderr);
        return 2;
    }
    chip_power_on(&chip, 1);
    clock_t started = clock();
    enum chip_end end = chip_run(&chip);
    double seconds = (double)(clock() - started) / CLOCKS_PER_SEC;
    uint64_t instructions = chip.state.cpu.now - chip.state.cpu.skipped;
    if (end != CHIP_STOPPED || !is_right(nvm.cells.bytes)) {
        printf("the chip did not compute SHA-256: %s\n", chip_reason(&chip));
        return 1;
    }
    printf("pic32                %.0f M instructions a second on one processor (SHA-256, %.1f G)\n",
           (double)instructions / seconds / 1e6, (double)instructions / 1e9);
    return 0;
}
