#include "sim/explore/pages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUCKETS_MIN 1024

static void *need(void *memory)
{
    if (memory)
        return memory;
    fputs("brownout: out of memory\n", stderr);
    abort();
}

static void empty_buckets(struct pages *pages)
{
    for (uint32_t i = 0; i < pages->bucket_count; i++)
        pages->buckets[i] = PAGES_NONE;
}

enum ota_err pages_init(struct pages *pages)
{
    *pages = (struct pages){.bucket_count = BUCKETS_MIN, .capacity = BUCKETS_MIN};
    pages->buckets = malloc(BUCKETS_MIN * sizeof *pages->buckets);
    pages->pages = malloc(BUCKETS_MIN * sizeof(struct page *));
    pages->free = malloc(BUCKETS_MIN * sizeof *pages->free);
    if (!pages->buckets || !pages->pages || !pages->free) {
        pages_free(pages);
        return OTA_ERR_FULL;
    }
    empty_buckets(pages);
    return OTA_OK;
}

void pages_free(struct pages *pages)
{
    for (uint32_t i = 0; i < pages->used; i++)
        free(pages->pages[i]);
    free(pages->pages);
    free(pages->free);
    free(pages->buckets);
    *pages = (struct pages){0};
}

static uint32_t *bucket_of(const struct pages *pages, struct key key)
{
    return &pages->buckets[key.low & (pages->bucket_count - 1)];
}

static void grow(struct pages *pages)
{
    pages->capacity *= 2;
    pages->pages = need(realloc(pages->pages, pages->capacity * sizeof(struct page *)));
    pages->free = need(realloc(pages->free, pages->capacity * sizeof *pages->free));
    pages->bucket_count = pages->capacity;
    pages->buckets = need(realloc(pages->buckets, pages->bucket_count * sizeof *pages->buckets));
    empty_buckets(pages);
    for (uint32_t i = 0; i < pages->used; i++) {
        uint32_t *bucket = bucket_of(pages, pages->pages[i]->key);
        pages->pages[i]->next = *bucket;
        *bucket = i;
    }
}

static uint32_t find(const struct pages *pages, struct key key)
{
    uint32_t number = *bucket_of(pages, key);

    while (number != PAGES_NONE && !key_equals(pages->pages[number]->key, key))
        number = pages->pages[number]->next;
    return number;
}

/* Every number below used has a page, or is in the list of free ones. */
static uint32_t take_number(struct pages *pages)
{
    if (pages->free_count)
        return pages->free[--pages->free_count];
    if (pages->used == pages->capacity)
        grow(pages);
    return pages->used++;
}

static struct page *make(struct pages *pages, struct key key, uint32_t flags, uint32_t size,
                         uint32_t *ret_number)
{
    struct page *page = need(malloc(sizeof *page + size));
    uint32_t number = take_number(pages), *bucket = bucket_of(pages, key);

    *page = (struct page){
        .key = key, .next = *bucket, .is_new = pages->is_marking, .flags = flags, .size = size};
    pages->pages[number] = page;
    *bucket = number;
    pages->bytes += sizeof *page + size;
    *ret_number = number;
    return page;
}

uint32_t pages_hold_unit(struct pages *pages, const struct cells *cells, uint32_t unit,
                         struct key key)
{
    uint32_t size = cells->flash.erase_size, marks = size / cells->mark_size;
    uint32_t number = find(pages, key);

    if (number == PAGES_NONE) {
        struct page *page = make(pages, key, cells->units[unit].flags, size + marks, &number);
        memcpy(page->content, cells->bytes + (size_t)unit * size, size);
        memcpy(page->content + size, cells->marks + (size_t)unit * marks, marks);
    }
    pages->pages[number]->count++;
    return number;
}

uint32_t pages_hold(struct pages *pages, struct key key, uint32_t flags, const uint8_t *content,
                    uint32_t size)
{
    uint32_t number = find(pages, key);

    if (number == PAGES_NONE) {
        struct page *page = make(pages, key, flags, size, &number);
        memcpy(page->content, content, size);
    }
    pages->pages[number]->count++;
    return number;
}

void pages_hold_again(struct pages *pages, uint32_t number)
{
    pages->pages[number]->count++;
}

void pages_drop(struct pages *pages, uint32_t number)
{
    struct page *page = pages->pages[number];
    uint32_t *at = bucket_of(pages, page->key);

    if (--page->count)
        return;
    while (*at != number)
        at = &pages->pages[*at]->next;
    *at = page->next;
    pages->bytes -= sizeof *page + page->size;
    free(page);
    pages->pages[number] = NULL;
    pages->free[pages->free_count++] = number;
}

void pages_mark(struct pages *pages)
{
    pages->is_marking = true;
}

uint32_t pages_find(struct pages *pages, struct key key)
{
    uint32_t number = find(pages, key);

    if (number != PAGES_NONE)
        pages->pages[number]->count++;
    return number;
}

void pages_restore(const struct page *page, struct cells *cells, uint32_t unit)
{
    uint32_t size = cells->flash.erase_size, marks = size / cells->mark_size;

    cells->before_change(cells, unit);
    memcpy(cells->bytes + (size_t)unit * size, page->content, size);
    memcpy(cells->marks + (size_t)unit * marks, page->content + size, marks);
    cells->units[unit].flags = page->flags;
}
