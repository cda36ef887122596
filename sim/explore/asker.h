#ifndef SIM_EXPLORE_ASKER_H
#define SIM_EXPLORE_ASKER_H

#include "sim/device/device.h"
#include "sim/explore/judge.h"

/*
 * Whoever asks the service of a scenario's device for something: the requests one after the other,
 * each at its mark or time. After a cut it begins again, as a person at the console would; but what
 * was asked of one image is not asked of another that runs since. The service may refuse at once,
 * or when it comes to it. Plain data.
 */
struct asker {
    uint32_t next;                            /* request whose turn it is */
    bool is_due;                              /* its mark was seen, or its time has come */
    bool is_asked;                            /* accepted, and without effect so far */
    bool is_granted;                          /* took effect, and should have been refused */
    bool is_second;                           /* what the log says is of the one behind it */
    bool was_cut;                             /* a mark may have gone by unseen */
    uint32_t versions[SCENARIO_REQUESTS_MAX]; /* that ran when each was asked first; 0: never */
};

/* An event of the device: a mark, or the effect of what was asked for. */
void asker_log(struct asker *asker, const struct scenario *scenario, enum log_event event);

/* In a callback of the service: what waits for one is asked. */
void asker_callback(struct asker *asker, const struct scenario *scenario, struct ota *ota);

/* The power went. */
void asker_cut(struct asker *asker);

/* After a round of the application: ask, if it is time. What should have been refused and was not,
 * or the other way round, fails the judge. */
void asker_round(struct asker *asker, const struct scenario *scenario, struct ota *ota,
                 uint64_t now_ms, struct judge *judge);

/* The device has come to rest. A mark that a cut has hidden is not waited for any longer; what was
 * to be refused then is not asked for, as it may well be granted now. */
void asker_rest(struct asker *asker, const struct scenario *scenario, struct ota *ota);

/* Is there something left that will be asked for without anything else happening first? */
bool asker_is_waiting(const struct asker *asker, const struct scenario *scenario, struct ota *ota);

#endif
