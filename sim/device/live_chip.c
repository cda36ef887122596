#include "sim/device/live_chip.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/bootctl.h"
#include "hal_posix/clock_posix.h"
#include "sim/device/chip_monitor.h"
#include "sim/image/firmware.h"
#include "sim/pic32/chip.h"
#include "sim/pic32/gdb_stub.h"

#define SLICE_MS      10 /* of chip time, between two looks at clock, keyboard and boot control */
#define CYCLES_PER_MS (CPU_MHZ * 1000ull)
#define TYPED_MAX     64

struct live_chip {
    const struct live_chip_options *options;
    struct folder *folder;
    struct flash_nor nvm_nor, spi_nor;
    struct power nvm, spi;
    struct power_supply supply;
    struct chip chip;
    struct gdb_stub gdb;
    struct chip_monitor monitor;
    struct clock clock;
    uint64_t real_ms, chip_ms; /* the same moment on both clocks */
    uint32_t offences;
    bool is_in_line; /* of the console */
    int input;       /* -1: none, or at its end */
    char typed[TYPED_MAX];
    size_t typed_size; /* not yet taken by the UART */
};

/* --- what it says ---------------------------------------------------------------------------- */

static void end_line(struct live_chip *live)
{
    if (live->is_in_line)
        putchar('\n');
    live->is_in_line = false;
    fflush(stdout);
}

static void on_console(void *context, uint8_t byte)
{
    struct live_chip *live = context;

    chip_monitor_console(&live->monitor, chip_now_ms(&live->chip), byte);
    if (byte == '\r')
        return;
    if (!live->is_in_line)
        printf("%10.3f  ", (double)chip_now_ms(&live->chip) / 1000);
    live->is_in_line = true;
    if (byte == '\n')
        end_line(live);
    else
        putchar(byte);
}

static void on_complaint(void *context, const char *text)
{
    struct live_chip *live = context;

    end_line(live);
    printf("            COMPLAINT: %s\n", text);
    live->offences++;
}

static void on_violation(void *context, const char *rule, const struct flash *flash,
                         uint32_t offset, uint32_t size)
{
    struct live_chip *live = context;

    end_line(live);
    printf("            DATA SHEET VIOLATION: %s 0x%06X+%u: %s\n", flash->name, offset, size, rule);
    live->offences++;
}

static void on_operation(void *context, const struct power_operation *operation)
{
    struct live_chip *live = context;

    chip_monitor_operation(&live->monitor, chip_now_ms(&live->chip), operation);
}

static void on_monitor(void *context, const char *command, FILE *out)
{
    chip_monitor_answer(&((struct live_chip *)context)->monitor, command, out);
}

/* --- putting it together --------------------------------------------------------------------- */

static bool load(struct live_chip *live, const struct blocks *boot, char *ret_error)
{
    for (uint32_t i = 0; i < boot->count; i++) {
        const struct block *block = &boot->list[i];
        if (!chip_load(&live->chip, block->address, block->bytes, block->size)) {
            snprintf(ret_error, FOLDER_ERROR_SIZE, "the chip has no %u bytes at 0x%08X",
                     block->size, block->address);
            return false;
        }
    }
    return true;
}

/* What a weak unit reads as is open again. */
static void start_cells(struct live_chip *live)
{
    cells_start(&live->folder->nvm.cells);
    cells_start(&live->folder->spi.cells);
}

static bool build(struct live_chip *live, const struct blocks *boot, char *ret_error)
{
    flash_nor_init(&live->nvm_nor, &live->folder->nvm.cells, on_violation, live);
    flash_nor_init(&live->spi_nor, &live->folder->spi.cells, on_violation, live);
    power_init(&live->nvm, &live->nvm_nor, &live->supply);
    power_init(&live->spi, &live->spi_nor, &live->supply);
    live->supply = (struct power_supply){.seen = on_operation, .context = live};
    chip_monitor_init(&live->monitor, live->folder);
    clock_posix_init(&live->clock);
    if (chip_init(&live->chip, &live->nvm, &live->spi)) {
        snprintf(ret_error, FOLDER_ERROR_SIZE, "out of memory");
        return false;
    }
    live->chip.observer =
        (struct chip_observer){.console = on_console, .complaint = on_complaint, .context = live};
    if (load(live, boot, ret_error))
        return true;
    chip_free(&live->chip);
    return false;
}

/* --- running --------------------------------------------------------------------------------- */

static bool runs_application(const struct live_chip *live)
{
    uint32_t offset = blocks_physical(live->chip.state.cpu.pc) - FIRMWARE_FLASH;

    return offset - live->folder->layout->app_offset < live->folder->layout->app_size;
}

static bool is_reached(struct live_chip *live)
{
    struct bootctl bootctl;

    return live->options->until_version && runs_application(live) &&
           bootctl_open(&bootctl, &live->folder->nvm.cells.flash,
                        live->folder->layout->bootctl_offset) == OTA_OK &&
           bootctl.record.version == live->options->until_version &&
           bootctl.record.status == BOOTCTL_VALID;
}

/* Type as much of what is there as the UART takes. */
static void type(struct live_chip *live)
{
    size_t taken = 0;

    while (taken < live->typed_size && uart_port_type(&live->chip, (uint8_t)live->typed[taken]))
        taken++;
    live->typed_size -= taken;
    memmove(live->typed, live->typed + taken, live->typed_size);
}

