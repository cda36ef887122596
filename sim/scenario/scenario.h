#ifndef SIM_SCENARIO_SCENARIO_H
#define SIM_SCENARIO_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "core/log.h"
#include "sim/device/app.h"
#include "sim/device/device.h"
#include "sim/device/flash_fault.h"
#include "sim/device/power.h"
#include "sim/device/station.h"
#include "sim/image/flaw.h"

/*
 * A scenario: plain data, no behaviour. sim/scenario/load.c fills it from JSON, C tests fill it by
 * hand; sim/explore/ runs it. Images are named by their index in images[]; -1: none.
 */
#define SCENARIO_NAME_MAX    48
#define SCENARIO_TEXT_MAX    400
#define SCENARIO_IMAGES_MAX  16
#define SCENARIO_STAGES_MAX  6
#define SCENARIO_OFFERS_MAX  16
#define SCENARIO_DAMAGES_MAX 6
#define SCENARIO_CUTS_MAX    8
#define SCENARIO_LIST_MAX    8
#define SCENARIO_MARKS_MAX   16 /* at most 32: they are counted in a bit set */
#define SCENARIO_ROW_MAX     16 /* "[1,0]" */
#define SCENARIO_ID_MAX      (SCENARIO_NAME_MAX + SCENARIO_ROW_MAX)
#define SCENARIO_SETTING_MAX 200
#define SCENARIO_SHOWS_MAX   12

/* Who signed an image. */
enum scenario_signer { SIGNER_OURS, SIGNER_OTHER, SIGNER_NONE };

/* What an image says of the product it was made for. */
enum scenario_product { PRODUCT_OURS, PRODUCT_OTHER, PRODUCT_NONE };

struct scenario_image {
    char name[SCENARIO_NAME_MAX];
    uint32_t version;          /* the build number */
    uint32_t size;             /* bytes of program flash it takes, TLVs included */
    uint32_t security_counter; /* 0: none */
    enum app_behaviour app;
    enum scenario_signer signer;
    enum scenario_product product;
    enum flaw flaw;
};

/* One entry of the manifest. */
struct scenario_offer {
    int image;        /* whose version, URL and digest it has; -1: only version, with erase */
    uint32_t version; /* what the manifest says instead; 0: the image's */
    bool is_erase;
    bool has_wrong_digest;
    int bytes_of; /* the server sends this image's bytes under the URL; -1: the right ones */
    char file[SCENARIO_NAME_MAX]; /* its name in the URL, without ".bin"; empty: the image's */
};

/* What can go wrong with an answer of the server. at is a byte of the body, value depends on the
 * kind. */
enum fault_kind {
    FAULT_DOWN,         /* the connection is refused */
    FAULT_CLOSE_EARLY,  /* it closes before an answer */
    FAULT_STATUS,       /* value: the HTTP status, with no file; retry_after_s: that header */
    FAULT_REDIRECT,     /* value: so many redirects before the answer; more than 5 are too many */
    FAULT_TRUNCATE,     /* the connection closes at byte at, short of Content-Length */
    FAULT_RESET_AFTER,  /* it is reset at byte at; what was under way before it is lost too */
    FAULT_STALL,        /* nothing comes behind byte at for value ms */
    FAULT_RATE,         /* value: bytes a second */
    FAULT_CHUNK,        /* value: bytes that come at a time */
    FAULT_FLIP_BIT,     /* a bit of byte at is wrong */
    FAULT_WRONG_LENGTH, /* Content-Length says value bytes more than there are */
    FAULT_NO_LENGTH,    /* there is no Content-Length */
    FAULT_NO_RANGE,     /* 200 with the whole file to a Range */
    FAULT_WRONG_RANGE,  /* 206 that begins value bytes too early */
    FAULT_SHORT_RANGE,  /* 206 that ends behind value bytes */
    FAULT_LONG_RANGE,   /* 206 that does not say the size of the whole, and value bytes too many */
    FAULT_BARE_RANGE,   /* 206 with the whole file, and no Content-Range */
    FAULT_ANY_RANGE,    /* 206 where no part was asked for */
    FAULT_NO_IF_RANGE,  /* a part whatever If-Range says */
    FAULT_NO_VALIDATOR, /* neither ETag nor date */
    FAULT_ONE_ETAG,     /* the ETag of every file is the same */
    FAULT_CHANGED,      /* another file with another ETag under the same URL */
    FAULT_SHORTER,      /* the file without its last value bytes, with its ETag */
    FAULT_UNTRUSTED,    /* the certificate is not one to trust */
    FAULT_GARBAGE,      /* the body is noise */
    FAULT_HTML,         /* the body is the login page of a captive portal */
    FAULT_EMPTY,        /* the body is empty */
    FAULT_ENDLESS,      /* the body never ends, and has no length */
    FAULT_DEEP,         /* the body is JSON, nested 1000 deep */
    FAULT_KIND_COUNT
};

