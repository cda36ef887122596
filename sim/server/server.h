#ifndef SIM_SERVER_SERVER_H
#define SIM_SERVER_SERVER_H

#include <stddef.h>
#include <stdint.h>

#include "sim/scenario/scenario.h"

/* What the update server of the scenarios holds, and what goes wrong with it. */
struct server_file {
    char path[128]; /* "/v2.bin" */
    const uint8_t *bytes;
    size_t size;
    char validator[40]; /* its ETag */
};

#define SERVER_FILES_MAX 32
#define SERVER_MANIFEST  "/ota.json" /* all other files are images */

struct server {
    uint32_t count;
    struct server_file files[SERVER_FILES_MAX];
    uint32_t fault_count;
    struct scenario_fault faults[SCENARIO_FAULTS_MAX];
};

#endif
