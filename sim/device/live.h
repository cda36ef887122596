#ifndef SIM_DEVICE_LIVE_H
#define SIM_DEVICE_LIVE_H

#include "sim/device/folder.h"

/* A device in a folder, run in real time against a real server, with its console on stdout. */
struct live_options {
    const char *folder;       /* its console is kept there, too; NULL: nowhere */
    const char *manifest_url; /* NULL: no network */
    const char *ca_file;      /* NULL: the system's */
    uint32_t until_version;   /* stop when it runs and is confirmed; 0: run on */
    bool until_reset;         /* stop when the device resets itself */
    uint32_t interval_s;
    uint32_t timeout_s;  /* 0: none */
    bool is_interactive; /* keys on stdin drive it (sim/device/panel.h) */
};

enum live_end {
    LIVE_REACHED,
    LIVE_INTERRUPTED, /* SIGINT, SIGTERM or the key: the power was switched off */
    LIVE_NOT_REACHED, /* time-out, or nothing to start; ret_error says which */
    LIVE_FAULT,       /* it could not be run; ret_error says why */
    LIVE_STOPPED,     /* the model of the chip cannot go on; ret_error says why */
};

enum live_end live_run(struct folder *folder, const struct live_options *options,
                       char ret_error[FOLDER_ERROR_SIZE]);

#endif
