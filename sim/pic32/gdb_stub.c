#include "sim/pic32/gdb_stub.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/bytes.h"
#include "sim/pic32/cp0.h"

#define MEMORY_MAX   (GDB_STUB_PACKET / 2)
#define TEXT_MAX     1024 /* of one packet */
#define COMMAND_MAX  200
#define SLICE_CYCLES 10000000u /* between two looks for an interrupt */
#define SIGNAL_TRAP  5
#define SIGNAL_INT   2
#define SIGNAL_SEGV  11

/* gdb's numbers of the registers behind the general ones. */
enum { REG_STATUS = 32, REG_LO, REG_HI, REG_BAD_ADDRESS, REG_CAUSE, REG_PC, REG_COUNT };

static bool send_all(int connection, const char *bytes, size_t size)
{
    while (size) {
        ssize_t sent = send(connection, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* The next byte, or -1: the connection ended. */
static int receive_byte(int connection)
{
    uint8_t byte;
    ssize_t got;

    do
        got = recv(connection, &byte, 1, 0);
    while (got < 0 && errno == EINTR);
    return got == 1 ? byte : -1;
}

static int hex_digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Take a packet and acknowledge it; a damaged one is asked for again. false: the connection ended.
 */
static bool receive_packet(struct gdb_stub *stub)
{
    for (;;) {
        uint32_t size = 0;
        uint8_t sum = 0;
        int c;
        while ((c = receive_byte(stub->connection)) != '$')
            if (c < 0)
                return false;
        while ((c = receive_byte(stub->connection)) != '#') {
            if (c < 0)
                return false;
            sum = (uint8_t)(sum + c);
            if (size < GDB_STUB_PACKET)
                stub->packet[size++] = (char)c;
        }
        stub->packet[size] = '\0';
        int high = hex_digit(receive_byte(stub->connection));
        int low = hex_digit(receive_byte(stub->connection));
        bool is_good = high >= 0 && low >= 0 && (high << 4 | low) == sum;
        if (!send_all(stub->connection, is_good ? "+" : "-", 1))
            return false;
        if (is_good)
            return true;
    }
}

/* In one piece: gdb waits for each reply, and the network for more of it. */
static bool send_packet(struct gdb_stub *stub, const char *text)
{
    char packet[GDB_STUB_PACKET + 8];
    uint8_t sum = 0;

    for (const char *c = text; *c; c++)
        sum = (uint8_t)(sum + *c);
    int size = snprintf(packet, sizeof packet, "$%s#%02x", text, sum);
    return send_all(stub->connection, packet, (size_t)size);
}

static void put_hex(char *to, const uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        snprintf(to + 2 * i, 3, "%02x", bytes[i]);
}

/* false: not two hex digits for each byte, and nothing behind them. */
static bool get_hex(const char *from, uint8_t *ret_bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        int high = hex_digit(from[2 * i]);
        int low = high < 0 ? -1 : hex_digit(from[2 * i + 1]);
        if (low < 0)
            return false;
        ret_bytes[i] = (uint8_t)(high << 4 | low);
    }
    return from[2 * size] == '\0';
}

static uint32_t get_register(const struct cpu *cpu, uint32_t number)
{
    uint32_t value = 0;

    if (number == 0)
        return 0;
    if (number < REG_STATUS)
        return cpu->gpr[number];
    switch (number) {
    case REG_STATUS:
        return cpu->status;
    case REG_LO:
        return cpu->lo;
    case REG_HI:
        return cpu->hi;
    case REG_BAD_ADDRESS:
        return cpu->bad_address;
    case REG_CAUSE: /* always known */
        return cp0_read(cpu, CP0_REGISTER(13, 0), &value) ? value : 0;
    default:
        return cpu->pc;
    }
}

/* false: it cannot be written. */
static bool set_register(struct cpu *cpu, uint32_t number, uint32_t value)
{
    if (number == 0)
        return value == 0;
    if (number < REG_STATUS)
        cpu->gpr[number] = value;
    else if (number == REG_STATUS)
        return cp0_write(cpu, CP0_REGISTER(12, 0), value);
    else if (number == REG_LO)
        cpu->lo = value;
    else if (number == REG_HI)
        cpu->hi = value;
    else if (number == REG_PC)
        cpu->pc = value;
    else
        return false;
    return true;
}

static void ok_if(struct gdb_stub *stub, bool is_good)
{
    strcpy(stub->reply, is_good ? "OK" : "E01");
}

static void read_registers(struct gdb_stub *stub)
{
    for (uint32_t i = 0; i < REG_COUNT; i++) {
        uint8_t bytes[4];
        bytes_put32(bytes, get_register(&stub->chip->state.cpu, i));
        put_hex(stub->reply + i * 8, bytes, 4);
    }
}

static void read_register(struct gdb_stub *stub)
{
    uint32_t number = (uint32_t)strtoul(stub->packet + 1, NULL, 16);
    uint8_t bytes[4];

    if (number >= REG_COUNT) { /* floating point: there is none */
        strcpy(stub->reply, "xxxxxxxx");
        return;
    }
    bytes_put32(bytes, get_register(&stub->chip->state.cpu, number));
    put_hex(stub->reply, bytes, 4);
}

static void write_register(struct gdb_stub *stub)
{
    char *at;
    uint32_t number = (uint32_t)strtoul(stub->packet + 1, &at, 16);
    uint8_t bytes[4];

    ok_if(stub, number < REG_COUNT && *at == '=' && get_hex(at + 1, bytes, 4) &&
                    set_register(&stub->chip->state.cpu, number, bytes_get32(bytes)));
}

static void write_registers(struct gdb_stub *stub)
{
    uint8_t bytes[REG_COUNT * 4];

    stub->packet[1 + 2 * sizeof bytes] = '\0'; /* more may follow: floating point */
    if (!get_hex(stub->packet + 1, bytes, sizeof bytes)) {
        ok_if(stub, false);
        return;
    }
    for (uint32_t i = 0; i < REG_COUNT; i++) /* what cannot be written stays */
        (void)set_register(&stub->chip->state.cpu, i, bytes_get32(bytes + i * 4));
    ok_if(stub, true);
}

/* "ADDRESS,SIZE" at text; returns what is behind, or NULL. */
static char *get_range(char *text, uint32_t *ret_address, uint32_t *ret_size)
{
    char *at;

    *ret_address = (uint32_t)strtoul(text, &at, 16);
    if (at == text || *at != ',')
        return NULL;
    *ret_size = (uint32_t)strtoul(at + 1, &at, 16);
    return at;
}

static void read_memory(struct gdb_stub *stub)
{
    uint8_t bytes[MEMORY_MAX];
    uint32_t address, size;

    if (!get_range(stub->packet + 1, &address, &size) || size > sizeof bytes ||
        !bus_peek(&stub->chip->bus, address, bytes, size))
        ok_if(stub, false);
    else
        put_hex(stub->reply, bytes, size);
}

static void write_memory(struct gdb_stub *stub)
{
    uint8_t bytes[MEMORY_MAX];
    uint32_t address, size;
    const char *at = get_range(stub->packet + 1, &address, &size);

    ok_if(stub, at && *at == ':' && size <= sizeof bytes && get_hex(at + 1, bytes, size) &&
                    bus_poke(&stub->chip->bus, address, bytes, size));
}

/* Software and hardware breakpoints are the same here: neither changes memory. */
static void change_breakpoint(struct gdb_stub *stub, bool is_set)
{
    struct code *code = &stub->chip->bus.code;
    uint32_t address, size;

    if (stub->packet[1] != '0' && stub->packet[1] != '1')
        return;
    if (stub->packet[2] != ',' || !get_range(stub->packet + 3, &address, &size))
        ok_if(stub, false);
    else if (is_set)
        ok_if(stub, code_set_breakpoint(code, address));
    else
        ok_if(stub, code_clear_breakpoint(code, address));
}

/* Did the debugger ask to stop, or go? Anything it sends while the chip runs is taken as that. */
static bool is_interrupted(struct gdb_stub *stub)
{
    struct pollfd poll_it = {.fd = stub->connection, .events = POLLIN};

    if (poll(&poll_it, 1, 0) <= 0)
        return false;
    receive_byte(stub->connection);
    return true;
}

/* Text for gdb's user, in as many packets as it takes. */
static bool send_text(struct gdb_stub *stub, const char *text, size_t size)
{
    char packet[2 * TEXT_MAX + 2];

    for (size_t at = 0, part; at < size; at += part) {
        part = size - at < TEXT_MAX ? size - at : TEXT_MAX;
        packet[0] = 'O';
        put_hex(packet + 1, (const uint8_t *)text + at, (uint32_t)part);
        if (!send_packet(stub, packet))
            return false;
    }
    return true;
}

static void tell_reason(struct gdb_stub *stub)
{
    char line[200];

    snprintf(line, sizeof line, "brownout: %s\n", chip_reason(stub->chip));
    (void)send_text(stub, line, strlen(line)); /* a lost connection shows at the next packet */
}

static void reply_stopped(struct gdb_stub *stub, enum chip_end end)
{
    int signal = SIGNAL_TRAP;

    if (end == CHIP_ASKED)
        signal = SIGNAL_INT;
    if (end == CHIP_STOPPED) {
        signal = SIGNAL_SEGV;
        tell_reason(stub);
    }
    snprintf(stub->reply, sizeof stub->reply, "S%02x", signal);
}

static void resume_at(struct gdb_stub *stub)
{
    if (stub->packet[1])
        stub->chip->state.cpu.pc = (uint32_t)strtoul(stub->packet + 1, NULL, 16);
    stub->chip->bus.stop[0] = '\0'; /* a stop can be tried again */
}

static void step(struct gdb_stub *stub)
{
    resume_at(stub);
    reply_stopped(stub, chip_step(stub->chip));
}

static bool goes_on(enum chip_end end)
{
    return end == CHIP_RESET || end == CHIP_WATCHDOG || end == CHIP_STEPPED || end == CHIP_ASKED;
}

static void go_on(struct gdb_stub *stub)
{
    struct chip *chip = stub->chip;
    enum chip_end end = CHIP_STEPPED;
    bool is_stopped = false;

    resume_at(stub);
    if (code_has_breakpoint(&chip->bus.code, chip->state.cpu.pc))
        end = chip_step(chip);
    while (goes_on(end) && !is_stopped) {
        chip->pause_at = chip->state.cpu.now + SLICE_CYCLES;
        end = chip_run(chip);
        is_stopped = end == CHIP_ASKED && is_interrupted(stub);
    }
    chip->pause_at = CPU_NEVER;
    reply_stopped(stub, end);
}

/* "qRcmd,HEX": the command of "monitor". */
static void answer_monitor(struct gdb_stub *stub, const char *hex)
{
    char command[COMMAND_MAX] = "", *text = NULL;
    size_t length = strlen(hex) / 2, size = 0;

    if (!stub->monitor)
        return;
    FILE *out = open_memstream(&text, &size);
    if (!out || length >= sizeof command || !get_hex(hex, (uint8_t *)command, (uint32_t)length)) {
        ok_if(stub, false);
    } else {
        stub->monitor(stub->context, command, out);
        fflush(out);
        ok_if(stub, send_text(stub, text, size));
    }
    if (out)
        fclose(out);
    free(text);
}

static void query(struct gdb_stub *stub)
{
    if (strncmp(stub->packet, "qSupported", 10) == 0)
        snprintf(stub->reply, sizeof stub->reply, "PacketSize=%x", GDB_STUB_PACKET);
    else if (strncmp(stub->packet, "qAttached", 9) == 0)
        strcpy(stub->reply, "1");
    else if (strncmp(stub->packet, "qRcmd,", 6) == 0)
        answer_monitor(stub, stub->packet + 6);
}

/* An empty reply says: not known. */
static void answer(struct gdb_stub *stub)
{
    stub->reply[0] = '\0';
    switch (stub->packet[0]) {
    case '?':
        snprintf(stub->reply, sizeof stub->reply, "S%02x", SIGNAL_TRAP);
        break;
    case 'g':
        read_registers(stub);
        break;
    case 'G':
        write_registers(stub);
        break;
    case 'p':
        read_register(stub);
        break;
    case 'P':
        write_register(stub);
        break;
    case 'm':
        read_memory(stub);
        break;
    case 'M':
        write_memory(stub);
        break;
    case 'Z':
    case 'z':
        change_breakpoint(stub, stub->packet[0] == 'Z');
        break;
    case 's':
        step(stub);
        break;
    case 'c':
        go_on(stub);
        break;
    case 'H':
        ok_if(stub, true);
        break;
    case 'q':
        query(stub);
        break;
    default:
        break;
    }
}

static void forget_breakpoints(struct chip *chip)
{
    struct code *code = &chip->bus.code;

    while (code->breakpoint_count)
        code_clear_breakpoint(code, code->breakpoints[0]);
}

static enum gdb_stub_end serve(struct gdb_stub *stub)
{
    while (receive_packet(stub)) {
        if (stub->packet[0] == 'k')
            return GDB_STUB_KILLED;
        if (stub->packet[0] == 'D') {
            (void)send_packet(stub, "OK"); /* it is leaving anyway */
            return GDB_STUB_DETACHED;
        }
        answer(stub);
        if (!send_packet(stub, stub->reply))
            return GDB_STUB_LOST;
    }
    return GDB_STUB_LOST;
}

enum gdb_stub_end gdb_stub_serve_on(struct gdb_stub *stub, struct chip *chip, int connection)
{
    stub->chip = chip;
    stub->connection = connection;
    enum gdb_stub_end end = serve(stub);
    forget_breakpoints(stub->chip);
    close(stub->connection);
    stub->connection = -1;
    return end;
}

uint16_t gdb_stub_listen(struct gdb_stub *stub, struct chip *chip, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t size = sizeof address;
    int yes = 1;

    *stub = (struct gdb_stub){.chip = chip, .listener = -1, .connection = -1};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    stub->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (stub->listener >= 0 &&
        setsockopt(stub->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        bind(stub->listener, (struct sockaddr *)&address, sizeof address) == 0 &&
        listen(stub->listener, 1) == 0 &&
        getsockname(stub->listener, (struct sockaddr *)&address, &size) == 0)
        return ntohs(address.sin_port);
    int reason = errno;
    gdb_stub_close(stub);
    errno = reason;
    return 0;
}

void gdb_stub_close(struct gdb_stub *stub)
{
    if (stub->connection >= 0)
        close(stub->connection);
    if (stub->listener >= 0)
        close(stub->listener);
    stub->connection = stub->listener = -1;
}

enum gdb_stub_end gdb_stub_serve(struct gdb_stub *stub)
{
    int connection, yes = 1;

    do
        connection = accept(stub->listener, NULL, NULL);
    while (connection < 0 && errno == EINTR);
    if (connection >= 0) /* only slower without */
        (void)setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return connection < 0 ? GDB_STUB_LOST : gdb_stub_serve_on(stub, stub->chip, connection);
}
