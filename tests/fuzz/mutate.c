/*
 * The fuzz targets without a fuzzer: every seed as it is, then so many mutations of them, the same
 * ones at each run.
 * usage: PROGRAM ROUNDS SEED...  (files, or folders with files in them)
 */
#include <dirent.h>
#include <stdbool.h>
#include <string.h>

#include "sim/image/file.h"
#include "tests/fuzz/fuzz.h"

#define SEEDS_MAX   256
#define GROWTH_MAX  512 /* bytes a mutation adds at most */
#define PATH_SIZE   4096
#define CHANGES_MAX 6

struct seed {
    uint8_t *bytes;
    uint32_t size;
};

static struct seed seeds[SEEDS_MAX];
static uint32_t seed_count;
static uint64_t state = 0x9E3779B97F4A7C15u;

static uint32_t any(uint32_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return below ? (uint32_t)(state >> 32) % below : 0;
}

static void add_file(const char *path)
{
    struct seed *seed = &seeds[seed_count];
    int error =
        seed_count < SEEDS_MAX ? file_read(path, FILE_IMAGE_MAX, &seed->bytes, &seed->size) : 0;

    if (error) {
        fprintf(stderr, "%s: %s\n", path, strerror(error));
        exit(2);
    }
    seed_count += seed_count < SEEDS_MAX;
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && entry->d_type == DT_REG;
}

static void add(const char *path)
{
    struct dirent **entries;
    char name[PATH_SIZE];
    int count = scandir(path, &entries, is_shown, alphasort);

    if (count < 0) {
        add_file(path);
        return;
    }
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
        add_file(name);
        free(entries[i]);
    }
    free(entries);
}

/* What lengths, counts and versions go wrong at. */
static void put_number(uint8_t *bytes, uint32_t size)
{
    static const uint32_t numbers[] = {0,      1,      2,      3,          4,          0x7F,
                                       0x80,   0xFF,   0x100,  0x7FFF,     0x8000,     0xFFFF,
                                       0x1000, 0xFFF0, 0xFFFC, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    uint32_t value = numbers[any(sizeof numbers / sizeof numbers[0])], width = 1u << any(3);

    if (width > size)
        return;
    uint32_t at = any(size - width + 1);
    for (uint32_t i = 0; i < width; i++)
        bytes[at + i] = (uint8_t)(value >> 8 * i);
}

/* A piece of some seed, in place of what is there or between it. */
static uint32_t splice(uint8_t *bytes, uint32_t size, uint32_t room)
{
    const struct seed *from = &seeds[any(seed_count)];
    uint32_t length = any((from->size < GROWTH_MAX ? from->size : GROWTH_MAX) + 1);
    uint32_t start = any(from->size - length + 1), at = any(size + 1);
    bool is_insert = any(2) && size + length <= room;

    if (is_insert) {
        memmove(bytes + at + length, bytes + at, size - at);
        size += length;
    } else if (length > size - at) {
        length = size - at;
    }
    memcpy(bytes + at, from->bytes + start, length);
    return size;
}

/* in_place: the size stays, so that more of the text is still what it was. */
static uint32_t change(uint8_t *bytes, uint32_t size, uint32_t room, bool in_place)
{
    uint32_t at = any(size), length = any(size - at + 1);

    if (!size)
        return splice(bytes, size, room);
    switch (any(in_place ? 3 : 6)) {
    case 0:
        bytes[at] = (uint8_t)any(256);
        return size;
    case 1:
        bytes[at] ^= (uint8_t)(1u << any(8));
        return size;
    case 2:
        put_number(bytes, size);
        return size;
    case 3: /* a piece is missing, or the end */
        memmove(bytes + at, bytes + at + length, size - at - length);
        return size - length;
    case 4: /* a short piece is missing */
        length = length < 8 ? length : any(8);
        memmove(bytes + at, bytes + at + length, size - at - length);
        return size - length;
    default:
        return splice(bytes, size, room);
    }
}

/* In memory of exactly its size, so that a sanitizer sees any overrun. */
static void feed(const uint8_t *bytes, uint32_t size)
{
    uint8_t *copy = malloc(size ? size : 1);

    FUZZ_CHECK(copy);
    memcpy(copy, bytes, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void feed_mutation(void)
{
    const struct seed *seed = &seeds[any(seed_count)];
    uint32_t room = seed->size + CHANGES_MAX * GROWTH_MAX, size = seed->size;
    uint8_t *bytes = malloc(room);
    bool in_place = any(2);

    FUZZ_CHECK(bytes);
    memcpy(bytes, seed->bytes, size);
    for (uint32_t i = 1 + any(CHANGES_MAX); i; i--)
        size = change(bytes, size, room, in_place);
    feed(bytes, size);
    free(bytes);
}

int main(int argc, char **argv)
{
    uint32_t rounds = argc > 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;

    for (int i = 2; i < argc; i++)
        add(argv[i]);
    if (!rounds || !seed_count) {
        fprintf(stderr, "usage: %s ROUNDS SEED...\n", argv[0]);
        return 2;
    }
    for (uint32_t i = 0; i < seed_count; i++)
        feed(seeds[i].bytes, seeds[i].size);
    for (uint32_t i = 0; i < rounds; i++)
        feed_mutation();
    for (uint32_t i = 0; i < seed_count; i++)
        free(seeds[i].bytes);
    printf("%u seeds, %u mutations\n", seed_count, rounds);
    return 0;
}
