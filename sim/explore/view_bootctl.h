#ifndef SIM_EXPLORE_VIEW_BOOTCTL_H
#define SIM_EXPLORE_VIEW_BOOTCTL_H

#include "hal_posix/cells.h"
#include "sim/explore/key.h"

/*
 * The boot control page as its reader sees it (core/bootctl.h): the newest record with its state,
 * and what became of other images. Two pages that agree in this are read and continued alike. Left
 * out: what torn slots and words hold, words and records that later ones replace, how far the
 * sequence has counted, and how many words and slots are used up, but for the last few: what
 * happens when the page is full is for a scenario that begins there.
 */
struct view {
    struct key content, room; /* room: how near the page is to its end */
};

/* false: the page has no such view (no record, a cell that is not what it seems): compare it raw.
 */
bool view_bootctl(const struct cells *cells, uint32_t offset, struct view *ret_view);

#endif
