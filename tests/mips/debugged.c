#include <stdint.h>

/* What tests/gdb_session.py debugs: linked to boot flash, where the processor starts. */
__asm__(".globl start\n"
        "start: lui $sp, 0x8004\n"
        "jal main\n"
        "nop\n");

uint32_t square(uint32_t value);
int main(void);

__attribute__((noinline)) uint32_t square(uint32_t value)
{
    uint32_t result = value * value;
    return result;
}

int main(void)
{
    volatile uint32_t *const sum = (volatile uint32_t *)0x80001000;

    *sum = 0;
    for (uint32_t i = 1;; i++)
        *sum += square(i);
}
