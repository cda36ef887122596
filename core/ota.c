/*
 * Method. The order of writes is what makes each step safe to lose:
 *   1. the part file grows, committed at intervals          (a cut: go on behind the last commit)
 *   2. it is verified in the store, then renamed            (a cut: part or image, both complete)
 *   3. its row is entered in the database                   (a cut: store_load() finds the image)
 *   4. reset; from here the bootloader finds a newer image in the store, and it is its turn
 * Nothing of the running image is touched before 4.
 */
#include "core/ota.h"

#include <string.h>

#include "core/admit.h"
#include "core/bytes.h"
#include "core/installed.h"
#include "core/offer.h"

#define BUSY_POLL_MS  10
#define LINK_POLL_MS  1000
#define PROGRESS_STEP 0x10000 /* bytes between two progress events */

const struct ota_config ota_config_default = {
    .is_periodic = true,
    .is_auto_update = true,
    .is_auto_reset = true,
    .interval_s = 60,
    .backoff_s = 5,
    .backoff_max_s = 3600,
    .images_max = 2,
    .confirm_within_s = 300,
};

static uint64_t now_ms(const struct ota *ota)
{
    return clock_now_ms(ota->hal->clock);
}

static void tell(struct ota *ota, enum ota_event event, uint32_t version, enum ota_err error)
{
    struct ota_event_data data = {version, error};

    if (ota->callback)
        ota->callback(ota->callback_context, event, &data);
}

static void wait_s(struct ota *ota, uint32_t delay_s)
{
    ota->state = OTA_STATE_WAIT;
    ota->due_ms = now_ms(ota) + (uint64_t)delay_s * 1000;
}

static void retry_later(struct ota *ota, enum log_event event, enum ota_err err,
                        uint32_t retry_after_s)
{
    ota->failures++;
    const struct patience_limits limits = {ota->config.backoff_s, ota->config.backoff_max_s};
    uint32_t delay_s =
        patience_delay_s(&limits, ota->failures, retry_after_s, system_random(ota->hal->system));
    log_event(ota->hal->log, event, err, delay_s, 0);
    wait_s(ota, delay_s);
}

/* The check had an answer, whatever it was. */
static void settle(struct ota *ota)
{
    ota->failures = 0;
    ota->checks++;
    if (ota->config.is_periodic)
        wait_s(ota, ota->config.interval_s);
    else
        ota->state = OTA_STATE_IDLE;
}

static struct store_judge judge(struct ota *ota)
{
    ota->policy.counter_floor = bootctl_counter_floor(&ota->bootctl);
    return (struct store_judge){&ota->policy, ota->hal->crypto, &ota->bootctl, ota->buffer};
}

static enum ota_err open_store(struct ota *ota, bool may_format)
{
    struct store_judge by = judge(ota);
    enum ota_err err = store_mount(&ota->store, ota->hal->spi, ota->hal->log);

    if (err == OTA_ERR_CORRUPT && may_format) {
        log_event(ota->hal->log, LOG_STORE_FORMATTED, err, 0, 0);
        err = store_format(&ota->store);
    }
    if (!err)
        err = store_load(&ota->store, &by);
    ota->is_store_open = err == OTA_OK;
    return err;
}

/* What runs, and what is stored. */
static enum ota_err take_stock(struct ota *ota, bool may_format)
{
    err_ignore(bootctl_open(&ota->bootctl, ota->hal->nvm, ota->hal->layout->bootctl_offset));
    enum ota_err err = open_store(ota, may_format);
    installed_assume(ota->hal, &ota->store, &ota->fetch.part.file, &ota->policy, ota->buffer,
                     &ota->bootctl);
    if (ota->bootctl.has_record)
        return err;
    wait_s(ota, ota->config.interval_s ? ota->config.interval_s : 1);
    return OTA_ERR_STATE;
}

