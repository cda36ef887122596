#include "sim/explore/shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 1024

void *shelf_need(void *memory)
{
    if (memory)
        return memory;
    fputs("brownout: out of memory\n", stderr);
    abort();
}

static void empty_buckets(struct shelf *shelf)
{
    for (uint32_t i = 0; i < shelf->bucket_count; i++)
        shelf->buckets[i] = SHELF_NONE;
}

enum ota_err shelf_init(struct shelf *shelf)
{
    *shelf = (struct shelf){.bucket_count = BUCKETS_MIN, .capacity = BUCKETS_MIN};
    shelf->buckets = malloc(BUCKETS_MIN * sizeof *shelf->buckets);
    shelf->items = malloc(BUCKETS_MIN * sizeof(struct shelf_item *));
    shelf->free = malloc(BUCKETS_MIN * sizeof *shelf->free);
    if (!shelf->buckets || !shelf->items || !shelf->free) {
        shelf_free(shelf);
        return OTA_ERR_FULL;
    }
    empty_buckets(shelf);
    return OTA_OK;
}

void shelf_free(struct shelf *shelf)
{
    for (uint32_t i = 0; i < shelf->used; i++)
        free(shelf->items[i]);
    free(shelf->items);
    free(shelf->free);
    free(shelf->buckets);
    *shelf = (struct shelf){0};
}

static uint32_t *bucket_of(const struct shelf *shelf, struct key key)
{
    return &shelf->buckets[key.low & (shelf->bucket_count - 1)];
}

static void grow(struct shelf *shelf)
{
    shelf->capacity *= 2;
    shelf->items = shelf_need(realloc(shelf->items, shelf->capacity * sizeof(struct shelf_item *)));
    shelf->free = shelf_need(realloc(shelf->free, shelf->capacity * sizeof *shelf->free));
    shelf->bucket_count = shelf->capacity;
    shelf->buckets =
        shelf_need(realloc(shelf->buckets, shelf->bucket_count * sizeof *shelf->buckets));
    empty_buckets(shelf);
    for (uint32_t i = 0; i < shelf->used; i++) {
        uint32_t *bucket = bucket_of(shelf, shelf->items[i]->key);
        shelf->items[i]->next = *bucket;
        *bucket = i;
    }
}

/* Every number below used has an item, or is in the list of free ones. */
static uint32_t take_number(struct shelf *shelf)
{
    if (shelf->free_count)
        return shelf->free[--shelf->free_count];
    if (shelf->used == shelf->capacity)
        grow(shelf);
    return shelf->used++;
}

uint32_t shelf_find(struct shelf *shelf, struct key key)
{
    uint32_t number = *bucket_of(shelf, key);

    while (number != SHELF_NONE && !key_equals(shelf->items[number]->key, key))
        number = shelf->items[number]->next;
    if (number != SHELF_NONE)
        shelf->items[number]->count++;
    return number;
}

uint32_t shelf_add(struct shelf *shelf, struct key key, uint32_t flags, const void *content,
                   uint32_t size)
{
    struct shelf_item *item = shelf_need(malloc(sizeof *item + size));
    uint32_t number = take_number(shelf), *bucket = bucket_of(shelf, key);

    *item = (struct shelf_item){.key = key,
                                .next = *bucket,
                                .count = 1,
                                .is_new = shelf->is_marking,
                                .flags = flags,
                                .size = size};
    memcpy(item->content, content, size);
    shelf->items[number] = item;
    *bucket = number;
    shelf->bytes += sizeof *item + size;
    return number;
}

void shelf_hold_again(struct shelf *shelf, uint32_t number)
{
    shelf->items[number]->count++;
}

bool shelf_is_last(const struct shelf *shelf, uint32_t number)
{
    return shelf->items[number]->count == 1;
}

void shelf_drop(struct shelf *shelf, uint32_t number)
{
    struct shelf_item *item = shelf->items[number];
    uint32_t *at = bucket_of(shelf, item->key);

    if (--item->count)
        return;
    while (*at != number)
        at = &shelf->items[*at]->next;
    *at = item->next;
    shelf->bytes -= sizeof *item + item->size;
    free(item);
    shelf->items[number] = NULL;
    shelf->free[shelf->free_count++] = number;
}

void shelf_mark(struct shelf *shelf)
{
    shelf->is_marking = true;
}
