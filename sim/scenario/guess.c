#include "sim/scenario/guess.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define LENGTH_MAX 64

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static char fold(char c)
{
    return c == '_' ? '-' : (char)tolower((unsigned char)c);
}

/* Optimal string alignment: insert, delete, replace, swap neighbours. */
static uint32_t distance(const char *a, uint32_t a_length, const char *b, uint32_t b_length)
{
    uint32_t rows[3][LENGTH_MAX + 1];

    for (uint32_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (uint32_t i = 1; i <= a_length; i++) {
        const uint32_t *above = rows[(i - 1) % 3], *twice_above = rows[(i + 1) % 3];
        uint32_t *row = rows[i % 3];
        row[0] = i;
        for (uint32_t j = 1; j <= b_length; j++) {
            bool is_same = fold(a[i - 1]) == fold(b[j - 1]);
            row[j] = least(least(above[j] + 1, row[j - 1] + 1), above[j - 1] + !is_same);
            if (i > 1 && j > 1 && fold(a[i - 1]) == fold(b[j - 2]) &&
                fold(a[i - 2]) == fold(b[j - 1]))
                row[j] = least(row[j], twice_above[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

void guess_offer(struct guess *guess, const char *candidate)
{
    size_t a = strlen(guess->word), b = strlen(candidate);

    if (a == 0 || b == 0 || a > LENGTH_MAX || b > LENGTH_MAX)
        return;
    uint32_t wrong = distance(guess->word, (uint32_t)a, candidate, (uint32_t)b);
    uint32_t allowed = b < 3 ? 1 : (uint32_t)b / 3;
    if (wrong <= allowed && wrong < b && (!guess->best || wrong < guess->distance)) {
        guess->best = candidate;
        guess->distance = wrong;
    }
}