enum ota_err ota_init(struct ota *ota, const struct hal *hal, const struct ota_config *config,
                      ota_callback *callback, void *context)
{
    memset(ota, 0, sizeof *ota);
    ota->hal = hal;
    ota->config = *config;
    ota->policy = *hal->policy;
    ota->callback = callback;
    ota->callback_context = context;
    ota->started_ms = ota->due_ms = now_ms(ota);
    ota->state = config->is_periodic ? OTA_STATE_WAIT : OTA_STATE_IDLE;
    return take_stock(ota, true);
}

/* A manifest may name what is not there: then nothing is to be done. */
static void erase_version(struct ota *ota, uint32_t version)
{
    struct database_row *row = database_find(&ota->store.database, version);
    enum ota_err err = OTA_ERR_STATE;

    if (!row)
        return;
    if (version != ota_version(ota))
        err = store_remove(&ota->store, row, false);
    log_event(ota->hal->log, err ? LOG_OTA_ERASE_FAILED : LOG_OTA_ERASED, version, err, 0);
    tell(ota, err ? OTA_EVENT_ERASE_FAILED : OTA_EVENT_ERASED, version, err);
}

static void erase_listed(struct ota *ota)
{
    for (uint32_t i = 0; i < ota->manifest.count; i++) {
        const struct manifest_entry *entry = &ota->manifest.entries[i];
        if (entry->is_erase)
            erase_version(ota, entry->version);
    }
}

/* Another image starts with the next reset: this version, or with 0 what the bootloader finds. */
static void become_ready(struct ota *ota, uint32_t version)
{
    ota->failures = 0;
    ota->checks++;
    ota->ready_version = version;
    ota->state = OTA_STATE_READY;
    if (!ota->config.is_auto_reset)
        log_event(ota->hal->log, LOG_OTA_READY, version, 0, 0);
}

static void start_download(struct ota *ota)
{
    tell(ota, OTA_EVENT_DOWNLOAD_START, ota->entry->version, OTA_OK);
    uint32_t size_max = ota->policy.app_size + IMAGE_HEADER_PAGE;
    enum ota_err err = fetch_start(&ota->fetch, ota->hal, &ota->store, ota->entry->url,
                                   ota->entry->digest, size_max, ota->buffer);
    if (err) {
        tell(ota, OTA_EVENT_DOWNLOAD_FAILED, ota->entry->version, err);
        retry_later(ota, LOG_OTA_DOWNLOAD_FAILED, err, 0);
        return;
    }
    log_event(ota->hal->log, LOG_OTA_DOWNLOAD, ota->entry->version, ota->fetch.part.size, 0);
    ota->progress_shown = ota->fetch.part.size;
    ota->state = OTA_STATE_DOWNLOAD;
}

static void decide(struct ota *ota)
{
    uint32_t refused, running = ota_version(ota);
    enum ota_err why = OTA_ERR_FAILED_BEFORE;

    erase_listed(ota);
    bool is_late = now_ms(ota) - ota->started_ms >= (uint64_t)PATIENCE_COPY_S * 1000;
    enum offer_verdict verdict =
        offer_choose(&ota->manifest, &ota->store.database, running, is_late, &ota->entry, &refused);
    /* The bootloader could not read or write what it had to for an image that lies there: to reset
     * for it again might never end. The next start tries it. */
    if (verdict == OFFER_STORED) {
        refused = ota->entry->version;
        why = OTA_ERR_FLASH;
        verdict = OFFER_NOTHING;
    }
    if (refused)
        log_event(ota->hal->log, LOG_OTA_ENTRY_REFUSED, refused, why, 0);
    if (verdict == OFFER_NOTHING) {
        log_event(ota->hal->log, LOG_OTA_NOTHING_NEW, running, 0, 0);
        tell(ota, OTA_EVENT_NOT_AVAILABLE, running, refused ? why : OTA_OK);
        settle(ota);
        return;
    }
    log_event(ota->hal->log, LOG_OTA_AVAILABLE, ota->entry->version, 0, 0);
    tell(ota, OTA_EVENT_AVAILABLE, ota->entry->version, OTA_OK);
    if (ota->config.is_auto_update) {
        start_download(ota);
        return;
    }
    ota->checks++;
    ota->state = OTA_STATE_OFFER;
    log_event(ota->hal->log, LOG_OTA_OFFER, ota->entry->version, 0, 0);
}

