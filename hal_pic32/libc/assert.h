#ifndef HAL_PIC32_LIBC_ASSERT_H
#define HAL_PIC32_LIBC_ASSERT_H

#include "hal_pic32/trap.h"

/* littlefs asserts; one that fails is reported on the console, and the processor reset. */
#define assert(condition) ((condition) ? (void)0 : trap_assert(__FILE__, __LINE__))

#endif
