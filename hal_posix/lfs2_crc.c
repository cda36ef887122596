#include <stdint.h>

#include <lfs2_util.h>
#include <zlib.h>

/* littlefs' CRC-32, which has neither the usual start nor the usual end, by zlib: littlefs's own is
 * made for small chips, and takes a fifth of a sweep. */
uint32_t lfs2_crc(uint32_t crc, const void *buffer, size_t size)
{
    if (!size)
        return crc; /* zlib would begin anew for a buffer that is NULL */
    return (uint32_t)~crc32(~(uLong)crc & 0xFFFFFFFF, buffer, (uInt)size);
}
