#ifndef HAL_PIC32_LIBC_INTTYPES_H
#define HAL_PIC32_LIBC_INTTYPES_H

/* littlefs includes it; what it would print with it is left out. */
#include <stdint.h>

#endif
