#ifndef SIM_SCENARIO_RULING_H
#define SIM_SCENARIO_RULING_H

#include "sim/scenario/complaint.h"
#include "sim/scenario/locate.h"
#include "sim/scenario/scenario.h"

/* What the files of rules share: the scenario they look at, and how they object to a part of it. */
#define RULING_POINTER_MAX 80

struct ruling {
    const struct scenario *scenario;
    const struct locate *locate;
    struct complaint_list *complaints;
};

/* The name of an image. */
const char *ruling_image(const struct ruling *ruling, int image);

/* Does the file say anything at this place? */
bool ruling_has(const struct ruling *ruling, const char *pointer);

/* Is there nothing wrong with this part so far? Also when there is no such part. */
bool ruling_is_sound(const struct ruling *ruling, const char *pointer);

/* A clause about the value here, with its pointer before it. */
__attribute__((format(printf, 3, 4))) void ruling_object(struct ruling *ruling, const char *pointer,
                                                         const char *format, ...);

#endif
