#ifndef SIM_PIC32_SPI_PORT_H
#define SIM_PIC32_SPI_PORT_H

#include "sim/pic32/io.h"

/*
 * SPI 1 as a master of the SPI flash, 8 or 32 bits a transfer (of a word the highest byte goes
 * first), without DMA; with or without the enhanced buffer of 128 bits. A transfer takes its time
 * by SPI1BRG; a firmware that polls for it is not kept waiting. PIC32 Family Reference Manual 23.
 */
#define SPI_PORT_BUFFER 16u /* bytes, and so transfers at most */

struct spi_port {
    uint32_t control, control2, baud;
    bool has_overflowed;
    uint32_t items[SPI_PORT_BUFFER]; /* received by a transfer each, a ring */
    uint32_t first, count;           /* of items; the last may still be on the way */
    uint64_t done_at;                /* when the last transfer is over */
};

void spi_port_reset(struct spi_port *spi);

bool spi_port_read(struct chip *chip, uint32_t reg, uint32_t *ret_value);
bool spi_port_write(struct chip *chip, const struct io_write *write);

/* Something received waits to be read. */
bool spi_port_has_input(const struct chip *chip);

#endif
