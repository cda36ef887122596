#include "hal_pic32/spi.h"

#include "hal_pic32/board.h"
#include "hal_pic32/mmio.h"
#include "hal_pic32/regs.h"

#define BRG       ((BOARD_BUS_HZ + 2 * BOARD_SPI_MAX_HZ - 1) / (2 * BOARD_SPI_MAX_HZ) - 1)
#define LOOPS_MAX 10000 /* of a buffer; far above its time */

void spi_init(void)
{
    spi_release();
    mmio_clear(ANSELA, PORTA_FLASH);
    mmio_clear(TRISA, PORTA_FLASH);
    mmio_put(SPI1CON, 0);
    while (mmio_get(SPI1STAT) & SPI1STAT_RBF) /* one byte, as long as ENHBUF is off */
        (void)mmio_get(SPI1BUF);
    mmio_clear(SPI1STAT, SPI1STAT_ROV);
    mmio_put(SPI1BRG, BRG);
    mmio_put(SPI1CON, SPI1CON_MSTEN | SPI1CON_CKE | SPI1CON_ENHBUF);
    mmio_set(SPI1CON, SPI1CON_ON);
}

void spi_select(void)
{
    mmio_clear(LATA, PORTA_FLASH);
}

void spi_release(void)
{
    mmio_set(LATA, PORTA_FLASH);
}

/* Each byte out brings one in. */
static bool exchange(uint8_t out, uint8_t *ret_in)
{
    int loops = LOOPS_MAX;

    mmio_put(SPI1BUF, out);
    while (mmio_get(SPI1STAT) & SPI1STAT_RBE)
        if (--loops == 0)
            return false;
    *ret_in = (uint8_t)mmio_get(SPI1BUF);
    return true;
}

/* SPI_BUFFER bytes with nothing between them; the status is asked once for all. */
static bool receive_buffer(uint8_t *ret_data)
{
    int loops = LOOPS_MAX;

    for (int i = 0; i < SPI_BUFFER; i++)
        mmio_put(SPI1BUF, 0xFF);
    while (!(mmio_get(SPI1STAT) & SPI1STAT_RBF))
        if (--loops == 0)
            return false;
    for (int i = 0; i < SPI_BUFFER; i++)
        ret_data[i] = (uint8_t)mmio_get(SPI1BUF);
    return true;
}

bool spi_send(const uint8_t *data, uint32_t size)
{
    uint8_t unused;

    for (; size; size--)
        if (!exchange(*data++, &unused))
            return false;
    return true;
}

bool spi_receive(uint8_t *ret_data, uint32_t size)
{
    for (; size >= SPI_BUFFER; size -= SPI_BUFFER, ret_data += SPI_BUFFER)
        if (!receive_buffer(ret_data))
            return false;
    for (; size; size--)
        if (!exchange(0xFF, ret_data++))
            return false;
    return true;
}
