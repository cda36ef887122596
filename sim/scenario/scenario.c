#include "sim/scenario/scenario.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "hal_posix/log_text.h"

static const char *const kind_names[] = {"program", "erase"};
static const char *const moment_names[POWER_MOMENT_COUNT] = {
    "inside",  "suffix",   "one-bit",   "most-bits", "some-bits",
    "nothing", "low-half", "high-half", "weak",      "after",
};

static const char *const read_mark_name = "cut.erase.reads-otherwise";

const char *scenario_moment_name(enum power_moment moment)
{
    return moment_names[moment];
}

/* Wear and operations are twice what the dearest of scenarios/ needs: 6 and 10,049. */
void scenario_init(struct scenario *scenario)
{
    *scenario = (struct scenario){
        .factory = -1,
        .on_trial = -1,
        .images_max = 2,
        .interval_s = 60,
        .trials_max = 3,
        .confirm_within_s = 300,
        .app = {.is_periodic = true, .is_auto_update = true, .is_auto_reset = true},
        .eventually_runs = -1,
        .within_boots = 8,
        .under_sessions = 100,
        .time_max_s = 24 * 3600,
        .wear_max = 12,
        .operations_max = 20000,
    };
}

enum damage_target scenario_damage_target(enum damage_how how)
{
    switch ((int)how) {
    case DAMAGE_DISABLE:
    case DAMAGE_FORGET:
    case DAMAGE_REWRITE:
    case DAMAGE_FILL:
        return DAMAGE_DATABASE;
    case DAMAGE_SET:
        return DAMAGE_BOOT_CONTROL;
    case DAMAGE_PROGRAM:
        return DAMAGE_PROGRAM_FLASH;
    case DAMAGE_ADD:
        return DAMAGE_IMAGE;
    default:
        return DAMAGE_TARGET_COUNT;
    }
}

bool scenario_is_namesake(const struct scenario *a, const struct scenario *b)
{
    size_t length = strcspn(a->name, "[");

    return length == strcspn(b->name, "[") && memcmp(a->name, b->name, length) == 0;
}

int scenario_find_image(const struct scenario *scenario, const char *name)
{
    for (uint32_t i = 0; i < scenario->image_count; i++)
        if (strcmp(scenario->images[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* BOOT_BAD_FLASH becomes boot.bad-flash. */
static void log_mark_name(enum log_event event, char *to, size_t size)
{
    const char *name = log_text_name(event);
    bool is_first = true;
    size_t used = 0;

    for (; name[used] && used + 1 < size; used++) {
        char c = (char)tolower((unsigned char)name[used]);
        if (c == '_') {
            c = is_first ? '.' : '-';
            is_first = false;
        }
        to[used] = c;
    }
    to[used] = '\0';
}

void scenario_reason_name(enum ota_err reason, char ret_name[32])
{
    const char *name = err_name(reason) + strlen("OTA_ERR_");
    size_t used = 0;

    for (; name[used] && used + 1 < 32; used++)
        ret_name[used] = name[used] == '_' ? '-' : (char)tolower((unsigned char)name[used]);
    ret_name[used] = '\0';
}

bool scenario_mark_is(const struct scenario_mark *mark, enum log_event event,
                      const uint32_t args[3])
{
    int at = log_text_error_at(event);

    return mark->kind == MARK_LOG && mark->event == event &&
           (!mark->reason || (at >= 0 && args[at] == mark->reason));
}

static void add_reason(const struct scenario_mark *mark, char name[64])
{
    char reason[32];
    size_t used = strlen(name);

    scenario_reason_name(mark->reason, reason);
    snprintf(name + used, 64 - used, ":%s", reason);
}

void scenario_mark_name(const struct scenario_mark *mark, char ret_name[64])
{
    if (mark->kind == MARK_LOG) {
        log_mark_name(mark->event, ret_name, 64);
        if (mark->reason)
            add_reason(mark, ret_name);
    }
    if (mark->kind == MARK_READ)
        snprintf(ret_name, 64, "%s", read_mark_name);
    if (mark->kind == MARK_CUT)
        snprintf(ret_name, 64, "cut.%s.%s", kind_names[mark->cut_kind],
                 moment_names[mark->cut_moment]);
}

bool scenario_mark_parse(const char *name, struct scenario_mark *ret_mark)
{
    struct scenario_mark mark = {.kind = MARK_LOG};
    char known[64];

    for (int event = 0; event < LOG_EVENT_COUNT; event++) {
        mark.event = (enum log_event)event;
        scenario_mark_name(&mark, known);
        if (strcmp(known, name) == 0) {
            *ret_mark = mark;
            return true;
        }
    }
    if (strcmp(name, read_mark_name) == 0) {
        *ret_mark = (struct scenario_mark){.kind = MARK_READ};
        return true;
    }
    mark.kind = MARK_CUT;
    for (int i = 0; i < 2 * POWER_MOMENT_COUNT; i++) {
        mark.cut_kind = (enum power_kind)(i / POWER_MOMENT_COUNT);
        mark.cut_moment = (enum power_moment)(i % POWER_MOMENT_COUNT);
        if (!power_has_moment(mark.cut_kind, mark.cut_moment))
            continue;
        scenario_mark_name(&mark, known);
        if (strcmp(known, name) == 0) {
            *ret_mark = mark;
            return true;
        }
    }
    return false;
}
