#include <stdint.h>

/*
 * Configuration words, at 0x1FC55F88, programmed with the bootloader: those the chip has by itself
 * (pic32.md 1), written down so that a board does not keep what another firmware left. Flash ECC
 * (DEVCFG0 bits 29:28) is off: with ECC always on the chip has no operation that programs a double
 * word.
 */
__attribute__((section(".config"), used)) static const uint32_t words[] = {
    0x0000FFFF, /* 0x1FC55F88 FUSERID */
    0x04180000, /* 0x1FC55F8C DEVCFG4 */
    0x037FFE30, /* 0x1FC55F90 DEVCFG2 */
    0x00005C3B, /* 0x1FC55F94 DEVCFG1 */
    0x20800009, /* 0x1FC55F98 DEVCFG0 */
    0x00000009, /* 0x1FC55F9C FBCFG0 */
};
