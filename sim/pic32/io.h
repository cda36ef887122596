#ifndef SIM_PIC32_IO_H
#define SIM_PIC32_IO_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Access to the special function registers. Most of them lie 16 bytes apart; a store 4, 8 or 12
 * bytes behind one clears, sets or inverts the bits that are 1 in the value.
 */
struct chip;

enum io_how { IO_WRITE, IO_CLEAR, IO_SET, IO_INVERT };

struct io_write {
    uint32_t reg; /* physical address of the register */
    enum io_how how;
    uint32_t lane, size; /* bytes from reg that are stored; 0 and 4 but for IO_WRITE */
    uint32_t value;
};

/* What a register of this content holds after the store. */
uint32_t io_merge(const struct io_write *write, uint32_t old);

/* For struct bus: find the unit that has the register. false: nobody has it, or it stops the run;
 * the reason is in the bus. */
bool io_read(void *chip, uint32_t address, uint32_t size, uint32_t *ret_value);
bool io_store(void *chip, uint32_t address, uint32_t size, uint32_t value);

#endif
