#include "sim/pic32/bus.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum segment { KSEG1, KSEG0 };

/* The operands of the cache instruction: what to do in bits 4..2, to which cache in 1..0. */
enum { INDEX_INVALIDATE, INDEX_LOAD_TAG, INDEX_STORE_TAG, HIT_INVALIDATE = 4, HIT_BOTH, HIT_WRITE };

static uint32_t physical_of(uint32_t address)
{
    return address & 0x1FFFFFFF;
}

static bool is_mapped(uint32_t address)
{
    return address >> 30 == 2;
}

static enum segment segment_of(uint32_t address)
{
    return address & 0x20000000 ? KSEG1 : KSEG0;
}

void bus_stop(struct bus *bus, const char *format, ...)
{
    va_list args;

    if (bus->stop[0])
        return;
    va_start(args, format);
    vsnprintf(bus->stop, sizeof bus->stop, format, args);
    va_end(args);
}

static uint32_t get(const uint8_t *bytes, uint32_t size)
{
    uint32_t value = 0;

    memcpy(&value, bytes, size);
    return value;
}

static bool is_torn(const struct bus *bus, uint32_t offset, uint32_t size)
{
    const struct cells *flash = bus->flash;

    if (!flash->has_ecc)
        return false;
    for (uint32_t at = offset / flash->mark_size; at <= (offset + size - 1) / flash->mark_size;
         at++)
        if (flash->marks[at] & CELLS_TORN)
            return true;
    return false;
}

/* The first look at a page in a boot: a weak one settles what it reads as. */
static void look_at_page(struct bus *bus, uint32_t page)
{
    uint8_t byte;

    if (bus->flash->units[page].flags & CELLS_WEAK)
        err_ignore(flash_read(&bus->flash->flash, page * 4096, &byte, 1));
}

/* Whether a read through this segment needs no second look anywhere in the page. */
static bool is_plain_page(const struct bus *bus, enum segment segment, uint32_t page)
{
    return !is_torn(bus, page * 4096, 4096) &&
           !(segment == KSEG0 && bus->is_cached &&
             stale_any(bus->stale, STALE_DATA, page * 4096, 4096));
}

static void check_stale(struct bus *bus, uint32_t address, enum stale_cache cache)
{
    char text[120];
    uint32_t offset = physical_of(address) - BUS_FLASH;

    if (segment_of(address) == KSEG1 || !bus->is_cached || !stale_is(bus->stale, cache, offset))
        return;
    stale_clear(bus->stale, cache, offset);
    if (!bus->complain)
        return;
    snprintf(text, sizeof text, "%s 0x%08X through the cache, which may hold what was there before",
             cache == STALE_CODE ? "code at" : "read of", address);
    bus->complain(bus->context, text);
}

static enum bus_result load_flash(struct bus *bus, uint32_t address, uint32_t size,
                                  uint32_t *ret_value)
{
    uint32_t offset = physical_of(address) - BUS_FLASH;
    enum segment segment = segment_of(address);
    uint8_t *page = &bus->pages[segment][offset / 4096];

    if (*page == BUS_PAGE_UNKNOWN) {
        look_at_page(bus, offset / 4096);
        *page = is_plain_page(bus, segment, offset / 4096) ? BUS_PAGE_PLAIN : BUS_PAGE_SPECIAL;
    }
    if (is_torn(bus, offset, size))
        return BUS_ERROR;
    check_stale(bus, address, STALE_DATA);
    *ret_value = get(bus->flash->bytes + offset, size);
    return BUS_OK;
}

/* The memories without a history: RAM, boot flash, configuration words. */
static uint8_t *plain_memory(const struct bus *bus, uint32_t physical)
{
    if (physical < BUS_RAM_SIZE)
        return bus->ram + physical;
    if (physical - BUS_BOOT < BUS_BOOT_SIZE)
        return bus->boot + (physical - BUS_BOOT);
    if (physical - BUS_CONFIG < BUS_CONFIG_SIZE)
        return bus->config + (physical - BUS_CONFIG);
    return NULL;
}

static enum bus_result nothing_there(struct bus *bus, const char *what, uint32_t address,
                                     uint32_t size)
{
    bus_stop(bus, "%s of %u byte%s at 0x%08X: nothing is there", what, size, size == 1 ? "" : "s",
             address);
    return BUS_STOP;
}

enum bus_result bus_load(struct bus *bus, uint32_t address, uint32_t size, uint32_t *ret_value)
{
    uint32_t physical = physical_of(address);
    const uint8_t *bytes = plain_memory(bus, physical);

    if (address & (size - 1))
        return BUS_MISALIGNED;
    if (!is_mapped(address))
        return nothing_there(bus, "load", address, size);
    if (bytes) {
        *ret_value = get(bytes, size);
        return BUS_OK;
    }
    if (physical - BUS_FLASH < BUS_FLASH_SIZE)
        return load_flash(bus, address, size, ret_value);
    if (physical - BUS_IO < BUS_IO_SIZE)
        return bus->io_read(bus->context, physical, size, ret_value) ? BUS_OK : BUS_STOP;
    return nothing_there(bus, "load", address, size);
}