static void end_check(struct ota *ota, enum ota_err err)
{
    if (!err)
        err = manifest_parse(ota->check.text, ota->check.size, &ota->manifest);
    if (!err) {
        decide(ota);
        return;
    }
    tell(ota, OTA_EVENT_CHECK_FAILED, 0, err);
    retry_later(ota, LOG_OTA_CHECK_FAILED, err, ota->check.retry_after_s);
}

static void start_check(struct ota *ota)
{
    log_event(ota->hal->log, LOG_OTA_CHECK, 0, 0, 0);
    tell(ota, OTA_EVENT_CHECK_START, 0, OTA_OK);
    ota->state = OTA_STATE_CHECK;
    if (!ota->is_store_open)
        err_ignore(open_store(ota, true)); /* it may answer by now; else the download says so */
    enum ota_err err = check_start(&ota->check, ota->hal->transport, ota->config.manifest_url);
    if (err)
        end_check(ota, err);
}

/* Returns the milliseconds to the next look. */
static uint32_t do_check(struct ota *ota)
{
    switch (check_step(&ota->check)) {
    case CHECK_WAITING:
        return BUSY_POLL_MS;
    case CHECK_GOING:
        break;
    case CHECK_DONE:
    case CHECK_FAILED:
        end_check(ota, ota->check.error);
        break;
    }
    return 0;
}

/* Before the first byte of a file of known size: room for it, at the cost of images that may go. */
static enum ota_err make_room(struct ota *ota)
{
    const uint32_t spare = 4 * ota->hal->spi->erase_size; /* directories, database, their copies */
    uint32_t free_size, images_max = ota->config.images_max;
    const uint32_t images_min = images_max > 1 ? 2 : 1; /* at 1 store_evict() takes all */
    uint32_t total = ota->fetch.total ? ota->fetch.total : ota->fetch.size_max;
    uint32_t needed = bytes_align(total - ota->fetch.part.size, ota->hal->spi->erase_size) + spare;

    for (;;) {
        enum ota_err err = store_free_size(&ota->store, &free_size);
        if (err || free_size >= needed)
            return err;
        tell(ota, OTA_EVENT_STORE_FULL, ota->entry->version, OTA_ERR_FULL);
        err = images_max >= images_min ? store_evict(&ota->store, images_max, ota_version(ota))
                                       : OTA_ERR_FULL;
        if (err)
            return err;
        images_max--;
    }
}

/* A line that breaks each few bytes is asked again soon: to wait longer each time would take days
 * for what it can do in minutes. */
static void end_download(struct ota *ota, enum ota_err err)
{
    fetch_stop(&ota->fetch);
    if (patience_has_gained(&ota->patience, ota->entry->digest, ota->fetch.part.size,
                            ota->hal->spi->erase_size))
        ota->failures = 0;
    tell(ota, OTA_EVENT_DOWNLOAD_FAILED, ota->entry->version, err);
    retry_later(ota, LOG_OTA_DOWNLOAD_FAILED, err, ota->fetch.retry_after_s);
}

