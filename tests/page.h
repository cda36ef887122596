#ifndef TESTS_PAGE_H
#define TESTS_PAGE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/bootctl.h"

/*
 * A boot control page in a flash in RAM that programs by AND, one double word an operation, keeps
 * account of what was programmed since the last erase, and can go dark (longjmp) behind or inside
 * the n-th operation. No test, whatever it does, may program a double word twice or touch another
 * page: page_teardown() looks.
 */
#define PAGE_BYTES       4096u
#define PAGE_AT          PAGE_BYTES /* offset of the tested page, with a neighbour on each side */
#define PAGE_FLASH_SIZE  (3 * PAGE_BYTES)
#define PAGE_UNIT        8u
#define PAGE_UNITS       (PAGE_FLASH_SIZE / PAGE_UNIT)
#define PAGE_RECORD_SIZE 112u
#define PAGE_SLOTS       (PAGE_BYTES / BOOTCTL_SLOT_SIZE)
#define PAGE_WORDS       ((BOOTCTL_SLOT_SIZE - PAGE_RECORD_SIZE) / PAGE_UNIT)

/* What a cut leaves of the double word it hits. */
enum page_tear {
    PAGE_TEAR_BEHIND,  /* all of it: the power goes after the operation */
    PAGE_TEAR_NOTHING, /* erased: the power goes before anything happened */
    PAGE_TEAR_PREFIX,  /* some bytes */
    PAGE_TEAR_BITS,    /* some bits */
    PAGE_TEAR_ECC,     /* what ECC refuses to read */
    PAGE_TEAR_COUNT
};

struct page {
    struct flash flash;
    uint8_t bytes[PAGE_FLASH_SIZE];
    bool is_programmed[PAGE_UNITS];
    bool is_unreadable[PAGE_UNITS];
    bool is_weak[PAGE_UNITS]; /* bit 0 does not clear */
    bool was_programmed_twice;
    bool is_write_failing;
    bool is_erase_failing;
    uint32_t operations;
    uint32_t cut_at; /* the operation that is cut, from 1; 0: none */
    enum page_tear tear;
    uint32_t seed;
    jmp_buf cut;
};

/* Setup and teardown of a CMocka test whose state is a struct page. */
int page_setup(void **state);
int page_teardown(void **state);

/* Neighbours hold 0xC3, the page is erased. */
void page_init(struct page *page);

bool page_is_sound(const struct page *page);

void page_erase_unit(struct page *page, uint32_t offset);

/* 24 bits that depend on seed alone. */
uint32_t page_random(uint32_t *seed);

/* bootctl_open() as after a reset: nothing is left of what bootctl knew. */
enum ota_err page_reopen(struct bootctl *bootctl, struct page *page);

/* The record of an image; everything in it depends on its version. The counter is version / 10. */
struct bootctl_record page_image(uint32_t version, enum bootctl_status status);

bool page_is_same(const struct bootctl_record *a, const struct bootctl_record *b);

/* bootctl_append() of page_image() and bootctl_set(), both with success. */
void page_append(struct bootctl *bootctl, uint32_t version, enum bootctl_status status);
void page_set(struct bootctl *bootctl, enum bootctl_status status, uint32_t trials);

/* What bootctl has in memory is what the page says. */
void page_assert_kept(const struct bootctl *bootctl, struct page *page);

void page_assert_status_of(struct bootctl *bootctl, uint32_t version, enum bootctl_status expected);

#endif
