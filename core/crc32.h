#ifndef CORE_CRC32_H
#define CORE_CRC32_H

#include <stdint.h>

/* CRC-32 of IEEE 802.3 (polynomial 0x04C11DB7, reflected, as zip and Ethernet use it) over size
 * bytes, continuing from crc; start with 0. "123456789" gives 0xCBF43926. */
uint32_t crc32_update(uint32_t crc, const void *data, uint32_t size);

#endif
