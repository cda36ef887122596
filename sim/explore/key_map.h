#ifndef SIM_EXPLORE_KEY_MAP_H
#define SIM_EXPLORE_KEY_MAP_H

#include "sim/explore/key.h"

/* Numbers by key. All zero is an empty one. */
struct key_map {
    struct key *keys;
    uint32_t *values;
    uint32_t capacity, count;
};

#define KEY_MAP_NONE UINT32_MAX

/* KEY_MAP_NONE: there is no such key. */
uint32_t key_map_find(const struct key_map *map, struct key key);

/* key must not be there; value not KEY_MAP_NONE. */
void key_map_add(struct key_map *map, struct key key, uint32_t value);

/* The value of key; 0 and new, if it was not there. Until the next change. */
uint32_t *key_map_at(struct key_map *map, struct key key);

/* All gone; the memory stays. */
void key_map_clear(struct key_map *map);

void key_map_free(struct key_map *map);

#endif
