#ifndef SIM_DEVICE_PANEL_H
#define SIM_DEVICE_PANEL_H

#include <stdbool.h>
#include <stdio.h>
#include <termios.h>

/* The keys with which a person drives a device: one character each, from a terminal without the
 * return key, or from a file or pipe. */
enum panel_key {
    PANEL_NONE, /* nothing was pressed */
    PANEL_RESET,
    PANEL_PLUG,
    PANEL_BUTTON,
    PANEL_CLOCK,
    PANEL_CHECK,
    PANEL_CONFIRM,
    PANEL_ROLLBACK,
    PANEL_FACTORY,
    PANEL_STATUS,
    PANEL_HELP,
    PANEL_QUIT, /* also at the end of the file */
};

struct panel {
    int fd;
    bool is_terminal;
    struct termios before;
    enum panel_key pressed; /* and not yet taken */
};

/* Keys from fd; a terminal gives them at once until panel_close(). */
void panel_open(struct panel *panel, int fd);
void panel_close(struct panel *panel);

/* The next key, for at most so long; it stays until panel_take(). What is no key is passed over. */
enum panel_key panel_look(struct panel *panel, int wait_ms);

/* The key is done. */
void panel_take(struct panel *panel);

/* What the keys are. */
void panel_help(FILE *out);

#endif
