#include "sim/explore/key_map.h"

#include <stdio.h>
#include <stdlib.h>

#define CAPACITY_MIN 256

/* Where it is, or the free place where it belongs. */
static uint32_t place_of(const struct key_map *map, struct key key)
{
    uint32_t at = (uint32_t)key.high & (map->capacity - 1);

    while (map->values[at] != KEY_MAP_NONE && !key_equals(map->keys[at], key))
        at = (at + 1) & (map->capacity - 1);
    return at;
}

uint32_t key_map_find(const struct key_map *map, struct key key)
{
    return map->capacity ? map->values[place_of(map, key)] : KEY_MAP_NONE;
}

static void grow(struct key_map *map)
{
    struct key_map old = *map;

    map->capacity = old.capacity ? 2 * old.capacity : CAPACITY_MIN;
    map->keys = malloc(map->capacity * sizeof *map->keys);
    map->values = malloc(map->capacity * sizeof *map->values);
    if (!map->keys || !map->values) {
        fputs("brownout: out of memory\n", stderr);
        abort();
    }
    for (uint32_t i = 0; i < map->capacity; i++)
        map->values[i] = KEY_MAP_NONE;
    for (uint32_t i = 0; i < old.capacity; i++)
        if (old.values[i] != KEY_MAP_NONE) {
            uint32_t at = place_of(map, old.keys[i]);
            map->keys[at] = old.keys[i];
            map->values[at] = old.values[i];
        }
    free(old.keys);
    free(old.values);
}

void key_map_add(struct key_map *map, struct key key, uint32_t value)
{
    if (map->count >= map->capacity / 4 * 3)
        grow(map);
    uint32_t at = place_of(map, key);
    map->keys[at] = key;
    map->values[at] = value;
    map->count++;
}

uint32_t *key_map_at(struct key_map *map, struct key key)
{
    if (key_map_find(map, key) == KEY_MAP_NONE)
        key_map_add(map, key, 0);
    return &map->values[place_of(map, key)];
}

void key_map_clear(struct key_map *map)
{
    for (uint32_t i = 0; i < map->capacity; i++)
        map->values[i] = KEY_MAP_NONE;
    map->count = 0;
}

void key_map_free(struct key_map *map)
{
    free(map->keys);
    free(map->values);
    *map = (struct key_map){0};
}
