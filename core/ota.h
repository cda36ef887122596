#ifndef CORE_OTA_H
#define CORE_OTA_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bootctl.h"
#include "core/check.h"
#include "core/fetch.h"
#include "core/hal.h"
#include "core/manifest.h"
#include "core/patience.h"
#include "core/store.h"

/*
 * The OTA system service: what an application includes. A polled state machine; the application
 * calls ota_service_task() from its main loop, and ota_confirm() when it knows that it is well.
 *
 *   WAIT -> CHECK -> (OFFER) -> DOWNLOAD -> VERIFY -> READY -> reset
 *
 * Whatever fails leads back to WAIT, and the next check comes by itself.
 */

/* Documented callback events with their numbers (harmony.md 4.1, v3.6 and later). */
enum ota_event {
    OTA_EVENT_IDLE = 0,
    OTA_EVENT_WAITING_FOR_NETWORK = 1,
    OTA_EVENT_WAITING_FOR_PERIOD = 3,
    OTA_EVENT_CHECK_START = 4,
    OTA_EVENT_CHECK_FAILED = 5,
    OTA_EVENT_AVAILABLE = 6,
    OTA_EVENT_NOT_AVAILABLE = 7,
    OTA_EVENT_TRIGGER_FAILED = 8, /* a request could not be carried out */
    OTA_EVENT_FACTORY_RESET_SUCCESS = 9,
    OTA_EVENT_FACTORY_RESET_FAILED = 10,
    OTA_EVENT_ROLLBACK_SUCCESS = 11,
    OTA_EVENT_ROLLBACK_FAILED = 12,
    OTA_EVENT_DOWNLOAD_START = 16,
    OTA_EVENT_DOWNLOAD_SUCCESS = 17,
    OTA_EVENT_DOWNLOAD_FAILED = 18,
    OTA_EVENT_VERIFY_START = 19,
    OTA_EVENT_VERIFY_SUCCESS = 20,
    OTA_EVENT_VERIFY_FAILED = 21,
    OTA_EVENT_ENTERED = 25, /* the image has its row in the database: the update is complete */
    OTA_EVENT_ERASE_FAILED = 26,
    OTA_EVENT_ERASED = 27,
    OTA_EVENT_STORE_FULL = 28,
};

/* What goes with an event. */
struct ota_event_data {
    uint32_t version;   /* of the image it is about; 0: none */
    enum ota_err error; /* of a failure; else OTA_OK */
};

typedef void ota_callback(void *context, enum ota_event event, const struct ota_event_data *data);

/*
 * What an application, a console or a message from elsewhere can ask for, at any time, also from a
 * callback. A request is refused at once with a reason, or carried out in the next
 * ota_service_task(); its result comes as an event.
 *
 *   CHECK          ask for the manifest now          refused while a transfer or a reset is due
 *   DOWNLOAD       fetch what is offered             refused unless a version is on offer
 *   RESET          restart to start what is ready    refused unless something is
 *   ABORT          stop check, download or offer     refused when there is none; what was
 *                                                    downloaded is kept for the next time
 *   ROLLBACK       give up the running image         refused without another one to go back to,
 *                                                    and while a newer one is ready; fails when
 *                                                    none of the others verifies
 *   FACTORY_RESET  back to the factory image, all    refused without a factory image; fails when
 *                  others removed                    it does not verify
 *   ERASE          remove a version from the store   refused for the running one, and for one
 *                                                    that is being downloaded
 * A transfer under way ends before ROLLBACK and FACTORY_RESET; both then need a reset, which comes
 * by itself with is_auto_reset.
 */
enum ota_request {
    OTA_REQUEST_NONE,
    OTA_REQUEST_CHECK,
    OTA_REQUEST_DOWNLOAD,
    OTA_REQUEST_RESET,
    OTA_REQUEST_ABORT,
    OTA_REQUEST_ROLLBACK,
    OTA_REQUEST_FACTORY_RESET,
    OTA_REQUEST_ERASE,
    OTA_REQUEST_COUNT
};

enum ota_state {
    OTA_STATE_IDLE,  /* nothing to do until asked */
    OTA_STATE_WAIT,  /* until the next check is due */
    OTA_STATE_CHECK, /* fetching the manifest */
    OTA_STATE_OFFER, /* a newer version is there; the application says when */
    OTA_STATE_DOWNLOAD,
    OTA_STATE_VERIFY,
    OTA_STATE_READY, /* the new image is in the store; waits for the reset */
};

