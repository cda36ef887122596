#include <stdint.h>

/* For the chip: SHA-256 of program flash, ROUNDS times over; the digest goes to the start of RAM.
 * FIPS 180-4, in the plain way. */
#define ROUNDS 8
#define FLASH  ((const uint8_t *)0xB0000000)
#define SIZE   0x100000u
#define RESULT ((volatile uint32_t *)0xA0000000)

__asm__(".globl start\n"
        "start: lui $sp, 0x8004\n"
        "jal main\n"
        "nop\n");

static const uint32_t constants[64] = {
    0x428A2F98, 0x71374491, 0xB5C0FBCF, 0xE9B5DBA5, 0x3956C25B, 0x59F111F1, 0x923F82A4, 0xAB1C5ED5,
    0xD807AA98, 0x12835B01, 0x243185BE, 0x550C7DC3, 0x72BE5D74, 0x80DEB1FE, 0x9BDC06A7, 0xC19BF174,
    0xE49B69C1, 0xEFBE4786, 0x0FC19DC6, 0x240CA1CC, 0x2DE92C6F, 0x4A7484AA, 0x5CB0A9DC, 0x76F988DA,
    0x983E5152, 0xA831C66D, 0xB00327C8, 0xBF597FC7, 0xC6E00BF3, 0xD5A79147, 0x06CA6351, 0x14292967,
    0x27B70A85, 0x2E1B2138, 0x4D2C6DFC, 0x53380D13, 0x650A7354, 0x766A0ABB, 0x81C2C92E, 0x92722C85,
    0xA2BFE8A1, 0xA81A664B, 0xC24B8B70, 0xC76C51A3, 0xD192E819, 0xD6990624, 0xF40E3585, 0x106AA070,
    0x19A4C116, 0x1E376C08, 0x2748774C, 0x34B0BCB5, 0x391C0CB3, 0x4ED8AA4A, 0x5B9CCA4F, 0x682E6FF3,
    0x748F82EE, 0x78A5636F, 0x84C87814, 0x8CC70208, 0x90BEFFFA, 0xA4506CEB, 0xBEF9A3F7, 0xC67178F2,
};

int main(void);

static uint32_t rotate(uint32_t value, int by)
{
    return value >> by | value << (32 - by);
}

static void expand(uint32_t words[64], const uint8_t *block)
{
    for (int i = 0; i < 16; i++, block += 4)
        words[i] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 |
                   block[3];
    for (int i = 16; i < 64; i++) {
        uint32_t a = words[i - 15], b = words[i - 2];
        words[i] = words[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + words[i - 7] +
                   (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
    }
}

static void compress(uint32_t digest[8], const uint8_t *block)
{
    uint32_t words[64], state[8];

    expand(words, block);
    for (int i = 0; i < 8; i++)
        state[i] = digest[i];
    for (int i = 0; i < 64; i++) {
        uint32_t a = state[0], e = state[4];
        uint32_t first = state[7] + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) +
                         ((e & state[5]) ^ (~e & state[6])) + constants[i] + words[i];
        uint32_t second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) +
                          ((a & state[1]) ^ (a & state[2]) ^ (state[1] & state[2]));
        for (int j = 7; j > 0; j--)
            state[j] = state[j - 1];
        state[4] += first;
        state[0] = first + second;
    }
    for (int i = 0; i < 8; i++)
        digest[i] += state[i];
}

static void hash(uint32_t digest[8])
{
    static const uint32_t begin[8] = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A,
                                      0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
    uint8_t last[64];

    for (int i = 0; i < 8; i++)
        digest[i] = begin[i];
    for (uint32_t at = 0; at < SIZE; at += 64)
        compress(digest, FLASH + at);
    for (int i = 0; i < 64; i++)
        last[i] = 0;
    last[0] = 0x80;
    for (int i = 0; i < 4; i++)
        last[60 + i] = (uint8_t)(SIZE * 8 >> (24 - 8 * i));
    compress(digest, last);
}

int main(void)
{
    uint32_t digest[8];

    for (int i = 0; i < ROUNDS; i++)
        hash(digest);
    for (int i = 0; i < 8; i++)
        RESULT[i] = digest[i];
    for (;;)
        __asm__ volatile("wait");
}
