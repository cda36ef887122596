#include "sim/image/hex.h"

#include <stdarg.h>
#include <string.h>

#define DATA_MAX     255
#define LINE_SIZE    16
#define BANK_SIZE    0x10000u
#define OVERHEAD     5 /* bytes of a record besides its data: count, address, type, checksum */
#define SEGMENT_BITS 4

enum record_type {
    RECORD_DATA = 0,
    RECORD_END = 1,
    RECORD_SEGMENT = 2,
    RECORD_SEGMENT_START = 3,
    RECORD_BANK = 4,
    RECORD_START = 5,
};

struct record {
    uint8_t count, type;
    uint16_t address;
    uint8_t data[DATA_MAX];
};

struct reader {
    const char *at, *end;
    uint32_t line;
    uint32_t base;   /* of the addresses in records */
    bool is_segment; /* base is a segment's: the address wraps within 64 KiB */
    bool is_over;    /* the end record was there */
    struct blocks *blocks;
    char *error;
};

static bool fail(struct reader *reader, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct reader *reader, const char *format, ...)
{
    int used = snprintf(reader->error, HEX_ERROR_SIZE, "line %u: ", reader->line);
    va_list args;

    va_start(args, format);
    vsnprintf(reader->error + used, HEX_ERROR_SIZE - (size_t)used, format, args);
    va_end(args);
    return false;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* The line without its end, and step to the next one. */
static const char *next_line(struct reader *reader, size_t *ret_size)
{
    const char *line = reader->at;
    const char *end = memchr(line, '\n', (size_t)(reader->end - line));

    reader->at = end ? end + 1 : reader->end;
    reader->line++;
    if (!end)
        end = reader->end;
    if (end > line && end[-1] == '\r')
        end--;
    *ret_size = (size_t)(end - line);
    return line;
}

static bool take_bytes(struct reader *reader, const char *line, size_t size,
                       uint8_t ret_bytes[OVERHEAD + DATA_MAX])
{
    for (size_t i = 0; i < size; i++) {
        int value = digit(line[1 + i]);
        if (value < 0)
            return fail(reader, "column %zu: not a hexadecimal digit", i + 2);
        ret_bytes[i / 2] = (uint8_t)(i % 2 ? ret_bytes[i / 2] | value : value << 4);
    }
    return true;
}

/* ":", count, address, type, data, checksum. */
static bool parse_record(struct reader *reader, const char *line, size_t size,
                         struct record *ret_record)
{
    uint8_t bytes[OVERHEAD + DATA_MAX];
    uint8_t sum = 0;

    if (line[0] != ':')
        return fail(reader, "a record begins with ':'");
    size_t digits = size - 1;
    if (digits < 2 * OVERHEAD)
        return fail(reader, "too short for a record");
    if (digits % 2 || digits > 2 * sizeof bytes)
        return fail(reader, digits % 2 ? "half a byte at the end" : "too long for a record");
    if (!take_bytes(reader, line, digits, bytes))
        return false;
    size_t total = digits / 2;
    if (bytes[0] + (size_t)OVERHEAD != total)
        return fail(reader, "it says %u bytes of data, and has %zu", bytes[0], total - OVERHEAD);
    for (size_t i = 0; i + 1 < total; i++)
        sum = (uint8_t)(sum + bytes[i]);
    uint8_t expected = (uint8_t)-sum;
    if (bytes[total - 1] != expected)
        return fail(reader, "the checksum is %02X, and should be %02X", bytes[total - 1], expected);

    ret_record->count = bytes[0];
    ret_record->address = (uint16_t)(bytes[1] << 8 | bytes[2]);
    ret_record->type = bytes[3];
    memcpy(ret_record->data, bytes + 4, bytes[0]);
    return true;
}

static bool put_bytes(struct reader *reader, uint32_t address, const uint8_t *bytes, uint32_t size)
{
    uint32_t taken;
    enum ota_err err = blocks_add(reader->blocks, blocks_physical(address), bytes, size, &taken);

    if (err == OTA_ERR_STATE)
        return fail(reader, "address 0x%08X is there already", taken);
    return !err || fail(reader, "out of memory");
}

static bool put_data(struct reader *reader, const struct record *record)
{
    uint32_t to_wrap = BANK_SIZE - record->address;
    uint32_t size = record->count, address = reader->base + record->address;

    if (size <= to_wrap)
        return put_bytes(reader, address, record->data, size);
    if (!reader->is_segment)
        return fail(reader, "the record reaches over the end of its 64 KiB");
    return put_bytes(reader, address, record->data, to_wrap) &&
           put_bytes(reader, reader->base, record->data + to_wrap, size - to_wrap);
}

static bool take_base(struct reader *reader, const struct record *record, uint32_t shift)
{
    uint32_t value = (uint32_t)record->data[0] << 8 | record->data[1];

    reader->base = value << shift;
    reader->is_segment = shift == SEGMENT_BITS;
    return true;
}

static bool has_count(struct reader *reader, const struct record *record, uint8_t count)
{
    return record->count == count ||
           fail(reader, "a record of type %02X has %u bytes of data", record->type, count);
}

static bool take_record(struct reader *reader, const struct record *record)
{
    switch (record->type) {
    case RECORD_DATA:
        return put_data(reader, record);
    case RECORD_END:
        reader->is_over = true;
        return has_count(reader, record, 0);
    case RECORD_SEGMENT:
        return has_count(reader, record, 2) && take_base(reader, record, SEGMENT_BITS);
    case RECORD_BANK:
        return has_count(reader, record, 2) && take_base(reader, record, 16);
    case RECORD_SEGMENT_START:
    case RECORD_START:
        return has_count(reader, record, 4);
    default:
        return fail(reader, "record type %02X is not known", record->type);
    }
}

static bool read_all(struct reader *reader)
{
    struct record record;
    size_t size;

    while (reader->at < reader->end) {
        const char *line = next_line(reader, &size);
        if (size == 0)
            continue;
        if (reader->is_over)
            return fail(reader, "more follows the end record");
        if (!parse_record(reader, line, size, &record) || !take_record(reader, &record))
            return false;
    }
    return reader->is_over || fail(reader, "the end record is missing: the file is cut off");
}

bool hex_read(const char *text, uint32_t size, struct blocks *ret_blocks,
              char ret_error[HEX_ERROR_SIZE])
{
    struct reader reader = {
        .at = text, .end = text + size, .blocks = ret_blocks, .error = ret_error};

    blocks_init(ret_blocks);
    if (read_all(&reader))
        return true;
    blocks_free(ret_blocks);
    return false;
}

static void write_record(FILE *out, enum record_type type, uint16_t address, const uint8_t *data,
                         uint32_t count)
{
    unsigned sum = count + (address >> 8) + (address & 0xFFu) + (unsigned)type;

    fprintf(out, ":%02X%04X%02X", count, address, (unsigned)type);
    for (uint32_t i = 0; i < count; i++) {
        fprintf(out, "%02X", data[i]);
        sum += data[i];
    }
    fprintf(out, "%02X\n", (uint8_t)-sum);
}

static void write_bank(FILE *out, uint32_t bank)
{
    uint8_t data[] = {(uint8_t)(bank >> 8), (uint8_t)bank};

    write_record(out, RECORD_BANK, 0, data, sizeof data);
}

void hex_write(FILE *out, const struct blocks *blocks)
{
    uint32_t bank = UINT32_MAX;

    for (uint32_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->list[i];
        for (uint32_t at = 0, size; at < block->size; at += size) {
            uint32_t address = block->address + at;
            size = LINE_SIZE - address % LINE_SIZE;
            if (size > block->size - at)
                size = block->size - at;
            if (address / BANK_SIZE != bank) {
                bank = address / BANK_SIZE;
                write_bank(out, bank);
            }
            write_record(out, RECORD_DATA, (uint16_t)address, block->bytes + at, size);
        }
    }
    write_record(out, RECORD_END, 0, NULL, 0);
}
