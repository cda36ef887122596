#include "sim/explore/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/layout.h"
#include "sim/explore/stock.h"

#define HOUR_MS 3600000

static const char *const claim_names[CLAIM_COUNT] = {
    "none",
    "never bricked (I1)",
    "atomic (I2)",
    "no lost update (I3)",
    "no silent downgrade (I4)",
    "only authorised images (I5)",
    "no data sheet violation (I6)",
    "bounded wear (I7)",
    "bounded time (I8)",
    "always",
    "eventually",
    "sometimes",
    "every declared cut fires",
    "the control run passes",
    "the same point gives the same run",
    "seams are used as agreed",
    "the firmware does what the PC build does",
};

const char *judge_claim_name(enum judge_claim claim)
{
    return claim_names[claim];
}

/* --- what excuses ---------------------------------------------------------------------------- */

/* What boot control says otherwise than it did, it still says. */
static bool is_damaged(const struct judge *judge, enum damage_target target)
{
    const struct scenario_damage *damages = judge->scenario->damages;

    for (uint32_t i = 0; i < judge->scenario->damage_count; i++)
        if (judge->damaged >> i & 1 && damages[i].target == target && damages[i].how != DAMAGE_SET)
            return true;
    return false;
}

/* Does this damage take the stored file of the image, or the right to start it? */
static bool is_lost_by(const struct scenario *scenario, const struct scenario_damage *damage,
                       int image)
{
    if (damage->how == DAMAGE_ADD)
        return false;
    switch (damage->target) {
    case DAMAGE_IMAGE:
        return damage->image == image || (damage->how == DAMAGE_SWAP && damage->with == image);
    case DAMAGE_FACTORY:
        return image == scenario->factory;
    case DAMAGE_FILE_SYSTEM:
        return true;
    case DAMAGE_DATABASE:
        return damage->how == DAMAGE_DISABLE && image != scenario->factory;
    case DAMAGE_BOOT_CONTROL:
    case DAMAGE_PROGRAM_FLASH:
    case DAMAGE_TARGET_COUNT:
        break;
    }
    return false;
}

static bool is_renewed(const struct judge *judge, int image)
{
    return image >= 0 && judge->renewed >> image & 1;
}

static bool is_store_copy_lost(const struct judge *judge, int image)
{
    const struct scenario *scenario = judge->scenario;

    for (uint32_t i = 0; i < scenario->damage_count && !is_renewed(judge, image); i++)
        if (judge->damaged >> i & 1 && is_lost_by(scenario, &scenario->damages[i], image))
            return true;
    return false;
}

/* And leaves no file: its row has no use any more. */
static bool is_file_gone(const struct judge *judge, int image)
{
    const struct scenario_damage *damages = judge->scenario->damages;

    for (uint32_t i = 0; i < judge->scenario->damage_count && !is_renewed(judge, image); i++)
        if (judge->damaged >> i & 1 && damages[i].how == DAMAGE_REMOVE &&
            is_lost_by(judge->scenario, &damages[i], image))
            return true;
    return false;
}

/* The installed image cannot be started: it is damaged, or nobody knows any more what it is. */
static bool is_flash_copy_lost(const struct judge *judge)
{
    return is_damaged(judge, DAMAGE_PROGRAM_FLASH) || is_damaged(judge, DAMAGE_BOOT_CONTROL);
}

/* A flash that does not give or take this image, one time or for ever. */
static bool is_flash_at_fault(const struct scenario *scenario, int image, bool is_installing)
{
    for (uint32_t i = 0; i < scenario->flash_fault_count; i++) {
        const struct scenario_flash_fault *fault = &scenario->flash_faults[i];
        bool is_read = fault->kind == FLASH_FAULT_UNREADABLE || fault->kind == FLASH_FAULT_LIE;
        if (is_read && (fault->place == FLASH_PLACE_STORE ||
                        (fault->place == FLASH_PLACE_IMAGE && fault->image == image)))
            return true;
        if (is_installing && fault->place == FLASH_PLACE_PROGRAM_FLASH)
            return true;
    }
    return false;
}

/* A flash that takes nothing there, one time or for ever. */
static bool is_refused(const struct scenario *scenario, enum flash_place place)
{
    for (uint32_t i = 0; i < scenario->flash_fault_count; i++)
        if (scenario->flash_faults[i].kind == FLASH_FAULT_REFUSE &&
            scenario->flash_faults[i].place == place)
            return true;
    return false;
}

