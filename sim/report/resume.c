#include "sim/report/resume.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/image/file.h"
#include "sim/report/report_read.h"

#define REPORT_SIZE_MAX (1u << 30)

static bool is_done(const struct explore_result *result)
{
    return result->verdict == EXPLORE_PASSED ||
           (result->verdict == EXPLORE_FAILED && !result->is_short);
}

/* Each scenario that is done with, under its number; false: it is not a report. */
static bool take_scenarios(struct resume *resume, struct json_object *report)
{
    struct json_object *list = json_object_object_get(report, "scenarios"), *number;

    if (!json_object_is_type(list, json_type_array))
        return false;
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        struct json_object *object = json_object_array_get_idx(list, i);
        struct explore_result result;
        if (!report_read(object, &result) ||
            !json_object_object_get_ex(object, "number", &number) ||
            json_object_get_uint64(number) >= resume->scenarios)
            return false;
        uint64_t at = json_object_get_uint64(number);
        if (!is_done(&result) || resume->known[at])
            continue;
        resume->known[at] = object;
        json_object_array_add(json_object_object_get(resume->report, "scenarios"),
                              json_object_get(object));
    }
    return true;
}

static bool take_file(struct resume *resume, const struct origin *origin, const char *text,
                      char *ret_error)
{
    struct json_object *report = json_tokener_parse(text);
    const char *what = "share";
    struct origin other;
    bool is_fine = false;

    if (!report_read_origin(report, &other))
        snprintf(ret_error, RESUME_ERROR_MAX,
                 "%s: not a report of 'brownout run --resume' of this version", resume->path);
    else if (!origin_is_alike(&other, origin, &what) || other.shard != origin->shard)
        snprintf(ret_error, RESUME_ERROR_MAX, "%s: of a run with another %s", resume->path, what);
    else if (!take_scenarios(resume, report))
        snprintf(ret_error, RESUME_ERROR_MAX, "%s: a scenario that no report has", resume->path);
    else
        is_fine = true;
    json_object_put(report);
    return is_fine;
}

bool resume_open(struct resume *resume, const char *path, const struct origin *origin,
                 char ret_error[RESUME_ERROR_MAX])
{
    uint8_t *bytes = NULL;
    uint32_t size = 0;
    int err = file_read(path, REPORT_SIZE_MAX, &bytes, &size);

    *resume = (struct resume){.path = path, .scenarios = origin->scenarios};
    resume->known = calloc((size_t)origin->scenarios + 1, sizeof(struct json_object *));
    resume->report = report_json_new();
    report_json_origin(resume->report, origin);
    bool is_fine = err == ENOENT;
    char *text = err ? NULL : malloc((size_t)size + 1);
    if (err == ENOENT)
        err = file_can_write(path);
    if (err || !resume->known || (bytes && !text)) {
        snprintf(ret_error, RESUME_ERROR_MAX, "%s: %s", path, strerror(err ? err : ENOMEM));
        is_fine = false;
    } else if (text) {
        memcpy(text, bytes, size);
        text[size] = '\0';
        is_fine = take_file(resume, origin, text, ret_error);
    }
    free(text);
    free(bytes);
    if (!is_fine)
        resume_close(resume);
    return is_fine;
}

void resume_close(struct resume *resume)
{
    json_object_put(resume->report);
    free(resume->known);
    *resume = (struct resume){0};
}

struct json_object *resume_find(const struct resume *resume, uint32_t number)
{
    return number < resume->scenarios ? resume->known[number] : NULL;
}

int resume_add(struct resume *resume, const struct scenario *scenario, uint32_t number,
               const struct explore_result *result)
{
    struct json_object *list = json_object_object_get(resume->report, "scenarios");

    if (!is_done(result) || resume->known[number])
        return 0;
    report_json_scenario(resume->report, scenario, result);
    report_json_number(resume->report, scenario, number);
    resume->known[number] = json_object_array_get_idx(list, json_object_array_length(list) - 1);
    const char *text = report_json_text(resume->report);
    return file_write(resume->path, text, (uint32_t)strlen(text));
}