enum fault_target { FAULT_ON_MANIFEST, FAULT_ON_IMAGES, FAULT_ON_ANY };

struct scenario_fault {
    enum fault_kind kind;
    enum fault_target on;
    uint32_t at; /* bytes; with at_is_percent: percent of the body */
    bool at_is_percent;
    uint32_t value;
    uint32_t retry_after_s; /* with FAULT_STATUS; 0: none */
    uint32_t skip;          /* requests it leaves alone first */
    uint32_t times;         /* requests it hits then; 0: all */
};

#define SCENARIO_FAULTS_MAX   8
#define SCENARIO_MANIFEST_MAX 1500

/* What the server holds from some moment on. */
struct scenario_stage {
    int when_runs; /* begins when this image is confirmed; -1: at the start */
    uint32_t offer_count;
    struct scenario_offer offers[SCENARIO_OFFERS_MAX];
    char manifest[SCENARIO_MANIFEST_MAX]; /* its text; "": an entry for each offer */
    uint32_t fault_count;
    struct scenario_fault faults[SCENARIO_FAULTS_MAX];
};

/* Damage at rest, done to the prepared device before the power comes on, or between two starts. */
enum damage_target {
    DAMAGE_IMAGE,         /* the file of an image in the store */
    DAMAGE_FACTORY,       /* the factory backup */
    DAMAGE_DATABASE,      /* image_database.csv */
    DAMAGE_FILE_SYSTEM,   /* the first two blocks of the external flash */
    DAMAGE_BOOT_CONTROL,  /* the boot control page */
    DAMAGE_PROGRAM_FLASH, /* the installed image */
    DAMAGE_TARGET_COUNT
};

enum damage_how {
    DAMAGE_FLIP,     /* one bit, in the middle */
    DAMAGE_BYTE,     /* one byte is another one */
    DAMAGE_BLANK,    /* everything 0xFF; a file keeps its size */
    DAMAGE_ZERO,     /* everything 0x00; a file keeps its size */
    DAMAGE_TRUNCATE, /* half of it is gone: a file is shorter, flash is 0xFF from there */
    DAMAGE_REMOVE,   /* the file is gone; of flash: all 0xFF */
    DAMAGE_EMPTY,    /* the file has no bytes left; of flash: all 0xFF */
    DAMAGE_SWAP,     /* its halves have changed places; with another image: the two files have */
    DAMAGE_DISABLE,  /* of the database: each row says that its image was given up */
    DAMAGE_FORGET,   /* of the database: each row says that its image was never confirmed */
    DAMAGE_REWRITE,  /* of the database: it says something else */
    DAMAGE_FILL,     /* of the database: it has so many rows of images that were given up */
    DAMAGE_SET,      /* of boot control: a field says something else, in good order otherwise */
    DAMAGE_PROGRAM,  /* of program flash: a programmer wrote another image there */
    DAMAGE_ADD,      /* of an image: somebody put its file into the store */
    DAMAGE_HOW_COUNT
};

/* What can be set in boot control: fields of its newest record, but for the last two. */
enum damage_field {
    DAMAGE_FIELD_MAGIC,
    DAMAGE_FIELD_LAYOUT,
    DAMAGE_FIELD_TYPE,
    DAMAGE_FIELD_STATUS,
    DAMAGE_FIELD_SEQUENCE,
    DAMAGE_FIELD_VERSION,
    DAMAGE_FIELD_SIZE,
    DAMAGE_FIELD_COUNTER,
    DAMAGE_FIELD_TRIALS,
    DAMAGE_FIELD_WORD, /* a status word more behind it: status, trials and factory, a byte each */
    DAMAGE_FIELD_PAGE, /* the first four bytes of the page */
    DAMAGE_FIELD_COUNT
};