/* The store has no factory image and takes none: no update may overwrite the only image there is.
 */
static bool is_backup_impossible(const struct judge *judge)
{
    return is_store_copy_lost(judge, judge->scenario->factory) &&
           is_refused(judge->scenario, FLASH_PLACE_STORE);
}

/* An image that is well cannot say so where neither boot control nor the store takes it. */
static bool is_confirmation_impossible(const struct scenario *scenario)
{
    return is_refused(scenario, FLASH_PLACE_BOOT_CONTROL) &&
           is_refused(scenario, FLASH_PLACE_STORE);
}

/* A backup that was lost is not a damaged one. */
bool judge_is_backup_excused(const struct judge *judge)
{
    const struct scenario *scenario = judge->scenario;

    for (uint32_t i = 0; i < scenario->damage_count; i++)
        if (judge->damaged >> i & 1 &&
            is_lost_by(scenario, &scenario->damages[i], scenario->factory) &&
            scenario->damages[i].how != DAMAGE_REMOVE)
            return true;
    for (uint32_t i = 0; i < scenario->flash_fault_count; i++)
        if (scenario->flash_faults[i].place != FLASH_PLACE_BOOT_CONTROL &&
            scenario->flash_faults[i].kind != FLASH_FAULT_REFUSE)
            return true;
    return false;
}

static bool was_asked(const struct scenario *scenario, enum ota_request request, uint32_t version)
{
    for (uint32_t i = 0; i < scenario->app.request_count; i++)
        if (scenario->app.requests[i].request == request &&
            (request != OTA_REQUEST_ERASE || scenario->app.requests[i].version == version))
            return true;
    return false;
}

/* Does boot control say that a factory reset was asked for? */
static bool is_reset_forged(const struct judge *judge)
{
    const struct scenario_damage *damages = judge->scenario->damages;

    for (uint32_t i = 0; i < judge->scenario->damage_count; i++)
        if (judge->damaged >> i & 1 && damages[i].how == DAMAGE_SET &&
            damages[i].field == DAMAGE_FIELD_WORD && damages[i].value >> 16)
            return true;
    return false;
}

static bool is_erase_offered(const struct scenario *scenario, uint32_t version)
{
    for (uint32_t i = 0; i < scenario->stage_count; i++)
        for (uint32_t j = 0; j < scenario->stages[i].offer_count; j++)
            if (scenario->stages[i].offers[j].is_erase &&
                scenario->stages[i].offers[j].version == version)
                return true;
    return false;
}

/* Is what the device says against an image true? An image that nothing is wrong with is not given
 * up, whatever the log says. */
static bool is_reason_true(const struct judge *judge, enum log_event event, int image)
{
    const struct scenario *scenario = judge->scenario;
    const struct scenario_image *made = &scenario->images[image];

    switch ((int)event) {
    case LOG_BOOT_DISABLED:
        return made->app != APP_HEALTHY || is_confirmation_impossible(scenario);
    case LOG_BOOT_REFUSED:
        return !judge->fixture->images[image].may_run ||
               made->security_counter < judge->counter_floor || is_store_copy_lost(judge, image) ||
               is_backup_impossible(judge) || is_flash_at_fault(scenario, image, false);
    case LOG_BOOT_INSTALL_FAILED:
        return is_flash_at_fault(scenario, image, true);
    case LOG_STORE_DROPPED:
        return is_file_gone(judge, image) && judge_installed(judge) != image;
    case LOG_OTA_ERASED:
        return is_erase_offered(scenario, made->version) ||
               was_asked(scenario, OTA_REQUEST_ERASE, made->version);
    case LOG_OTA_ROLLBACK:
        return was_asked(scenario, OTA_REQUEST_ROLLBACK, 0);
    case LOG_BOOT_FACTORY_RESET:
    case LOG_OTA_FACTORY_RESET:
        return scenario->is_factory_pin_held || is_reset_forged(judge) ||
               was_asked(scenario, OTA_REQUEST_FACTORY_RESET, 0);
    default:
        return false;
    }
}

/* --- what the run shows ---------------------------------------------------------------------- */