/* This file will never do: remember that, and do not fetch it again until the offer changes. */
static void refuse(struct ota *ota, enum ota_err err)
{
    struct database_row *old = database_find(&ota->store.database, ota->entry->version);
    struct database_row row = {.status = BOOTCTL_DISABLED, .version = ota->entry->version};

    part_remove(&ota->fetch.part);
    log_event(ota->hal->log, LOG_OTA_REFUSED, row.version, err, 0);
    tell(ota, OTA_EVENT_VERIFY_FAILED, row.version, err);
    store_name(row.version, ota->entry->digest, row.name);
    memcpy(row.digest, ota->entry->digest, sizeof row.digest);
    if (old && old->status != BOOTCTL_DISABLED) { /* its row says more */
        retry_later(ota, LOG_OTA_DOWNLOAD_FAILED, err, PATIENCE_APART_S);
        return;
    }
    err = store_enter(&ota->store, &row);
    if (err == OTA_ERR_FLASH)
        retry_later(ota, LOG_OTA_DOWNLOAD_FAILED, err, 0);
    else
        settle(ota);
}

/* Something else came than was announced: not at once the offer's fault. */
static void reject(struct ota *ota, enum ota_err err)
{
    enum patience_verdict verdict =
        patience_after_wrong_file(&ota->patience, ota->entry->digest, now_ms(ota));

    if (verdict == PATIENCE_OUT) {
        refuse(ota, err);
        return;
    }
    part_remove(&ota->fetch.part);
    tell(ota, OTA_EVENT_VERIFY_FAILED, ota->entry->version, err);
    retry_later(ota, LOG_OTA_DOWNLOAD_FAILED, err, verdict == PATIENCE_SOON ? 0 : PATIENCE_APART_S);
}

static uint32_t do_download(struct ota *ota)
{
    uint32_t before = ota->fetch.part.size;
    enum fetch_state state = fetch_step(&ota->fetch);
    enum ota_err err;

    if (ota->fetch.part.size - ota->progress_shown >= PROGRESS_STEP || state == FETCH_DONE) {
        ota->progress_shown = ota->fetch.part.size;
        log_event(ota->hal->log, LOG_OTA_PROGRESS, ota->fetch.part.size, ota->fetch.total, 0);
    }
    switch (state) {
    case FETCH_SIZED:
        err = make_room(ota);
        if (err)
            end_download(ota, err);
        return 0;
    case FETCH_DONE:
        tell(ota, OTA_EVENT_DOWNLOAD_SUCCESS, ota->entry->version, OTA_OK);
        tell(ota, OTA_EVENT_VERIFY_START, ota->entry->version, OTA_OK);
        ota->state = OTA_STATE_VERIFY;
        return 0;
    case FETCH_FAILED:
        if (ota->fetch.error == OTA_ERR_SIZE)
            reject(ota, ota->fetch.error);
        else
            end_download(ota, ota->fetch.error);
        return 0;
    case FETCH_HEADERS:
        return BUSY_POLL_MS;
    case FETCH_REHASH:
    case FETCH_OPEN:
    case FETCH_BODY:
        break;
    }
    return state == FETCH_BODY && ota->fetch.part.size == before ? BUSY_POLL_MS : 0;
}

/* It is the announced file; what it says of itself holds before anything relies on it. */
static enum ota_err verify(struct ota *ota)
{
    struct image_info info;

    ota->policy.counter_floor = bootctl_counter_floor(&ota->bootctl);
    enum ota_err err =
        store_check(&ota->fetch.part.file, &ota->policy, ota->hal->crypto, ota->buffer, &info);
    if (!err && info.version != ota->entry->version)
        err = OTA_ERR_VERSION;
    return err;
}

static enum ota_err enter(struct ota *ota)
{
    struct database_row row = {.status = BOOTCTL_DOWNLOADED, .version = ota->entry->version};

    store_name(row.version, ota->entry->digest, row.name);
    memcpy(row.digest, ota->entry->digest, sizeof row.digest);
    enum ota_err err = store_evict(&ota->store, ota->config.images_max, ota_version(ota));
    if (!err)
        err = part_settle(&ota->fetch.part, row.name);
    if (!err)
        err = store_enter(&ota->store, &row);
    return err;
}

