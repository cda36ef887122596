#ifndef HAL_PIC32_LIBC_LIMITS_H
#define HAL_PIC32_LIBC_LIMITS_H

/* The compiler's own asks for the C library's; here is what BearSSL looks at. */
#define CHAR_BIT  8
#define INT_MAX   __INT_MAX__
#define UINT_MAX  (INT_MAX * 2U + 1U)
#define LONG_MAX  __LONG_MAX__
#define ULONG_MAX (LONG_MAX * 2UL + 1UL)

#endif
