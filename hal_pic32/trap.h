#ifndef HAL_PIC32_TRAP_H
#define HAL_PIC32_TRAP_H

#include <stdint.h>

/* The end of a program that has a bug: a line on the console, and a software reset, which ends the
 * trial of an image that is not confirmed. */

/* Called by start.S with CP0 Cause, EPC and BadVAddr. */
__attribute__((noreturn)) void trap_report(uint32_t cause, uint32_t address, uint32_t bad_address);

__attribute__((noreturn)) void trap_assert(const char *file, int line);

#endif
