#include "sim/pic32/uart_port.h"

#include "sim/pic32/chip.h"

enum {
    MODE = 0x1F840600,
    STATUS = 0x1F840610,
    SEND = 0x1F840620,
    RECEIVE = 0x1F840630,
    BAUD = 0x1F840640,
};

#define ON    0x8000u
#define BRGH  0x0008u
#define URXDA 0x0001u
#define RIDLE 0x0010u
#define TRMT  0x0100u
#define UTXBF 0x0200u
#define UTXEN 0x0400u
#define URXEN 0x1000u

#define CONTROL_BITS         (0xFFFF0000u | 0xE0E0u | UTXEN | URXEN)
#define BITS_PER_BYTE        10
#define BUFFER               8u
#define CYCLES_PER_BUS_CLOCK 2

void uart_port_reset(struct uart_port *uart)
{
    *uart = (struct uart_port){0};
}

static uint64_t byte_cycles(const struct uart_port *uart)
{
    uint64_t clocks_per_bit = uart->mode & BRGH ? 4 : 16;

    return BITS_PER_BYTE * clocks_per_bit * ((uart->baud & 0xFFFF) + 1) * CYCLES_PER_BUS_CLOCK;
}

/* Bytes that are not sent yet. */
static uint64_t waiting(const struct chip *chip)
{
    const struct uart_port *uart = &chip->state.uart;
    uint64_t now = chip->state.cpu.now, cycles = byte_cycles(uart);

    return now >= uart->done_at ? 0 : (uart->done_at - now + cycles - 1) / cycles;
}

static bool is_receiving(const struct uart_port *uart)
{
    return (uart->mode & ON) && (uart->control & URXEN);
}

bool uart_port_has_input(const struct chip *chip)
{
    const struct uart_port *uart = &chip->state.uart;

    return uart->count && is_receiving(uart);
}

bool uart_port_type(struct chip *chip, uint8_t byte)
{
    struct uart_port *uart = &chip->state.uart;

    if (uart->count == UART_PORT_INPUT)
        return false;
    uart->input[(uart->first + uart->count++) % UART_PORT_INPUT] = byte;
    cpu_call(&chip->state.cpu);
    return true;
}

/* Who asks while the line is busy waits: for room, or for the end. */
static uint32_t status(struct chip *chip)
{
    const struct uart_port *uart = &chip->state.uart;
    uint32_t bits = uart->control | RIDLE;

    if (waiting(chip) > BUFFER)
        chip_skip_to(chip, uart->done_at - BUFFER * byte_cycles(uart));
    else if (waiting(chip))
        chip_skip_to(chip, uart->done_at);
    if (waiting(chip) > BUFFER)
        bits |= UTXBF;
    if (!waiting(chip))
        bits |= TRMT;
    return bits | (uart_port_has_input(chip) ? URXDA : 0);
}

static void send(struct chip *chip, uint8_t byte)
{
    struct uart_port *uart = &chip->state.uart;
    uint64_t now = chip->state.cpu.now;

    if (!(uart->mode & ON) || !(uart->control & UTXEN)) {
        chip_complain(chip, "U1TXREG is written while UART 1 is off");
        return;
    }
    if (waiting(chip) > BUFFER) {
        chip_complain(chip, "U1TXREG is written while it is full");
        return;
    }
    uart->done_at = (uart->done_at > now ? uart->done_at : now) + byte_cycles(uart);
    if (chip->observer.console)
        chip->observer.console(chip->observer.context, byte);
}

static uint32_t receive(struct chip *chip)
{
    struct uart_port *uart = &chip->state.uart;

    if (!uart_port_has_input(chip))
        return 0;
    uint8_t byte = uart->input[uart->first];
    uart->first = (uart->first + 1) % UART_PORT_INPUT;
    uart->count--;
    return byte;
}

bool uart_port_read(struct chip *chip, uint32_t reg, uint32_t *ret_value)
{
    switch (reg) {
    case MODE:
        *ret_value = chip->state.uart.mode;
        return true;
    case STATUS:
        *ret_value = status(chip);
        return true;
    case RECEIVE:
        *ret_value = receive(chip);
        return true;
    case BAUD:
        *ret_value = chip->state.uart.baud;
        return true;
    default:
        return false;
    }
}

bool uart_port_write(struct chip *chip, const struct io_write *write)
{
    struct uart_port *uart = &chip->state.uart;

    switch (write->reg) {
    case MODE:
        uart->mode = io_merge(write, uart->mode);
        return true;
    case STATUS:
        uart->control = io_merge(write, uart->control) & CONTROL_BITS;
        return true;
    case SEND:
        if (write->how == IO_WRITE)
            send(chip, (uint8_t)write->value);
        return write->how == IO_WRITE;
    case BAUD:
        uart->baud = io_merge(write, uart->baud);
        return true;
    default:
        return false;
    }
}