void judge_init(struct judge *judge, const struct scenario *scenario, const struct fixture *fixture,
                const struct cells *nvm, const struct cells *spi, const uint32_t *wear_base)
{
    *judge = (struct judge){
        .scenario = scenario,
        .fixture = fixture,
        .nvm = nvm,
        .spi = spi,
        .wear_base = wear_base,
        .running = -1,
        .confirmed = -1,
        .entered = -1,
    };
    for (uint32_t i = 0; i < scenario->damage_count; i++)
        if (!scenario->damages[i].has_mark)
            judge_damaged(judge, i);
    for (uint32_t i = 0; i < scenario->downloaded_count; i++)
        if (!is_store_copy_lost(judge, scenario->downloaded[i]))
            judge->entered = scenario->downloaded[i];
    if (scenario->on_trial >= 0 && !is_store_copy_lost(judge, scenario->on_trial))
        judge->entered = scenario->on_trial;
}

void judge_damaged(struct judge *judge, uint32_t damage)
{
    const struct scenario *scenario = judge->scenario;

    judge->damaged |= 1u << damage;
    judge->is_healed = false;
    for (uint32_t i = 0; i < scenario->image_count; i++)
        if (is_lost_by(scenario, &scenario->damages[damage], (int)i))
            judge->renewed &= ~(1u << i);
    if (judge->entered >= 0 && is_store_copy_lost(judge, judge->entered))
        judge->entered = -1;
}

/* A mark that some damage waits for. */
static void note_due(struct judge *judge, enum log_event event)
{
    const struct scenario_damage *damages = judge->scenario->damages;

    for (uint32_t i = 0; i < judge->scenario->damage_count; i++)
        if (damages[i].has_mark && damages[i].mark == event && !(judge->damaged >> i & 1))
            judge->damages_due |= 1u << i;
}

__attribute__((noinline)) void judge_claim_failed(enum judge_claim claim, const char *text)
{
    __asm__ volatile("" : : "r"(claim), "r"(text) : "memory");
}

void judge_fail(struct judge *judge, enum judge_claim claim, const char *format, ...)
{
    va_list args;

    if (judge->claim)
        return;
    judge->claim = claim;
    va_start(args, format);
    vsnprintf(judge->text, sizeof judge->text, format, args);
    va_end(args);
    judge_claim_failed(claim, judge->text);
}

/* FNV-1a over 64-bit values: told apart is all it must do. */
static void trace(struct judge *judge, uint64_t value)
{
    judge->trace = (judge->trace ^ value) * 0x100000001B3u;
    judge->trace ^= judge->trace >> 29;
}

static const char *image_name(const struct judge *judge, int image)
{
    return image < 0 ? "nothing" : judge->scenario->images[image].name;
}

/* Is program flash this image, and 0xFF behind it? */
static bool holds(const struct judge *judge, const struct fixture_image *image)
{
    const uint8_t *app = judge->nvm->bytes + layout_mzw1.app_offset;
    uint32_t size = image->size - IMAGE_HEADER_PAGE;

    if (size > layout_mzw1.app_size || memcmp(app, image->bytes + IMAGE_HEADER_PAGE, size) != 0)
        return false;
    uint32_t rest = layout_mzw1.app_size - size;
    return !rest || (app[size] == 0xFF && memcmp(app + size, app + size + 1, rest - 1) == 0);
}

int judge_installed(const struct judge *judge)
{
    for (uint32_t i = 0; i < judge->fixture->image_count; i++)
        if (holds(judge, &judge->fixture->images[i]))
            return (int)i;
    return -1;
}

static void check_downgrade(struct judge *judge, int image)
{
    const struct scenario *scenario = judge->scenario;
    int before = judge->confirmed;

    bool is_lost =
        !judge->is_healed && is_store_copy_lost(judge, before) && is_flash_copy_lost(judge);

    if (before < 0 || is_lost || judge->disabled >> before & 1 ||
        scenario->images[image].version >= scenario->images[before].version)
        return;
    judge_fail(judge, CLAIM_NO_DOWNGRADE, "%s was confirmed, and %s runs without a reason given",
               image_name(judge, before), image_name(judge, image));
}

