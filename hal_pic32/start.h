#ifndef HAL_PIC32_START_H
#define HAL_PIC32_START_H

#include <stdint.h>

/* Functions of start.S. */

/*
 * Copy from memory that may not be readable. Returns 0; 1 when a read ended in a bus error, as a
 * double word of flash does that does not match its ECC: ret_to is then partly written.
 */
int start_guarded_copy(void *ret_to, const volatile void *from, uint32_t size);

/* WAIT for an interrupt, taken here and nowhere else. The cause still stands afterwards. */
void start_wait(void);

#endif
