#include "sim/pic32/spi_port.h"

#include "sim/pic32/chip.h"

enum {
    CONTROL = 0x1F840C00,
    STATUS = 0x1F840C10,
    BUFFER = 0x1F840C20,
    BAUD = 0x1F840C30,
    CONTROL2 = 0x1F840C40,
};

#define MSTEN  0x00000020u
#define MODE16 0x00000400u
#define MODE32 0x00000800u
#define ON     0x00008000u
#define ENHBUF 0x00010000u

#define SPIRBF  0x0001u
#define SPITBF  0x0002u
#define SPITBE  0x0008u
#define SPIRBE  0x0020u
#define SPIROV  0x0040u
#define SRMT    0x0080u
#define SPIBUSY 0x0800u

#define CYCLES_PER_BUS_CLOCK 2

void spi_port_reset(struct spi_port *spi)
{
    *spi = (struct spi_port){0};
}

/* Bytes of a transfer. */
static uint32_t width(const struct spi_port *spi)
{
    return spi->control & MODE32 ? 4 : 1;
}

static uint64_t transfer_cycles(const struct spi_port *spi)
{
    return (uint64_t)8 * width(spi) * 2 * ((spi->baud & 0x1FFF) + 1) * CYCLES_PER_BUS_CLOCK;
}

static uint32_t capacity(const struct spi_port *spi)
{
    return spi->control & ENHBUF ? SPI_PORT_BUFFER / width(spi) : 1;
}

/* How many transfers are still going on. */
static uint32_t under_way(const struct chip *chip)
{
    const struct spi_port *spi = &chip->state.spi;
    uint64_t now = chip->state.cpu.now, cycles = transfer_cycles(spi);

    return now >= spi->done_at ? 0 : (uint32_t)((spi->done_at - now + cycles - 1) / cycles);
}

static uint32_t arrived(const struct chip *chip)
{
    uint32_t count = chip->state.spi.count, missing = under_way(chip);

    return count > missing ? count - missing : 0;
}

bool spi_port_has_input(const struct chip *chip)
{
    return chip->state.spi.count && arrived(chip);
}

/* The highest byte first. */
static bool exchange(struct chip *chip, uint32_t out, uint32_t *ret_in)
{
    *ret_in = 0;
    for (uint32_t left = width(&chip->state.spi); left--;) {
        uint8_t in;
        if (!sst26_model_exchange(chip, (uint8_t)(out >> 8 * left), &in))
            return false;
        *ret_in = *ret_in << 8 | in;
    }
    return true;
}

/* A transfer goes through the shift register whether there is room for what comes in or not. */
static bool transfer(struct chip *chip, uint32_t out)
{
    struct spi_port *spi = &chip->state.spi;
    uint64_t now = chip->state.cpu.now;
    uint32_t in;

    if (!(spi->control & ON) || !(spi->control & MSTEN)) {
        chip_complain(chip, "SPI1BUF is written while SPI 1 is off or no master");
        return true;
    }
    if (!exchange(chip, out, &in))
        return false;
    if (chip->state.sst26.is_stalled)
        return true; /* nothing comes in; the firmware's patience ends it */
    spi->done_at = (spi->done_at > now ? spi->done_at : now) + transfer_cycles(spi);
    if (spi->count == capacity(spi)) {
        spi->has_overflowed = true;
        chip_complain(chip, "SPI 1 received a byte before the last one was read");
        return true;
    }
    if (!spi->has_overflowed)
        spi->items[(spi->first + spi->count++) % SPI_PORT_BUFFER] = in;
    return true;
}

static uint32_t receive(struct chip *chip)
{
    struct spi_port *spi = &chip->state.spi;

    if (!arrived(chip)) {
        chip_complain(chip, "SPI1BUF is read while nothing has come in");
        return 0;
    }
    uint32_t item = spi->items[spi->first];
    spi->first = (spi->first + 1) % SPI_PORT_BUFFER;
    spi->count--;
    return item;
}

/* Who asks for what is still on the way waits: let that time be over. */
static uint32_t status(struct chip *chip)
{
    const struct spi_port *spi = &chip->state.spi;
    uint32_t bits = 0;

    if (under_way(chip))
        chip_skip_to(chip, spi->done_at);
    if (under_way(chip))
        bits |= SPIBUSY | (spi->control & ENHBUF ? 0 : SPITBF);
    else
        bits |= SRMT | SPITBE;
    if (!arrived(chip))
        bits |= SPIRBE;
    if (arrived(chip) == capacity(spi))
        bits |= SPIRBF;
    return bits | (spi->has_overflowed ? SPIROV : 0);
}

static bool write_control(struct chip *chip, const struct io_write *write)
{
    struct spi_port *spi = &chip->state.spi;
    uint32_t value = io_merge(write, spi->control);

    if ((value & (MODE16 | MODE32)) == MODE16) {
        bus_stop(&chip->bus, "SPI 1 with 16 bits a transfer is not modelled");
        return false;
    }
    if ((value ^ spi->control) & MODE32 && spi->control & value & ON)
        chip_complain(chip, "the width of a transfer is changed while SPI 1 is on");
    if (!(value & ON))
        spi->first = spi->count = 0;
    spi->control = value;
    return true;
}

bool spi_port_read(struct chip *chip, uint32_t reg, uint32_t *ret_value)
{
    switch (reg) {
    case CONTROL:
        *ret_value = chip->state.spi.control;
        return true;
    case STATUS:
        *ret_value = status(chip);
        return true;
    case BUFFER:
        *ret_value = receive(chip);
        return true;
    case BAUD:
        *ret_value = chip->state.spi.baud;
        return true;
    case CONTROL2:
        *ret_value = chip->state.spi.control2;
        return true;
    default:
        return false;
    }
}

bool spi_port_write(struct chip *chip, const struct io_write *write)
{
    struct spi_port *spi = &chip->state.spi;

    switch (write->reg) {
    case CONTROL:
        return write_control(chip, write);
    case STATUS: /* only the overflow can be written, and only to 0 */
        spi->has_overflowed = spi->has_overflowed && (io_merge(write, SPIROV) & SPIROV);
        return true;
    case BUFFER:
        return write->how == IO_WRITE && transfer(chip, write->value);
    case BAUD:
        spi->baud = io_merge(write, spi->baud);
        return true;
    case CONTROL2:
        spi->control2 = io_merge(write, spi->control2);
        return true;
    default:
        return false;
    }
}
