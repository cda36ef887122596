#ifndef SIM_REPORT_RESUME_H
#define SIM_REPORT_RESUME_H

#include <stdbool.h>

#include "sim/report/report_json.h"

/*
 * A run that may be interrupted, even by a power failure: the scenarios that it is done with lie in
 * a file, a report like others, and the next run takes them from there. After each one the file is
 * replaced as a whole.
 */
struct resume {
    const char *path;
    struct json_object *report;
    uint32_t scenarios;
    struct json_object **known; /* by number; NULL: still to be run */
};

#define RESUME_ERROR_MAX 4400

/* Take what is in the file; one that is not there is like one with no scenarios. false: it is not
 * of a run of these scenarios by this program, or cannot be read; one error, and nothing to close.
 */
bool resume_open(struct resume *resume, const char *path, const struct origin *origin,
                 char ret_error[RESUME_ERROR_MAX]);
void resume_close(struct resume *resume);

/* The object of a scenario that is done with, or NULL. */
struct json_object *resume_find(const struct resume *resume, uint32_t number);

/* The scenario is done with, or it is not: it could not be run, or not to its end. 0, or an errno
 * value of the file. */
int resume_add(struct resume *resume, const struct scenario *scenario, uint32_t number,
               const struct explore_result *result);

#endif
