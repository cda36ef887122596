#include "hal_pic32/uart.h"

#include <stdbool.h>

#include "hal_pic32/board.h"
#include "hal_pic32/cp0.h"
#include "hal_pic32/mmio.h"
#include "hal_pic32/regs.h"

#define CLOCKS_PER_BIT 4
#define DIVIDER        ((BOARD_BUS_HZ / CLOCKS_PER_BIT + BOARD_BAUD / 2) / BOARD_BAUD)
#define REAL_BAUD      (BOARD_BUS_HZ / CLOCKS_PER_BIT / DIVIDER)
#define TOLERANCE      (BOARD_BAUD / 40) /* both ends together may be 5 % apart */

_Static_assert(REAL_BAUD > BOARD_BAUD - TOLERANCE && REAL_BAUD < BOARD_BAUD + TOLERANCE,
               "the clock cannot be divided to this baud rate; choose another");

void uart_init(void)
{
    mmio_put(U1MODE, 0);
    mmio_put(U1BRG, DIVIDER - 1);
    mmio_put(U1STA, U1STA_UTXEN | U1STA_URXEN);
    mmio_put(U1MODE, U1MODE_ON | U1MODE_BRGH);
}

/* Until the bits are what is wanted, or a second is over. */
static bool wait_for(uint32_t bits, bool is_set)
{
    uint32_t started = cp0_count();

    while (((mmio_get(U1STA) & bits) != 0) != is_set)
        if (cp0_count() - started > BOARD_COUNT_HZ)
            return false;
    return true;
}

void uart_put(char c)
{
    if (wait_for(U1STA_UTXBF, false))
        mmio_put(U1TXREG, (uint8_t)c);
}

void uart_text(const char *text)
{
    while (*text)
        uart_put(*text++);
}

void uart_number(uint32_t value)
{
    char digits[10];
    int count = 0;

    do
        digits[count++] = (char)('0' + value % 10);
    while (value /= 10);
    while (count)
        uart_put(digits[--count]);
}

void uart_hex(uint32_t value)
{
    int shift = 28;

    uart_text("0x");
    while (shift && !(value >> shift))
        shift -= 4;
    for (; shift >= 0; shift -= 4)
        uart_put("0123456789ABCDEF"[value >> shift & 15]);
}

void uart_flush(void)
{
    wait_for(U1STA_TRMT, true);
}

int uart_get(void)
{
    uint32_t status = mmio_get(U1STA);

    if (status & U1STA_OERR)
        mmio_clear(U1STA, U1STA_OERR); /* bytes were lost; go on with what comes now */
    return status & U1STA_URXDA ? (int)(mmio_get(U1RXREG) & 0xFF) : -1;
}