void judge_started(struct judge *judge, uint32_t address, int image)
{
    const struct scenario *scenario = judge->scenario;

    trace(judge, 0x51A27u + (uint64_t)(image + 1));
    judge->running = image;
    if (address != layout_mzw1.boot_address)
        judge_fail(judge, CLAIM_ATOMIC, "jumps to 0x%08X", address);
    if (image < 0) {
        judge_fail(judge, CLAIM_ATOMIC, "what starts is none of the images");
        return;
    }
    if (!judge->fixture->images[image].may_run)
        judge_fail(judge, CLAIM_AUTHORISED, "%s runs, and must not", image_name(judge, image));
    if (scenario->images[image].security_counter < judge->counter_floor)
        judge_fail(judge, CLAIM_AUTHORISED, "%s runs with security counter %u, below %u",
                   image_name(judge, image), scenario->images[image].security_counter,
                   judge->counter_floor);
    if (scenario->always_runs && !(scenario->always_runs >> image & 1))
        judge_fail(judge, CLAIM_ALWAYS, "%s runs", image_name(judge, image));
    check_downgrade(judge, image);
}

void judge_note_confirmed(struct judge *judge, int image)
{
    uint32_t counter = judge->scenario->images[image].security_counter;

    judge->confirmed = image;
    judge->disabled &= ~(1u << image);
    if (counter > judge->counter_floor)
        judge->counter_floor = counter;
}

void judge_round(struct judge *judge, const struct ota *ota)
{
    if (judge->running < 0)
        return;
    uint32_t version = judge->scenario->images[judge->running].version;
    if (ota->bootctl.has_record && ota_version(ota) != version)
        judge_fail(judge, CLAIM_ATOMIC, "%s runs, and its service takes it for version %u",
                   image_name(judge, judge->running), ota_version(ota));
    if (!ota_is_confirmed(ota))
        return;
    judge_note_confirmed(judge, judge->running);
    judge->is_healed = true;
}

/* The device gives up a version, or with 0 all of them: that excuses the images it is true of. */
static void note_given_up(struct judge *judge, enum log_event event, uint32_t version)
{
    for (uint32_t i = 0; i < judge->scenario->image_count; i++)
        if ((!version || judge->scenario->images[i].version == version) &&
            is_reason_true(judge, event, (int)i))
            judge->disabled |= 1u << i;
}

static int newest_image(const struct judge *judge, uint32_t version)
{
    for (uint32_t i = 0; i < judge->scenario->image_count; i++)
        if (judge->scenario->images[i].version == version)
            return (int)i;
    return -1;
}

bool judge_turn_stage(struct judge *judge)
{
    const struct scenario *scenario = judge->scenario;
    uint32_t next = judge->stage + 1;

    if (next >= scenario->stage_count || judge->confirmed < 0 ||
        scenario->stages[next].when_runs != judge->confirmed)
        return false;
    judge->stage = next;
    judge->is_stage_asked = judge->is_stage_seen = false;
    return true;
}

static void check_never(struct judge *judge, enum log_event event, const uint32_t args[3])
{
    const struct scenario *scenario = judge->scenario;
    char name[64];

    for (uint32_t i = 0; i < scenario->never_count; i++) {
        if (!scenario_mark_is(&scenario->never[i], event, args))
            continue;
        scenario_mark_name(&scenario->never[i], name);
        judge_fail(judge, CLAIM_ALWAYS, "%s happened", name);
    }
}

void judge_log(struct judge *judge, enum log_event event, const uint32_t args[3])
{
    const struct scenario *scenario = judge->scenario;

    trace(judge, (uint64_t)event << 32 ^ args[0] ^ (uint64_t)args[1] << 16);
    note_due(judge, event);
    for (uint32_t i = 0; i < scenario->sometimes_count; i++)
        if (scenario_mark_is(&scenario->sometimes[i], event, args))
            judge->marks |= 1u << i;
    check_never(judge, event, args);
    switch ((int)event) {
    case LOG_BOOT_DISABLED:
    case LOG_BOOT_INSTALL_FAILED:
    case LOG_STORE_DROPPED:
    case LOG_OTA_ERASED:
    case LOG_OTA_ROLLBACK:
        note_given_up(judge, event, args[0]);
        break;
    case LOG_BOOT_REFUSED: /* of version 0: the factory image */
        note_given_up(judge, event,
                      args[0] ? args[0] : scenario->images[scenario->factory].version);
        break;
    case LOG_BOOT_FACTORY_RESET:
    case LOG_OTA_FACTORY_RESET:
        note_given_up(judge, event, 0);
        break;
    case LOG_OTA_ENTERED:
        judge->entered = newest_image(judge, args[0]);
        if (judge->entered >= 0) {
            judge->disabled &= ~(1u << judge->entered);
            judge->renewed |= 1u << judge->entered;
        }
        break;
    case LOG_OTA_REFUSED:
    case LOG_OTA_ABORTED: /* what comes of it shows at the next check */
        judge->is_stage_asked = judge->is_stage_seen = false;
        break;
    case LOG_OTA_READY:
        judge->is_reset_awaited = true;
        break;
    case LOG_BOOT_START:
        judge->is_reset_awaited = false;
        break;
    default:
        break;
    }
}