struct ota_config {
    char manifest_url[MANIFEST_URL_MAX];
    bool is_periodic;    /* check at start and each interval; else only when asked */
    bool is_auto_update; /* download at once; else wait for OTA_REQUEST_DOWNLOAD */
    bool is_auto_reset;  /* reset at once; else wait for OTA_REQUEST_RESET */
    uint32_t interval_s; /* between checks */
    uint32_t backoff_s;  /* after the first failure; doubles with each up to backoff_max_s */
    uint32_t backoff_max_s;
    uint32_t images_max;       /* images kept beside the factory image, 1..5 */
    uint32_t confirm_within_s; /* an image not confirmed by then is restarted; 0: never */
};

/* The documented defaults (harmony.md 4.2), with an interval of 60 s. */
extern const struct ota_config ota_config_default;

struct ota {
    const struct hal *hal;
    struct ota_config config;
    struct image_policy policy;
    struct bootctl bootctl;
    struct store store;
    bool is_store_open; /* mounted, and its database read */
    enum ota_state state;
    uint64_t started_ms;
    uint64_t due_ms;
    enum ota_request request; /* to be carried out */
    uint32_t request_version;
    uint32_t ready_version; /* what the reset of READY is for; 0: what the bootloader finds */
    bool is_without_link;   /* and that has been said */
    uint32_t failures;      /* in a row */
    uint32_t checks;        /* ended with an answer since start */
    struct patience patience;
    uint32_t progress_shown;
    ota_callback *callback;
    void *callback_context;
    const struct manifest_entry *entry; /* in manifest; from OFFER on */
    struct fetch fetch;
    struct check check;
    struct manifest manifest;
    uint8_t buffer[IMAGE_BUFFER_SIZE];
};

/*
 * Start the service. A store that does not mount is formatted, a database that does not agree with
 * the files is put right; neither stops the application. callback may be NULL.
 * Where boot control does not say what runs, the store does.
 * OTA_ERR_STATE: neither says it; the service then updates nothing and refuses all requests, and
 * looks again at each interval, or each second where that is 0.
 * Power: as store_format() and store_load(); a later look, as store_load().
 */
OTA_MUST_USE enum ota_err ota_init(struct ota *ota, const struct hal *hal,
                                   const struct ota_config *config, ota_callback *callback,
                                   void *context);

/* Do a little; never waits. Returns for how many milliseconds there is nothing to do; 0: call again
 * at once. Power: everything complete stays; a download goes on where it was last committed. */
uint32_t ota_service_task(struct ota *ota);

/*
 * Ask for something; version: of OTA_REQUEST_ERASE.
 * OTA_ERR_STATE: not in this state, or another request waits; OTA_ERR_NOT_FOUND: there is no such
 * version, or no image to go back to; others as image_check() of the factory image. Nothing has
 * changed then.
 * Power: touches no flash; the service does, later.
 */
OTA_MUST_USE enum ota_err ota_ask(struct ota *ota, enum ota_request request, uint32_t version);

/* Change the configuration while it runs; a check that was to come, comes by the new interval.
 * Power: touches no flash; the configuration is the application's to keep. */
void ota_configure(struct ota *ota, const struct ota_config *config);

/*
 * This image is well: keep it. Until it is called the bootloader counts trial boots. Fine to call
 * at any time and more than once. OTA_ERR_STATE: it was given up, by rollback or factory reset, or
 * the service does not know what runs: say it again later.
 * Power: after a cut the image is confirmed or still on trial; nothing else.
 */
OTA_MUST_USE enum ota_err ota_confirm(struct ota *ota);

/* Version of the running image. Power: touches no flash. */
uint32_t ota_version(const struct ota *ota);

/* Whether the running image is confirmed. Power: touches no flash. */
bool ota_is_confirmed(const struct ota *ota);

/* Nothing under way, and the last check had an answer. Power: touches no flash. */
bool ota_is_settled(const struct ota *ota);

/* Bytes of the download so far and in all (0: not known). Power: touches no flash. */
void ota_progress(const struct ota *ota, uint32_t *ret_bytes, uint32_t *ret_total);

#endif
