#ifndef HAL_PIC32_LIBC_INT64_H
#define HAL_PIC32_LIBC_INT64_H

#include <stdint.h>

/*
 * What the compiler calls for 64-bit arithmetic, and for bit counts, on a 32-bit processor. The
 * compiler's own library is built for position-independent code and a floating-point unit, so it is
 * not linked; a use of floating point therefore ends in a link error.
 *
 * The results are those of C; a division by zero is undefined, as there.
 */
uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor);
int64_t __divdi3(int64_t dividend, int64_t divisor);
int64_t __moddi3(int64_t dividend, int64_t divisor);
uint64_t __ashldi3(uint64_t value, int count);
uint64_t __lshrdi3(uint64_t value, int count);
int64_t __ashrdi3(int64_t value, int count);
int __popcountsi2(uint32_t value);

#endif
