#include "hal_pic32/spi.h"

#include "hal_pic32/board.h"
#include "hal_pic32/mmio.h"
#include "hal_pic32/regs.h"

#define BRG       ((BOARD_BUS_HZ + 2 * BOARD_SPI_MAX_HZ - 1) / (2 * BOARD_SPI_MAX_HZ) - 1)
#define LOOPS_MAX 10000 /* of a buffer; far above its time */
#define WORD      sizeof(uint32_t)

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

/* Only while it is off, and while nobody is selected: the clock's pin is free for that moment. */
static void set_width(uint32_t mode)
{
    if ((mmio_get(SPI1CON) & SPI1CON_MODE32) == mode)
        return;
    mmio_clear(SPI1CON, SPI1CON_ON);
    mmio_clear(SPI1CON, SPI1CON_MODE32);
    mmio_set(SPI1CON, mode);
    mmio_set(SPI1CON, SPI1CON_ON);
}

void spi_select(void)
{
    set_width(0);
    mmio_clear(LATA, PORTA_FLASH);
}

void spi_release(void)
{
    mmio_set(LATA, PORTA_FLASH);
}

/* What goes out brings as much in: a byte, or a word. */
static bool exchange(uint32_t out, uint32_t *ret_in)
{
    int loops = LOOPS_MAX;

    mmio_put(SPI1BUF, out);
    while (mmio_get(SPI1STAT) & SPI1STAT_RBE)
        if (--loops == 0)
            return false;
    *ret_in = mmio_get(SPI1BUF);
    return true;
}

bool spi_send(const uint8_t *data, uint32_t size)
{
    uint32_t unused;

    for (; size; size--)
        if (!exchange(*data++, &unused))
            return false;
    return true;
}

bool spi_receive(uint8_t *ret_data, uint32_t size)
{
    uint32_t in;

    for (; size; size--) {
        if (!exchange(0xFF, &in))
            return false;
        *ret_data++ = (uint8_t)in;
    }
    return true;
}

/* Wherever it lies: two instructions, where memcpy() is a call. */
struct any_word {
    uint32_t value;
} __attribute__((packed, may_alias));

static void put_word(uint8_t *to, uint32_t word)
{
    ((struct any_word *)to)->value = __builtin_bswap32(word);
}

/* A buffer of words with nothing between them; the status is asked once for all. */
static bool receive_buffer(uint8_t *ret_data)
{
    int loops = LOOPS_MAX;

    for (uint32_t at = 0; at < SPI_BUFFER; at += WORD)
        mmio_put(SPI1BUF, UINT32_MAX);
    while (!(mmio_get(SPI1STAT) & SPI1STAT_RBF))
        if (--loops == 0)
            return false;
    for (uint32_t at = 0; at < SPI_BUFFER; at += WORD)
        put_word(ret_data + at, mmio_get(SPI1BUF));
    return true;
}

static bool receive_words(uint8_t *ret_data, uint32_t size)
{
    uint32_t in;

    for (; size >= SPI_BUFFER; size -= SPI_BUFFER, ret_data += SPI_BUFFER)
        if (!receive_buffer(ret_data))
            return false;
    for (; size; size -= WORD, ret_data += WORD) {
        if (!exchange(UINT32_MAX, &in))
            return false;
        put_word(ret_data, in);
    }
    return true;
}

bool spi_read(const uint8_t command[4], uint8_t *ret_data, uint32_t size)
{
    uint32_t word = ((const struct any_word *)command)->value, unused;

    set_width(SPI1CON_MODE32);
    mmio_clear(LATA, PORTA_FLASH);
    bool is_good = exchange(__builtin_bswap32(word), &unused) && receive_words(ret_data, size);
    spi_release();
    return is_good;
}