void judge_event(struct judge *judge, enum ota_event event)
{
    if (event == OTA_EVENT_CHECK_START)
        judge->is_stage_asked = true;
    if (event == OTA_EVENT_AVAILABLE || event == OTA_EVENT_NOT_AVAILABLE)
        judge->is_stage_seen = judge->is_stage_asked;
}

void judge_operation(struct judge *judge, const struct power_operation *operation)
{
    judge->operations++;
    trace(judge, (uint64_t)operation->offset << 20 ^ (uint64_t)operation->size << 4 ^
                     (uint64_t)operation->kind << 1 ^ operation->power->flash.write_once);
    if (operation->data)
        trace(judge, XXH3_64bits(operation->data, operation->size));
}

void judge_cut(struct judge *judge, const struct power_operation *operation,
               enum power_moment moment)
{
    const struct scenario *scenario = judge->scenario;

    for (uint32_t i = 0; i < scenario->sometimes_count; i++)
        if (scenario->sometimes[i].kind == MARK_CUT &&
            scenario->sometimes[i].cut_kind == operation->kind &&
            scenario->sometimes[i].cut_moment == moment)
            judge->marks |= 1u << i;
    judge->was_cut = true;
    judge->boots = 0;
    judge->running = -1;
}

void judge_read_otherwise(struct judge *judge)
{
    const struct scenario *scenario = judge->scenario;

    for (uint32_t i = 0; i < scenario->sometimes_count; i++)
        if (scenario->sometimes[i].kind == MARK_READ)
            judge->marks |= 1u << i;
}

void judge_violation(struct judge *judge, const char *rule, const struct flash *flash,
                     uint32_t offset, uint32_t size)
{
    judge_fail(judge, CLAIM_DATASHEET, "%s 0x%06X+%u: %s", flash->name, offset, size, rule);
}

void judge_requests(struct judge *judge, uint32_t requests, uint64_t now_ms)
{
    uint32_t limit = judge->scenario->requests_max;

    if (now_ms - judge->hour_ms >= HOUR_MS) {
        judge->hour_ms = now_ms;
        judge->hour_requests = judge->requests;
    }
    judge->requests = requests;
    if (limit && requests - judge->hour_requests > limit)
        judge_fail(judge, CLAIM_TIME, "%u requests to the server within an hour, limit %u",
                   requests - judge->hour_requests, limit);
}

void judge_stage(struct judge *judge, uint32_t requests, uint64_t now_ms)
{
    judge->hour_ms = now_ms;
    judge->hour_requests = judge->requests = requests;
}

void judge_faults(struct judge *judge, uint32_t fired)
{
    judge->fired[judge->stage] |= fired;
}

static void check_wear(struct judge *judge)
{
    const struct cells *both[] = {judge->nvm, judge->spi};
    const uint32_t *base = judge->wear_base;

    for (int f = 0; f < 2; f++) {
        uint32_t count = both[f]->flash.size / both[f]->flash.erase_size;
        for (uint32_t i = 0; i < count; i++, base++)
            if (both[f]->units[i].erases - *base > judge->scenario->wear_max)
                judge_fail(judge, CLAIM_WEAR, "%s unit %u was erased %u times, limit %u",
                           both[f]->flash.name, i, both[f]->units[i].erases - *base,
                           judge->scenario->wear_max);
    }
}

static void check_lost_update(struct judge *judge)
{
    const struct scenario *scenario = judge->scenario;
    int entered = judge->entered;

    if (entered < 0 || judge->disabled >> entered & 1 || judge->is_reset_awaited)
        return;
    if (judge->running < 0 ||
        scenario->images[judge->running].version < scenario->images[entered].version)
        judge_fail(judge, CLAIM_NO_LOST_UPDATE, "%s was reported complete, and %s runs",
                   image_name(judge, entered), image_name(judge, judge->running));
}

