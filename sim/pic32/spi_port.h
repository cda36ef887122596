#ifndef SIM_PIC32_SPI_PORT_H
#define SIM_PIC32_SPI_PORT_H

#include "sim/pic32/io.h"

/*
 * SPI 1 as a master of the SPI flash, eight bits a transfer, without DMA; with or without the
 * enhanced buffer (16 bytes). A transfer takes its time by SPI1BRG; a firmware that polls for it is
 * not kept waiting.
 */
#define SPI_PORT_BUFFER 16u

struct spi_port {
    uint32_t control, control2, baud;
    bool has_overflowed;
    uint8_t bytes[SPI_PORT_BUFFER]; /* received, a ring */
    uint32_t first, count;          /* of bytes; the last may still be on the way */
    uint64_t done_at;               /* when the last transfer is over */
};

void spi_port_reset(struct spi_port *spi);

bool spi_port_read(struct chip *chip, uint32_t reg, uint32_t *ret_value);
bool spi_port_write(struct chip *chip, const struct io_write *write);

/* A received byte waits to be read. */
bool spi_port_has_input(const struct chip *chip);

#endif