static void read_input(struct live_chip *live)
{
    ssize_t size = read(live->input, live->typed, sizeof live->typed);

    if (size > 0)
        live->typed_size = (size_t)size;
    else if (size == 0 || (errno != EINTR && errno != EAGAIN))
        live->input = -1;
}

/* How far chip time is ahead of real time. */
static int lead_ms(struct live_chip *live)
{
    uint64_t chip_ms = chip_now_ms(&live->chip) - live->chip_ms;
    uint64_t real_ms = clock_now_ms(&live->clock) - live->real_ms;

    return chip_ms > real_ms ? (int)(chip_ms - real_ms) : 0;
}

/* Let real time catch up, and take what is typed meanwhile. true: a signal came. */
static bool wait_a_little(struct live_chip *live, int signals)
{
    struct pollfd polled[2] = {
        {.fd = signals, .events = POLLIN},
        {.fd = live->typed_size ? -1 : live->input, .events = POLLIN},
    };

    if (poll(polled, 2, lead_ms(live)) > 0) {
        if (polled[0].revents)
            return true;
        read_input(live);
    }
    type(live);
    return false;
}

static enum live_end not_reached(char *ret_error, const char *reason)
{
    snprintf(ret_error, FOLDER_ERROR_SIZE, "%s", reason);
    return LIVE_NOT_REACHED;
}

/* What an end of chip_run() means; true: it goes on. */
static bool goes_on(struct live_chip *live, enum chip_end end, enum live_end *ret_end,
                    char *ret_error)
{
    const struct chip *chip = &live->chip;

    if (end == CHIP_RESET || end == CHIP_WATCHDOG)
        start_cells(live);
    if (end == CHIP_WATCHDOG) {
        end_line(live);
        printf("            watchdog\n");
    }
    if (end == CHIP_STOPPED) {
        snprintf(ret_error, FOLDER_ERROR_SIZE, "the model stopped at 0x%08X: %s",
                 chip->state.cpu.pc, chip_reason(chip));
        *ret_end = LIVE_STOPPED;
    } else if (end == CHIP_TIME) {
        *ret_end = not_reached(ret_error, "not there within the time limit");
    } else if (is_reached(live) || (end == CHIP_RESET && live->options->until_reset)) {
        *ret_end = LIVE_REACHED;
    } else {
        return true;
    }
    return false;
}

static enum live_end run(struct live_chip *live, int signals, char *ret_error)
{
    struct chip *chip = &live->chip;
    enum live_end end;

    for (;;) {
        chip->pause_at = chip->state.cpu.now + SLICE_MS * CYCLES_PER_MS;
        if (!goes_on(live, chip_run(chip), &end, ret_error))
            return end;
        if (wait_a_little(live, signals))
            return LIVE_INTERRUPTED;
    }
}

/* With SIGINT and SIGTERM as something to read. */
static enum live_end run_with_signals(struct live_chip *live, char *ret_error)
{
    sigset_t signals, before;
    struct signalfd_siginfo info;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, &before);
    int fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    live->real_ms = clock_now_ms(&live->clock);
    live->chip_ms = chip_now_ms(&live->chip);
    if (live->options->timeout_s)
        live->chip.time_max =
            live->chip.state.cpu.now + live->options->timeout_s * 1000ull * CYCLES_PER_MS;
    enum live_end end = run(live, fd, ret_error);
    if (fd >= 0) {
        while (read(fd, &info, sizeof info) > 0) /* taken: they shall not come later */
            ;
        close(fd);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return end;
}

/* Until gdb lets it run by itself. An interrupt here ends the process, as a power cut would. */
static enum live_end debug(struct live_chip *live, char *ret_error)
{
    uint16_t port = gdb_stub_listen(&live->gdb, &live->chip, live->options->gdb_port);

    if (!port) {
        snprintf(ret_error, FOLDER_ERROR_SIZE, "127.0.0.1:%u: %s", live->options->gdb_port,
                 strerror(errno));
        return LIVE_FAULT;
    }
    live->gdb.monitor = on_monitor;
    live->gdb.context = live;
    printf("waiting for gdb: target remote 127.0.0.1:%u\n", port);
    fflush(stdout);
    enum gdb_stub_end end = gdb_stub_serve(&live->gdb);
    gdb_stub_close(&live->gdb);
    if (end == GDB_STUB_KILLED)
        return LIVE_INTERRUPTED;
    if (end == GDB_STUB_LOST)
        return not_reached(ret_error, "the connection to gdb ended");
    return run_with_signals(live, ret_error);
}

enum live_end live_chip_run(struct folder *folder, const struct blocks *boot,
                            const struct live_chip_options *options,
                            char ret_error[FOLDER_ERROR_SIZE])
{
    struct live_chip *live = calloc(1, sizeof *live);

    if (!live) {
        snprintf(ret_error, FOLDER_ERROR_SIZE, "out of memory");
        return LIVE_FAULT;
    }
    live->options = options;
    live->folder = folder;
    live->input = options->has_console ? STDIN_FILENO : -1;
    enum live_end end = LIVE_FAULT;
    if (build(live, boot, ret_error)) {
        start_cells(live);
        chip_power_on(&live->chip, (uint32_t)clock_now_ms(&live->clock));
        end = options->has_gdb ? debug(live, ret_error) : run_with_signals(live, ret_error);
        end_line(live);
        if (live->offences && (end == LIVE_REACHED || end == LIVE_INTERRUPTED))
            end = not_reached(ret_error, "the firmware did what the manuals forbid");
        chip_free(&live->chip);
    }
    free(live);
    return end;
}
