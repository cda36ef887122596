#ifndef HAL_PIC32_SPI_H
#define HAL_PIC32_SPI_H

#include <stdbool.h>
#include <stdint.h>

/* SPI 1 as the master of the external flash: mode 0, at most BOARD_SPI_MAX_HZ, polled. */

void spi_init(void);
void spi_select(void);
void spi_release(void);

/* Send size bytes, or take as many. false: the controller did not answer. */
bool spi_send(const uint8_t *data, uint32_t size);
bool spi_receive(uint8_t *ret_data, uint32_t size);

/* A selection of its own, in words of 32 bits: a command, then size bytes in, a multiple of four.
 */
bool spi_read(const uint8_t command[4], uint8_t *ret_data, uint32_t size);

#endif