enum bus_result bus_store(struct bus *bus, uint32_t address, uint32_t size, uint32_t value)
{
    uint32_t physical = physical_of(address);

    if (address & (size - 1))
        return BUS_MISALIGNED;
    if (!is_mapped(address))
        return nothing_there(bus, "store", address, size);
    if (physical < BUS_RAM_SIZE) {
        memcpy(bus->ram + physical, &value, size);
        code_forget_ram(&bus->code, physical, size);
        return BUS_OK;
    }
    if (physical - BUS_IO < BUS_IO_SIZE)
        return bus->io_write(bus->context, physical, size, value) ? BUS_OK : BUS_STOP;
    if (plain_memory(bus, physical) || physical - BUS_FLASH < BUS_FLASH_SIZE)
        return BUS_ERROR; /* flash is not written by stores */
    return nothing_there(bus, "store", address, size);
}

enum bus_result bus_fetch(struct bus *bus, uint32_t address, uint32_t *ret_word)
{
    uint32_t physical = physical_of(address), offset = physical - BUS_FLASH;

    if (address & 3)
        return BUS_MISALIGNED;
    if (!code_find(&bus->code, address).ops)
        return nothing_there(bus, "fetch", address, 4);
    if (offset >= BUS_FLASH_SIZE) {
        *ret_word = get(plain_memory(bus, physical), 4);
        return BUS_OK;
    }
    if (is_torn(bus, offset, 4))
        return BUS_ERROR;
    check_stale(bus, address, STALE_CODE);
    *ret_word = get(bus->flash->bytes + offset, 4);
    return BUS_OK;
}

static void forget_pages(struct bus *bus)
{
    memset(bus->pages, BUS_PAGE_UNKNOWN, sizeof bus->pages);
}

static void clear_line(struct bus *bus, enum stale_cache cache, uint32_t address)
{
    uint32_t offset = physical_of(address) - BUS_FLASH;

    if (is_mapped(address) && offset < BUS_FLASH_SIZE) {
        stale_clear(bus->stale, cache, offset);
        bus->pages[KSEG0][offset / 4096] = BUS_PAGE_UNKNOWN;
    }
}

enum bus_result bus_cache(struct bus *bus, uint32_t operation, uint32_t address)
{
    enum stale_cache cache = operation & 1 ? STALE_DATA : STALE_CODE;

    if (operation & 2) {
        bus_stop(bus, "cache operation 0x%02X: this core has no second level", operation);
        return BUS_STOP;
    }
    switch (operation >> 2) {
    case INDEX_INVALIDATE:
    case INDEX_STORE_TAG:
        stale_clear_index(bus->stale, cache, address);
        forget_pages(bus);
        return BUS_OK;
    case HIT_INVALIDATE:
    case HIT_BOTH: /* of the code cache: fill */
        clear_line(bus, cache, address);
        return BUS_OK;
    case INDEX_LOAD_TAG:
    case HIT_WRITE:
        return BUS_OK;
    default:
        bus_stop(bus, "cache operation 0x%02X is not modelled", operation);
        return BUS_STOP;
    }
}

void bus_synci(struct bus *bus, uint32_t address)
{
    clear_line(bus, STALE_CODE, address);
}

void bus_use_cache(struct bus *bus, bool is_cached)
{
    if (bus->is_cached != is_cached)
        forget_pages(bus);
    bus->is_cached = is_cached;
}

static uint8_t *any_memory(const struct bus *bus, uint32_t address, uint32_t size)
{
    uint32_t physical = physical_of(address);

    if (!is_mapped(address))
        return NULL;
    if (physical - BUS_FLASH < BUS_FLASH_SIZE)
        return size <= BUS_FLASH_SIZE - (physical - BUS_FLASH)
                   ? bus->flash->bytes + (physical - BUS_FLASH)
                   : NULL;
    uint8_t *first = plain_memory(bus, physical), *last = plain_memory(bus, physical + size - 1);

    return first && last == first + size - 1 ? first : NULL;
}

bool bus_peek(const struct bus *bus, uint32_t address, void *data, uint32_t size)
{
    const uint8_t *bytes = any_memory(bus, address, size);

    if (size && !bytes)
        return false;
    memcpy(data, size ? bytes : (const uint8_t *)"", size);
    return true;
}

bool bus_poke(struct bus *bus, uint32_t address, const void *data, uint32_t size)
{
    uint32_t physical = physical_of(address);

    if (!is_mapped(address) || physical >= BUS_RAM_SIZE || size > BUS_RAM_SIZE - physical)
        return false;
    memcpy(bus->ram + physical, data, size);
    code_forget_ram(&bus->code, physical, size);
    return true;
}

void bus_flash_changes(struct bus *bus, uint32_t offset, uint32_t size)
{
    stale_change(bus->stale, offset, size);
    bus_forget_flash(bus, offset, size);
}

void bus_forget_flash(struct bus *bus, uint32_t offset, uint32_t size)
{
    for (uint32_t page = offset / 4096; page <= (offset + size - 1) / 4096; page++)
        bus->pages[KSEG0][page] = bus->pages[KSEG1][page] = BUS_PAGE_UNKNOWN;
    code_forget_flash(&bus->code, offset, size);
}
