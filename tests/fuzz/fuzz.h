#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * A fuzz target feeds any bytes to one reader of the product and checks what must hold of whatever
 * it takes. Each is linked twice: always with mutate.c, which makes a bounded, deterministic test
 * of it, and with -Dfuzz=true also with libFuzzer ('./dev fuzz').
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold; ends the program, so that either driver keeps the input. */
#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))

static inline void fuzz_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

#endif