struct scenario_damage {
    enum damage_target target;
    enum damage_how how;
    int image;               /* with DAMAGE_IMAGE or DAMAGE_PROGRAM */
    int with;                /* with DAMAGE_SWAP: the image it changes places with; -1: none */
    enum damage_field field; /* with DAMAGE_SET */
    uint32_t value;          /* with DAMAGE_SET and DAMAGE_BYTE; with DAMAGE_FILL: how many rows */
    uint32_t at;             /* with DAMAGE_BYTE: which one, from 0 */
    bool has_mark; /* not before the power comes on, but before the first start after this */
    enum log_event mark;
    /* with DAMAGE_REWRITE: what it says; with DAMAGE_ADD: the file's name, "": as the device would
     * name it */
    char text[SCENARIO_TEXT_MAX];
};

/* A flash that does not do what it is told, from the moment on that the power comes on. */
#define SCENARIO_FLASH_FAULTS_MAX FLASH_FAULT_RULES_MAX

enum flash_place {
    FLASH_PLACE_BOOT_CONTROL,
    FLASH_PLACE_PROGRAM_FLASH,
    FLASH_PLACE_STORE, /* the whole external flash */
    FLASH_PLACE_IMAGE, /* the sectors of an image's file, where they are when the scenario begins */
    FLASH_PLACE_COUNT
};

struct scenario_flash_fault {
    enum flash_place place;
    int image; /* with FLASH_PLACE_IMAGE */
    enum flash_fault_kind kind;
    uint32_t skip;   /* of that kind there that go well first */
    uint32_t times;  /* that go wrong then; 0: all */
    uint32_t phases; /* bit set of enum device_phase: when it is bad; 0: always */
};

/* One cut of the power; a list of them is one after the other, each in a later power session. */
struct scenario_cut {
    bool is_every;    /* at every operation that fits; else at number, or at a place */
    uint32_t number;  /* operation of the power session, from 1 */
    bool has_place;   /* the nth time, since the power came on, that one that fits is at place */
    uint32_t place;   /* offset in its flash */
    uint32_t nth;     /* from 1 */
    uint32_t times;   /* so many of them, one a power session; 0: any number */
    uint32_t phases;  /* bit set of enum device_phase; where it may happen */
    uint32_t kinds;   /* bit set of enum power_kind */
    uint32_t moments; /* bit set of enum power_moment */
    bool on_nvm, on_spi;
};

/* Something that must happen at least once in the whole sweep. */
enum mark_kind { MARK_LOG, MARK_CUT, MARK_READ /* a weak unit read the other way */ };

struct scenario_mark {
    enum mark_kind kind;
    enum log_event event;     /* MARK_LOG */
    enum ota_err reason;      /* MARK_LOG: that it tells; OTA_OK: any */
    enum power_kind cut_kind; /* MARK_CUT */
    enum power_moment cut_moment;
};

/* What the application changes while it runs, until its next start. */
enum setting {
    SETTING_PERIODIC,
    SETTING_AUTO_UPDATE,
    SETTING_AUTO_RESET,
    SETTING_INTERVAL,
};

struct scenario_settings {
    uint32_t changed; /* bit set of enum setting; the others stay as they are */
    bool is_periodic, is_auto_update, is_auto_reset;
    uint32_t interval_s;
};

/* Somebody at the console, or a message from elsewhere, asks the service for something: at a mark,
 * or at a time. One after the other; asked again after a cut that came before the effect. */
#define SCENARIO_REQUESTS_MAX 8
#define SCENARIO_CONFIGURE    OTA_REQUEST_COUNT /* no request: ota_configure() */

struct scenario_request {
    enum ota_request request; /* or SCENARIO_CONFIGURE */
    uint32_t version;         /* of an erase */
    struct scenario_settings settings;
    bool has_mark;
    enum log_event mark; /* once this has happened, since the last request */
    uint32_t at_s;       /* without a mark: at this time since the start */
    bool is_refused;     /* the service must refuse it */
    bool is_in_callback; /* made in the service's next callback, not between two of its rounds */
    /* made behind it in the same moment, and refused; OTA_REQUEST_NONE: none */
    enum ota_request meanwhile;
};

/* How the application uses the service. */
struct scenario_app {
    bool is_periodic, is_auto_update, is_auto_reset;
    struct app_habits habits;
    uint32_t request_count;
    struct scenario_request requests[SCENARIO_REQUESTS_MAX];
};

/* What the device knows of its network, and what is in the air. */
struct scenario_network {
    bool has_link; /* else the network is always up */
    char ssid[STATION_NAME_MAX];
    char passphrase[64];
    struct station_air air;
};