static void do_verify(struct ota *ota)
{
    uint32_t version = ota->entry->version;

    if (memcmp(ota->fetch.digest, ota->entry->digest, sizeof ota->fetch.digest) != 0) {
        reject(ota, OTA_ERR_HASH);
        return;
    }
    enum ota_err err = verify(ota);
    if (err && err != OTA_ERR_FLASH) {
        refuse(ota, err);
        return;
    }
    if (!err) {
        log_event(ota->hal->log, LOG_OTA_VERIFIED, version, 0, 0);
        tell(ota, OTA_EVENT_VERIFY_SUCCESS, version, OTA_OK);
        err = enter(ota);
    }
    if (err) {
        end_download(ota, err);
        return;
    }
    log_event(ota->hal->log, LOG_OTA_ENTERED, version, 0, 0);
    tell(ota, OTA_EVENT_ENTERED, version, OTA_OK);
    become_ready(ota, version);
}

/* How long the running image has to be confirmed; UINT32_MAX: it has not. */
static uint32_t trial_left_ms(const struct ota *ota)
{
    uint64_t limit_ms = (uint64_t)ota->config.confirm_within_s * 1000;
    uint64_t age_ms = now_ms(ota) - ota->started_ms;

    if (!limit_ms || ota->bootctl.record.status != BOOTCTL_UNBOOTED)
        return UINT32_MAX;
    return age_ms < limit_ms ? (uint32_t)(limit_ms - age_ms) : 0;
}

/* An image on trial that runs but does not confirm gets another trial boot, and then no more. */
static void watch_trial(struct ota *ota)
{
    if (trial_left_ms(ota))
        return;
    log_event(ota->hal->log, LOG_APP_UNCONFIRMED, ota_version(ota), ota->config.confirm_within_s,
              0);
    system_reset(ota->hal->system);
}

/* --- requests -------------------------------------------------------------------------------- */

static void stop_transfer(struct ota *ota)
{
    if (ota->state == OTA_STATE_CHECK)
        transport_close(ota->hal->transport);
    else if (admit_is_transferring(ota))
        fetch_stop(&ota->fetch);
}

enum ota_err ota_ask(struct ota *ota, enum ota_request request, uint32_t version)
{
    enum ota_err err = OTA_ERR_STATE;

    if (ota->bootctl.has_record && !ota->request)
        err = admit_request(ota, request, version);
    log_event(ota->hal->log, err ? LOG_OTA_REQUEST_REFUSED : LOG_OTA_REQUEST, request, err, 0);
    if (err)
        return err;
    ota->request = request;
    ota->request_version = version;
    return OTA_OK;
}

static void do_abort(struct ota *ota)
{
    bool was_download = ota->state == OTA_STATE_DOWNLOAD || ota->state == OTA_STATE_VERIFY;

    stop_transfer(ota);
    log_event(ota->hal->log, LOG_OTA_ABORTED, 0, 0, 0);
    tell(ota, was_download ? OTA_EVENT_DOWNLOAD_FAILED : OTA_EVENT_CHECK_FAILED,
         was_download ? ota->entry->version : 0, OTA_ERR_ABORTED);
    settle(ota);
}

/* Boot control first: from then on the bootloader knows, and brings the database in line. */
static void do_rollback(struct ota *ota)
{
    uint32_t version = ota_version(ota);
    struct database_row *row = database_find(&ota->store.database, version);

    stop_transfer(ota);
    enum ota_err err = admit_fallback(ota);
    if (err)
        log_event(ota->hal->log, LOG_OTA_REQUEST_REFUSED, OTA_REQUEST_ROLLBACK, err, 0);
    else
        log_event(ota->hal->log, LOG_OTA_ROLLBACK, version, 0, 0);
    if (!err)
        err = bootctl_set(&ota->bootctl, BOOTCTL_DISABLED, ota->bootctl.record.trials);
    if (!err && row)
        err = store_set_status(&ota->store, row, BOOTCTL_DISABLED);
    tell(ota, err ? OTA_EVENT_ROLLBACK_FAILED : OTA_EVENT_ROLLBACK_SUCCESS, version, err);
    if (err) {
        settle(ota);
        return;
    }
    become_ready(ota, 0);
}

