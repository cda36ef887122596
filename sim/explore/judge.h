#ifndef SIM_EXPLORE_JUDGE_H
#define SIM_EXPLORE_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "hal_posix/cells.h"
#include "sim/device/device.h"
#include "sim/scenario/fixture.h"
#include "sim/scenario/scenario.h"

/*
 * Watches one run and says what is wrong with it: the invariants of docs/DESIGN.md 4 and the
 * scenario's own claims. It believes the flashes, not the firmware: what runs is told by comparing
 * program flash with the scenario's images, byte by byte. Nor does it believe a reason: an image is
 * only excused when what the device says against it is so.
 *
 * The state is plain data; a copy of it belongs to a copy of the world.
 */
enum judge_claim {
    CLAIM_NONE,
    CLAIM_NEVER_BRICKED,  /* I1 */
    CLAIM_ATOMIC,         /* I2 */
    CLAIM_NO_LOST_UPDATE, /* I3 */
    CLAIM_NO_DOWNGRADE,   /* I4 */
    CLAIM_AUTHORISED,     /* I5 */
    CLAIM_DATASHEET,      /* I6 */
    CLAIM_WEAR,           /* I7 */
    CLAIM_TIME,           /* I8 */
    CLAIM_ALWAYS,         /* of the scenario */
    CLAIM_EVENTUALLY,     /* of the scenario */
    CLAIM_SOMETIMES,      /* of the scenario: something never happened */
    CLAIM_FIRED,          /* a declared cut never happened */
    CLAIM_CONTROL,        /* the run without a cut does not pass */
    CLAIM_DETERMINISM,    /* the same point gave two different runs */
    CLAIM_SEAM,           /* what lies below was not used as its header says */
    CLAIM_EQUIVALENCE,    /* firmware and PC build did not do the same */
    CLAIM_COUNT
};

#define JUDGE_TEXT_MAX 160

struct judge {
    const struct scenario *scenario;
    const struct fixture *fixture;
    const struct cells *nvm, *spi;
    const uint32_t *wear_base; /* erases of all units, nvm then spi, when the scenario began */

    enum judge_claim claim; /* the first that failed */
    char text[JUDGE_TEXT_MAX];

    int running;            /* image that started last since the power is on; -1: none yet */
    int confirmed;          /* the last image that was confirmed; -1: none */
    uint32_t counter_floor; /* highest security counter confirmed */
    uint32_t disabled;      /* bit set of images that the device gave up, said so, and was right */
    uint32_t damages_due;   /* bit set of damages that come before the next start */
    uint32_t damaged;       /* bit set of damages that were done */
    uint32_t renewed;       /* bit set of images entered anew since: no damage of theirs */
    bool is_healed;         /* an image was confirmed since: damage at rest excuses no more */
    int entered;            /* the newest image reported complete; -1: none */
    bool is_reset_awaited;  /* it waits for the application to reset */
    bool was_cut;           /* in this run */
    uint32_t boots;         /* since the power last came on after a cut */
    uint64_t operations;    /* of the whole run */
    uint32_t stage;         /* of the server */
    bool is_stage_asked;    /* for the manifest of this stage */
    bool is_stage_seen;     /* and there was an answer */
    uint32_t marks;         /* bit set of scenario->sometimes seen */
    uint32_t fired[SCENARIO_STAGES_MAX]; /* bit set of each stage's faults that took effect */
    uint32_t flash_fired;                /* the same of the flash faults */
    uint32_t drops_done;                 /* of the network, so far */
    uint64_t hour_ms;                    /* when the present hour of this boot began, */
    uint32_t hour_requests, requests;    /* and the server's requests then and now */
    uint64_t trace;                      /* hash of all operations and events */
    struct power_use *use; /* where a look into the store at the end is noted; may be NULL */
};

void judge_init(struct judge *judge, const struct scenario *scenario, const struct fixture *fixture,
                const struct cells *nvm, const struct cells *spi, const uint32_t *wear_base);

/* "never bricked (I1)" and so on. */
const char *judge_claim_name(enum judge_claim claim);

/* May the factory backup be damaged, by what the scenario does to it or by a flash that lies? */
bool judge_is_backup_excused(const struct judge *judge);

/* Fail, unless something failed before. */
void judge_fail(struct judge *judge, enum judge_claim claim, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A place to put a breakpoint: what just happened has broken a claim. */
void judge_claim_failed(enum judge_claim claim, const char *text);

/* The image that program flash holds, all of it and 0xFF behind it; -1: none. */
int judge_installed(const struct judge *judge);

/* What the run shows, as it happens; image: of judge_installed(). */
void judge_started(struct judge *judge, uint32_t address, int image);
void judge_log(struct judge *judge, enum log_event event, const uint32_t args[3]);
void judge_event(struct judge *judge, enum ota_event event);
void judge_operation(struct judge *judge, const struct power_operation *operation);
void judge_cut(struct judge *judge, const struct power_operation *operation,
               enum power_moment moment);
void judge_read_otherwise(struct judge *judge); /* a weak unit */
void judge_violation(struct judge *judge, const char *rule, const struct flash *flash,
                     uint32_t offset, uint32_t size);

/* This damage of the scenario was done: it excuses what it took. */
void judge_damaged(struct judge *judge, uint32_t damage);

/* This image is confirmed on the device. */
void judge_note_confirmed(struct judge *judge, int image);

/* A round of the running application is over: what has it confirmed? */
void judge_round(struct judge *judge, const struct ota *ota);

/* A stage of a boot begins: its first hour does, with so many requests to the server before it. */
void judge_stage(struct judge *judge, uint32_t requests, uint64_t now_ms);

/* So many requests by now. */
void judge_requests(struct judge *judge, uint32_t requests, uint64_t now_ms);

/* These faults of the server's present stage have taken effect. */
void judge_faults(struct judge *judge, uint32_t fired);

/* A boot is over. Returns whether the run is: passed, failed or out of budget. */
bool judge_booted(struct judge *judge, enum device_end end);

/* Has the run come to rest, seen from the running application? With a fault of the server that
 * lasts also: does it run what it should, and still ask after so many failures in a row? Without a
 * network that lets it in: does it wait for one? */
#define JUDGE_FAILURES 8
bool judge_is_settled(const struct judge *judge, const struct ota *ota);

/* Go on to the server's next stage, if what it waits for has been confirmed. */
bool judge_turn_stage(struct judge *judge);

#endif