struct scenario {
    char name[SCENARIO_ID_MAX];         /* the file's, and of a row its place: "update[1,0]" */
    char row[SCENARIO_ROW_MAX];         /* "[1,0]"; "": the file has no matrix */
    char setting[SCENARIO_SETTING_MAX]; /* of a row: its values, for people */
    char theme[SCENARIO_NAME_MAX];      /* its folder's name */
    char why[SCENARIO_TEXT_MAX];
    char digest[33]; /* of the text of its file; of all rows the same */
    char file[4096];
    uint32_t shows_count;
    int shows[SCENARIO_SHOWS_MAX]; /* features, see sim/scenario/features.h */
    uint32_t image_count;
    struct scenario_image images[SCENARIO_IMAGES_MAX];

    /* The device as it is when the scenario begins. */
    int factory;
    bool is_virgin; /* just programmed, never started */
    uint32_t installed_count;
    int installed[SCENARIO_LIST_MAX]; /* updates it went through, oldest first */
    uint32_t downloaded_count;
    int downloaded[SCENARIO_LIST_MAX]; /* in the store, not yet started */
    int on_trial;                      /* installed and started once, not confirmed; -1: none */
    /* its first life, the image of the factory first; then it was programmed anew */
    uint32_t past_count;
    int past[SCENARIO_LIST_MAX];
    uint32_t store_halvings; /* its external flash is so many times half as large */
    bool has_ecc;
    bool has_nil_product; /* its vendor and class are all zero */
    uint32_t images_max;
    uint32_t interval_s;
    uint32_t trials_max;
    uint32_t confirm_within_s;       /* or the trial boot ends; 0: it does not */
    uint32_t slots_used, words_used; /* of boot control, at least */
    uint32_t damage_count;
    struct scenario_damage damages[SCENARIO_DAMAGES_MAX];
    uint32_t flash_fault_count;
    struct scenario_flash_fault flash_faults[SCENARIO_FLASH_FAULTS_MAX];

    bool is_factory_pin_held; /* at every start */
    struct scenario_app app;
    struct scenario_network network;

    uint32_t stage_count;
    struct scenario_stage stages[SCENARIO_STAGES_MAX];

    uint32_t cut_count;
    struct scenario_cut cuts[SCENARIO_CUTS_MAX];

    /* always: after every start, the running image is one of these */
    uint32_t always_runs; /* bit set of images; 0: any that may run */
    /* eventually: with the power kept on, this image runs, confirmed, within so many boots */
    int eventually_runs; /* -1: the device stays in the bootloader, for want of any image */
    bool is_stuck_expected;
    uint32_t within_boots;
    /* also when the power goes in every session behind operation under_cuts, and behind each later
     * one: within so many sessions; 0: not claimed */
    uint32_t under_cuts, under_sessions;
    /* and the store then holds just these images beside the factory backup, and none of those */
    bool has_stored;
    uint32_t stored, gone;  /* bit sets of images */
    bool has_nothing_begun; /* nor a part of a download */
    uint32_t sometimes_count;
    struct scenario_mark sometimes[SCENARIO_MARKS_MAX];
    uint32_t never_count;
    struct scenario_mark never[SCENARIO_MARKS_MAX]; /* must not happen in any run; no cuts */

    /* Budgets; hitting one is a verdict. */
    uint32_t time_max_s; /* of device time, each power session sequence */
    uint32_t wear_max;   /* erases of the busiest unit over the run */
    uint32_t operations_max;
    uint32_t requests_max; /* to the server in an hour of one boot; 0: any number */
};

/* The only target that this kind of damage is of; DAMAGE_TARGET_COUNT: it is of any. */
enum damage_target scenario_damage_target(enum damage_how how);

/* Everything at its default; the name is empty and there are no images. */
void scenario_init(struct scenario *scenario);

/* Whether both come from files of one name. */
bool scenario_is_namesake(const struct scenario *a, const struct scenario *b);

/* The index of an image by name, or -1. */
int scenario_find_image(const struct scenario *scenario, const char *name);

/* "inside", "most-bits" and so on. */
const char *scenario_moment_name(enum power_moment moment);

/* "signature", "failed-before": what a mark says of an error. */
void scenario_reason_name(enum ota_err reason, char ret_name[32]);

/* Did this event of the log, with these arguments, set the mark? */
bool scenario_mark_is(const struct scenario_mark *mark, enum log_event event,
                      const uint32_t args[3]);

/* "ota.restart", "ota.refused:signature", "cut.erase.weak": the name of a mark, and back, without a
 * reason (false: no such mark). */
void scenario_mark_name(const struct scenario_mark *mark, char ret_name[64]);
bool scenario_mark_parse(const char *name, struct scenario_mark *ret_mark);

#endif