static void do_factory_reset(struct ota *ota)
{
    stop_transfer(ota);
    enum ota_err err = admit_factory(ota);
    if (!err)
        log_event(ota->hal->log, LOG_OTA_FACTORY_RESET, 0, 0, 0);
    if (!err)
        err = bootctl_request_factory(&ota->bootctl);
    tell(ota, err ? OTA_EVENT_FACTORY_RESET_FAILED : OTA_EVENT_FACTORY_RESET_SUCCESS, 0, err);
    if (err) {
        log_event(ota->hal->log, LOG_OTA_REQUEST_REFUSED, OTA_REQUEST_FACTORY_RESET, err, 0);
        settle(ota);
        return;
    }
    become_ready(ota, 0);
}

static void reset_now(struct ota *ota)
{
    log_event(ota->hal->log, LOG_OTA_RESET, ota->ready_version, 0, 0);
    system_reset(ota->hal->system);
}

/* What was possible when it was asked for may not be any more: then it fails, with the reason. */
static void do_request(struct ota *ota)
{
    enum ota_request request = ota->request;
    enum ota_err err = admit_request(ota, request, ota->request_version);

    ota->request = OTA_REQUEST_NONE;
    if (err) {
        log_event(ota->hal->log, LOG_OTA_REQUEST_REFUSED, request, err, 0);
        tell(ota, OTA_EVENT_TRIGGER_FAILED, ota->request_version, err);
        return;
    }
    switch (request) {
    case OTA_REQUEST_CHECK:
        ota->state = OTA_STATE_WAIT;
        ota->due_ms = now_ms(ota);
        break;
    case OTA_REQUEST_DOWNLOAD:
        start_download(ota);
        break;
    case OTA_REQUEST_RESET:
        reset_now(ota);
        break;
    case OTA_REQUEST_ABORT:
        do_abort(ota);
        break;
    case OTA_REQUEST_ROLLBACK:
        do_rollback(ota);
        break;
    case OTA_REQUEST_FACTORY_RESET:
        do_factory_reset(ota);
        break;
    case OTA_REQUEST_ERASE:
        erase_version(ota, ota->request_version);
        break;
    case OTA_REQUEST_NONE:
    case OTA_REQUEST_COUNT:
        break;
    }
}

void ota_configure(struct ota *ota, const struct ota_config *config)
{
    uint64_t due_ms = now_ms(ota) + (uint64_t)config->interval_s * 1000;

    ota->config = *config;
    if (ota->state == OTA_STATE_WAIT && (due_ms < ota->due_ms || !config->is_periodic))
        ota->due_ms = due_ms;
    if (ota->state == OTA_STATE_WAIT && !config->is_periodic && !ota->failures)
        ota->state = OTA_STATE_IDLE;
    if (ota->state == OTA_STATE_IDLE && config->is_periodic)
        wait_s(ota, 0);
}

/* --- the task -------------------------------------------------------------------------------- */

static uint32_t time_to_due(const struct ota *ota)
{
    uint64_t now = now_ms(ota);
    uint64_t left = ota->due_ms > now ? ota->due_ms - now : 0;

    return left > UINT32_MAX ? UINT32_MAX : (uint32_t)left;
}

/* Due, but nothing to go out by: the check waits for the link, and comes with it. */
static bool is_without_link(struct ota *ota)
{
    bool is_up = link_is_up(ota->hal->link);

    if (is_up == !ota->is_without_link)
        return !is_up;
    ota->is_without_link = !is_up;
    log_event(ota->hal->log, is_up ? LOG_OTA_LINK : LOG_OTA_NO_LINK, 0, 0, 0);
    if (!is_up)
        tell(ota, OTA_EVENT_WAITING_FOR_NETWORK, 0, OTA_OK);
    return !is_up;
}

