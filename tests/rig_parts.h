#ifndef TESTS_RIG_PARTS_H
#define TESTS_RIG_PARTS_H

/* Between rig.c and rig_parts.c: the flash that fails on demand, and the server with a script. */
#include "tests/rig.h"

#define RIG_OF(at, member) ((struct rig *)(void *)((char *)(at)-offsetof(struct rig, member)))

void rig_flash_init(struct rig_flash *flash, struct flash *below, struct rig *rig);
void rig_server_init(struct rig_server *server);
void rig_note_protect(struct rig *rig, uint32_t from, uint32_t to);

#endif
