#include "sim/explore/pages.h"

#include <string.h>

enum ota_err pages_init(struct pages *pages)
{
    enum ota_err err = shelf_init(&pages->lists);

    if (!err)
        err = shelf_init(&pages->blocks);
    if (err)
        shelf_free(&pages->lists);
    return err;
}

void pages_free(struct pages *pages)
{
    shelf_free(&pages->lists);
    shelf_free(&pages->blocks);
}

struct shelf_item *pages_at(const struct pages *pages, uint32_t number)
{
    return pages->lists.items[number];
}

uint32_t pages_find(struct pages *pages, struct key key)
{
    return shelf_find(&pages->lists, key);
}

static uint32_t hold_block(struct shelf *blocks, const uint8_t *content, uint32_t size)
{
    struct key key = key_of(content, size, size);
    uint32_t number = shelf_find(blocks, key);

    return number == SHELF_NONE ? shelf_add(blocks, key, 0, content, size) : number;
}

/* The content as blocks; the last one may be smaller. Returns how many. */
static uint32_t cut(struct pages *pages, const uint8_t *content, uint32_t size,
                    uint32_t *ret_blocks)
{
    uint32_t count = 0;

    for (uint32_t at = 0; at < size; at += PAGES_BLOCK) {
        uint32_t left = size - at;
        ret_blocks[count++] =
            hold_block(&pages->blocks, content + at, left < PAGES_BLOCK ? left : PAGES_BLOCK);
    }
    return count;
}

uint32_t pages_hold_unit(struct pages *pages, const struct cells *cells, uint32_t unit,
                         struct key key)
{
    uint32_t size = cells->flash.erase_size, marks = size / cells->mark_size;
    uint32_t number = pages_find(pages, key), blocks[PAGES_SIZE_MAX / PAGES_BLOCK + 1];

    if (number != SHELF_NONE)
        return number;
    uint32_t count = cut(pages, cells->bytes + (size_t)unit * size, size, blocks);
    count += cut(pages, cells->marks + (size_t)unit * marks, marks, blocks + count);
    return shelf_add(&pages->lists, key, cells->units[unit].flags, blocks, count * sizeof *blocks);
}

uint32_t pages_hold(struct pages *pages, struct key key, uint32_t flags, const uint8_t *content,
                    uint32_t size)
{
    uint32_t number = pages_find(pages, key), blocks[PAGES_SIZE_MAX / PAGES_BLOCK];

    if (number != SHELF_NONE)
        return number;
    uint32_t count = cut(pages, content, size, blocks);
    return shelf_add(&pages->lists, key, flags, blocks, count * sizeof *blocks);
}

void pages_hold_again(struct pages *pages, uint32_t number)
{
    shelf_hold_again(&pages->lists, number);
}

/* Block of a list, i-th. */
static uint32_t block_of(const struct shelf_item *list, uint32_t i)
{
    uint32_t block;

    memcpy(&block, list->content + i * sizeof block, sizeof block);
    return block;
}

void pages_drop(struct pages *pages, uint32_t number)
{
    const struct shelf_item *list = pages_at(pages, number);

    if (shelf_is_last(&pages->lists, number))
        for (uint32_t i = 0; i < list->size / sizeof(uint32_t); i++)
            shelf_drop(&pages->blocks, block_of(list, i));
    shelf_drop(&pages->lists, number);
}

void pages_mark(struct pages *pages)
{
    shelf_mark(&pages->lists);
}

uint32_t pages_read(const struct pages *pages, uint32_t number, uint8_t *ret_content)
{
    const struct shelf_item *list = pages_at(pages, number);
    uint32_t size = 0;

    for (uint32_t i = 0; i < list->size / sizeof(uint32_t); i++) {
        const struct shelf_item *block = pages->blocks.items[block_of(list, i)];
        memcpy(ret_content + size, block->content, block->size);
        size += block->size;
    }
    return size;
}

void pages_restore(const struct pages *pages, uint32_t number, struct cells *cells, uint32_t unit)
{
    uint32_t size = cells->flash.erase_size, marks = size / cells->mark_size;
    uint8_t content[PAGES_SIZE_MAX];

    cells->before_change(cells, unit);
    (void)pages_read(pages, number, content);
    memcpy(cells->bytes + (size_t)unit * size, content, size);
    memcpy(cells->marks + (size_t)unit * marks, content + size, marks);
    cells->units[unit].flags = pages_at(pages, number)->flags;
}