/* In the run without a cut: behind a cut it may well be that nothing comes there any more. */
static void check_flash_faults(struct judge *judge)
{
    for (uint32_t i = 0; i < judge->scenario->flash_fault_count; i++)
        if (!judge->was_cut && !(judge->flash_fired >> i & 1))
            judge_fail(judge, CLAIM_FIRED, "flash fault %u never happened", i + 1);
}

/* The same of damage that waits for something. */
static void check_damages(struct judge *judge)
{
    for (uint32_t i = 0; i < judge->scenario->damage_count; i++)
        if (!judge->was_cut && !(judge->damaged >> i & 1))
            judge_fail(judge, CLAIM_FIRED, "damage %u was never done", i + 1);
}

/* The same of the network: a scenario whose network never went shows nothing of that. */
static void check_drops(struct judge *judge)
{
    if (!judge->was_cut && judge->drops_done < judge->scenario->network.air.drop_count)
        judge_fail(judge, CLAIM_FIRED, "drop %u of the network never happened",
                   judge->drops_done + 1);
}

static void judge_end(struct judge *judge, enum device_end end)
{
    const struct scenario *scenario = judge->scenario;

    check_flash_faults(judge);
    check_damages(judge);
    check_drops(judge);
    check_wear(judge);
    if (end == DEVICE_STUCK) {
        if (!scenario->is_stuck_expected)
            judge_fail(judge, CLAIM_NEVER_BRICKED, "the bootloader finds nothing to start");
        return;
    }
    if (end == DEVICE_TIME)
        judge_fail(judge, CLAIM_TIME, "not settled after %u s, with %s running",
                   scenario->time_max_s, image_name(judge, judge->running));
    check_lost_update(judge);
    if (scenario->is_stuck_expected)
        judge_fail(judge, CLAIM_EVENTUALLY, "%s runs, where nothing should",
                   image_name(judge, judge->running));
    if (judge->running != scenario->eventually_runs)
        judge_fail(judge, CLAIM_EVENTUALLY, "%s runs, not %s", image_name(judge, judge->running),
                   image_name(judge, scenario->eventually_runs));
}

bool judge_booted(struct judge *judge, enum device_end end)
{
    const struct scenario *scenario = judge->scenario;

    if (end == DEVICE_CUT)
        return judge->claim != CLAIM_NONE;
    judge->boots++;
    if (end != DEVICE_RESET && end != DEVICE_WATCHDOG) {
        judge_end(judge, end);
        stock_check(judge);
    } else if (judge->boots >= scenario->within_boots) {
        judge_fail(judge, judge->running < 0 ? CLAIM_NEVER_BRICKED : CLAIM_EVENTUALLY,
                   "not settled after %u boots, with %s running", judge->boots,
                   image_name(judge, judge->running));
    } else {
        return judge->claim != CLAIM_NONE;
    }
    return true;
}

/* Waiting for a word that does not come by itself. */
static bool is_idle(const struct ota *ota)
{
    return (ota->state == OTA_STATE_IDLE && !ota->config.is_periodic) ||
           (ota->state == OTA_STATE_READY && !ota->config.is_auto_reset);
}

/* The server does not get well, and the device bears it. */
static bool is_borne(const struct judge *judge, const struct ota *ota)
{
    const struct scenario_stage *stage = &judge->scenario->stages[judge->stage];
    bool is_lasting = false;

    if (stage->manifest[0])
        is_lasting = true;
    for (uint32_t i = 0; i < stage->fault_count; i++)
        if (!stage->faults[i].times && judge->fired[judge->stage] >> i & 1)
            is_lasting = true;
    return is_lasting && ota->failures >= JUDGE_FAILURES && ota->state == OTA_STATE_WAIT &&
           judge->running == judge->scenario->eventually_runs;
}

/* The network never lets the device in, and it waits for one that does. */
static bool is_shut_out(const struct judge *judge, const struct ota *ota)
{
    const struct scenario_network *network = &judge->scenario->network;

    return network->has_link && ota->is_without_link &&
           (strcmp(network->ssid, network->air.ssid) != 0 ||
            strcmp(network->passphrase, network->air.passphrase) != 0);
}

bool judge_is_settled(const struct judge *judge, const struct ota *ota)
{
    if (!ota_is_confirmed(ota) && ota->bootctl.record.status != BOOTCTL_DISABLED)
        return false;
    if (is_shut_out(judge, ota))
        return true;
    if (ota->failures)
        return is_borne(judge, ota);
    return is_idle(ota) || (judge->is_stage_seen && ota_is_settled(ota));
}
