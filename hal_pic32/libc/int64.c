#include "hal_pic32/libc/int64.h"

#define HALF 32

/* Halves by shifts of constant size would be calls of this very file with some options; a union
 * never is. The processor is little-endian. */
union halves {
    uint64_t whole;
    struct {
        uint32_t low, high;
    };
};

static union halves split(uint64_t value)
{
    return (union halves){.whole = value};
}

uint64_t __ashldi3(uint64_t value, int count)
{
    union halves in = split(value), out;

    if (count == 0)
        return value;
    if (count >= HALF) {
        out.high = in.low << (count - HALF);
        out.low = 0;
    } else {
        out.high = in.high << count | in.low >> (HALF - count);
        out.low = in.low << count;
    }
    return out.whole;
}

uint64_t __lshrdi3(uint64_t value, int count)
{
    union halves in = split(value), out;

    if (count == 0)
        return value;
    if (count >= HALF) {
        out.low = in.high >> (count - HALF);
        out.high = 0;
    } else {
        out.low = in.low >> count | in.high << (HALF - count);
        out.high = in.high >> count;
    }
    return out.whole;
}

int64_t __ashrdi3(int64_t value, int count)
{
    uint64_t shifted = __lshrdi3((uint64_t)value, count);

    if (value < 0 && count)
        shifted |= __ashldi3(UINT64_MAX, 64 - count);
    return (int64_t)shifted;
}

/* One bit of the quotient at a time, for divisors of any size. */
static uint64_t divide_long(uint64_t dividend, uint64_t divisor, uint64_t *ret_rest)
{
    uint64_t quotient = 0, rest = 0;

    for (int i = 0; i < 64; i++) {
        uint32_t top = split(rest).high >> 31;
        rest = rest + rest + (split(dividend).high >> 31);
        dividend += dividend;
        quotient += quotient;
        if (top || rest >= divisor) {
            rest -= divisor;
            quotient++;
        }
    }
    *ret_rest = rest;
    return quotient;
}

static uint64_t divide(uint64_t dividend, uint64_t divisor, uint64_t *ret_rest)
{
    union halves a = split(dividend), b = split(divisor);

    if (a.high || b.high)
        return divide_long(dividend, divisor, ret_rest);
    *ret_rest = a.low % b.low;
    return a.low / b.low;
}

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t rest;

    return divide(dividend, divisor, &rest);
}

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t rest;

    divide(dividend, divisor, &rest);
    return rest;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

int64_t __divdi3(int64_t dividend, int64_t divisor)
{
    uint64_t quotient = __udivdi3(magnitude(dividend), magnitude(divisor));

    return (int64_t)((dividend < 0) != (divisor < 0) ? 0 - quotient : quotient);
}

int64_t __moddi3(int64_t dividend, int64_t divisor)
{
    uint64_t rest = __umoddi3(magnitude(dividend), magnitude(divisor));

    return (int64_t)(dividend < 0 ? 0 - rest : rest);
}

int __popcountsi2(uint32_t value)
{
    int count = 0;

    for (; value; value &= value - 1)
        count++;
    return count;
}