/* A failure while the link was away says nothing of the server: no need to back off from it. */
static uint32_t do_wait(struct ota *ota)
{
    if (ota->failures && is_without_link(ota))
        ota->due_ms = now_ms(ota);
    uint32_t wait_ms = time_to_due(ota);
    if (wait_ms)
        return wait_ms < LINK_POLL_MS || !ota->failures ? wait_ms : LINK_POLL_MS;
    if (is_without_link(ota))
        return LINK_POLL_MS;
    start_check(ota);
    return 0;
}

static uint32_t do_state(struct ota *ota)
{
    switch (ota->state) {
    case OTA_STATE_WAIT:
        return do_wait(ota);
    case OTA_STATE_CHECK:
        return do_check(ota);
    case OTA_STATE_DOWNLOAD:
        return do_download(ota);
    case OTA_STATE_VERIFY:
        do_verify(ota);
        return 0;
    case OTA_STATE_READY:
        if (ota->config.is_auto_reset)
            reset_now(ota);
        break;
    case OTA_STATE_IDLE:
    case OTA_STATE_OFFER:
        break;
    }
    return UINT32_MAX;
}

/* It may be known by and by. Until then no store is made anew, and no trial runs out. */
static uint32_t look_again(struct ota *ota)
{
    if (time_to_due(ota) || take_stock(ota, false) == OTA_ERR_STATE)
        return time_to_due(ota);
    ota->started_ms = now_ms(ota);
    if (!ota->config.is_periodic)
        ota->state = OTA_STATE_IDLE;
    return 0;
}

uint32_t ota_service_task(struct ota *ota)
{
    if (!ota->bootctl.has_record)
        return look_again(ota);
    watch_trial(ota);
    if (ota->request)
        do_request(ota);
    return bytes_min(do_state(ota), trial_left_ms(ota));
}

/* Boot control takes nothing any more: then the bootloader goes by the database. */
static enum ota_err confirm_in_store(struct ota *ota, struct database_row *row)
{
    struct bootctl_record record = ota->bootctl.record;
    enum ota_err err = store_set_status(&ota->store, row, BOOTCTL_VALID);

    record.status = BOOTCTL_VALID;
    if (!err)
        bootctl_assume(&ota->bootctl, &record);
    return err;
}

enum ota_err ota_confirm(struct ota *ota)
{
    uint32_t version = ota_version(ota);
    struct database_row *row = database_find(&ota->store.database, version);

    if (ota->bootctl.record.status == BOOTCTL_DISABLED)
        return OTA_ERR_STATE;
    if (!ota_is_confirmed(ota)) {
        enum ota_err err = bootctl_set(&ota->bootctl, BOOTCTL_VALID, ota->bootctl.record.trials);
        if (err && row)
            err = confirm_in_store(ota, row);
        if (err)
            return err;
        log_event(ota->hal->log, LOG_APP_CONFIRMED, version, 0, 0);
    }
    return row ? store_set_status(&ota->store, row, BOOTCTL_VALID) : OTA_OK;
}

uint32_t ota_version(const struct ota *ota)
{
    return ota->bootctl.record.version; /* 0 without a record */
}

bool ota_is_confirmed(const struct ota *ota)
{
    return ota->bootctl.record.status == BOOTCTL_VALID;
}

bool ota_is_settled(const struct ota *ota)
{
    return ota->checks && (ota->state == OTA_STATE_IDLE || ota->state == OTA_STATE_WAIT ||
                           ota->state == OTA_STATE_OFFER);
}

void ota_progress(const struct ota *ota, uint32_t *ret_bytes, uint32_t *ret_total)
{
    bool is_active = ota->state == OTA_STATE_DOWNLOAD || ota->state == OTA_STATE_VERIFY;

    *ret_bytes = is_active ? ota->fetch.part.size : 0;
    *ret_total = is_active ? ota->fetch.total : 0;
}
