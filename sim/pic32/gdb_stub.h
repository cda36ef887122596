#ifndef SIM_PIC32_GDB_STUB_H
#define SIM_PIC32_GDB_STUB_H

#include <stdio.h>

#include "sim/pic32/chip.h"

/*
 * The far end of gdb's remote protocol: registers, memory, breakpoints, step, continue, interrupt,
 * and "monitor" for what others know.
 *
 *   gdb-multiarch firmware.elf -ex 'set architecture mips:isa32r2' -ex 'target remote :PORT'
 *
 * A debugger changes nothing but what it is told to: time stands still while the chip is stopped,
 * and stepping meets each interrupt where running does. A reset of the processor does not stop it.
 */
#define GDB_STUB_PACKET 4096

enum gdb_stub_end {
    GDB_STUB_DETACHED, /* the chip shall run on */
    GDB_STUB_KILLED,
    GDB_STUB_LOST, /* the connection ended */
};

struct gdb_stub {
    struct chip *chip;
    int listener, connection; /* -1: none */
    /* What "monitor COMMAND" says, in lines; set after gdb_stub_listen(). NULL: nothing. */
    void (*monitor)(void *context, const char *command, FILE *out);
    void *context;
    char packet[GDB_STUB_PACKET + 1];
    char reply[GDB_STUB_PACKET + 1];
};

/* Listen on 127.0.0.1; port 0: any free one. Returns the port; 0: not possible, errno says why, and
 * there is nothing to close. */
uint16_t gdb_stub_listen(struct gdb_stub *stub, struct chip *chip, uint16_t port);
void gdb_stub_close(struct gdb_stub *stub);

/* Wait for a debugger, and do what it says until it leaves. A power cut leaves by longjmp. */
enum gdb_stub_end gdb_stub_serve(struct gdb_stub *stub);

/* The same on a connection that is there already; it is closed in the end. */
enum gdb_stub_end gdb_stub_serve_on(struct gdb_stub *stub, struct chip *chip, int connection);

#endif
