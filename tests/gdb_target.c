#include <stdio.h>
#include <string.h>

#include "hal_posix/flash_ram.h"
#include "sim/pic32/gdb_stub.h"

/*
 * usage: gdb_target BOOT.bin
 *
 * A chip with BOOT.bin in boot flash, for one debugger: prints the port and waits for it. Exits
 * with 0 when the debugger detached or killed.
 */
static enum ota_err make_flashes(struct flash_ram *nvm, struct flash_ram *spi)
{
    struct cells cells;

    cells_init_nvm(&cells, false);
    enum ota_err err = flash_ram_init(nvm, &cells);
    cells_init_sst26(&cells);
    return err ? err : flash_ram_init(spi, &cells);
}

int main(int argc, char **argv)
{
    static struct chip chip;
    static struct flash_ram nvm, spi;
    static struct gdb_stub stub;
    static uint8_t boot[BUS_BOOT_SIZE];
    struct flash_nor nvm_nor, spi_nor;
    struct power nvm_power, spi_power;
    struct power_supply supply = {0};

    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!file || make_flashes(&nvm, &spi))
        return 2;
    size_t size = fread(boot, 1, sizeof boot, file);
    fclose(file);
    flash_nor_init(&nvm_nor, &nvm.cells, NULL, NULL);
    flash_nor_init(&spi_nor, &spi.cells, NULL, NULL);
    power_init(&nvm_power, &nvm_nor, &supply);
    power_init(&spi_power, &spi_nor, &supply);
    if (chip_init(&chip, &nvm_power, &spi_power) ||
        !chip_load(&chip, BUS_BOOT, boot, (uint32_t)size))
        return 2;
    chip_power_on(&chip, 1);
    uint16_t port = gdb_stub_listen(&stub, &chip, 0);
    if (!port)
        return 3;
    printf("%u\n", port);
    fflush(stdout);
    enum gdb_stub_end end = gdb_stub_serve(&stub);
    gdb_stub_close(&stub);
    chip_free(&chip);
    flash_ram_free(&nvm);
    flash_ram_free(&spi);
    return end == GDB_STUB_LOST;
}
