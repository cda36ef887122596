#include "sim/explore/pin.h"

#include <stdlib.h>
#include <string.h>

#include <json-c/json_pointer.h>

#include "core/crc32.h"
#include "sim/image/file.h"

#define FILE_MAX 0x100000
#define CRC_SIZE 9 /* "-89abcdef" */

/* --- its name -------------------------------------------------------------------------------- */

/* Letters and digits stay, everything between them becomes one '-'. */
static void to_words(const char *text, char *ret_words)
{
    char *to = ret_words;

    for (; *text; text++) {
        bool is_letter = (*text >= 'a' && *text <= 'z') || (*text >= '0' && *text <= '9');
        if (is_letter)
            *to++ = *text;
        else if (to > ret_words && to[-1] != '-')
            *to++ = '-';
    }
    while (to > ret_words && to[-1] == '-')
        to--;
    *to = '\0';
}

void pin_name(const struct scenario *scenario, const struct point *point,
              char ret_name[SCENARIO_NAME_MAX])
{
    char steps[POINT_NAME_MAX], whole[SCENARIO_ID_MAX + POINT_NAME_MAX];
    char words[SCENARIO_ID_MAX + POINT_NAME_MAX];

    point_name(point, steps);
    snprintf(whole, sizeof whole, "%s-%s", scenario->name, steps);
    to_words(whole, words);
    if (strlen(words) < SCENARIO_NAME_MAX) {
        strcpy(ret_name, words);
        return;
    }
    uint32_t crc = crc32_update(0, words, (uint32_t)strlen(words));
    words[SCENARIO_NAME_MAX - 1 - CRC_SIZE] = '\0';
    to_words(words, whole); /* a '-' may stand at its end now */
    snprintf(ret_name, SCENARIO_NAME_MAX, "%.*s-%08x", SCENARIO_NAME_MAX - 1 - CRC_SIZE, whole,
             crc);
}

/* --- its text -------------------------------------------------------------------------------- */

static void put_text(struct json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, json_object_new_string(text));
}

static struct json_object *new_cut(const struct replay_cut *cut)
{
    struct json_object *object = json_object_new_object();
    char address[16];

    snprintf(address, sizeof address, "0x%06X", cut->offset);
    put_text(object, "at", address);
    json_object_object_add(object, "nth", json_object_new_int64(cut->nth));
    put_text(object, "during", device_phase_name(cut->phase));
    put_text(object, "operations", cut->kind == POWER_ERASE ? "erase" : "program");
    put_text(object, "flash", cut->is_spi ? "spi" : "nvm");
    put_text(object, "moments", scenario_moment_name(cut->moment));
    return object;
}

static struct json_object *new_cuts(const struct replay *replay)
{
    struct json_object *list = json_object_new_array();

    for (uint32_t i = 0; i < replay->cut_count; i++)
        json_object_array_add(list, new_cut(&replay->cuts[i]));
    return list;
}

/* The values of the row are put into their places. */
static bool apply_row(struct json_object *root, const char *row)
{
    struct json_object *matrix = json_object_object_get(root, "matrix");

    if (!matrix)
        return true;
    json_object_object_foreach(matrix, pointer, values)
    {
        char *end;
        unsigned long index = strtoul(row + 1, &end, 10); /* behind '[' or ',' */
        struct json_object *value = json_object_array_get_idx(values, index);
        row = end;
        if (json_pointer_set(&root, pointer, json_object_get(value)))
            return false;
    }
    return true;
}

static void put_why(struct json_object *object, const struct scenario *scenario,
                    const struct point *point, const struct replay *replay)
{
    const struct explore_failure *failure = &replay->result.failures[0];
    char text[SCENARIO_TEXT_MAX], name[POINT_NAME_MAX];

    point_name(point, name);
    snprintf(text, sizeof text,
             "Fill in: why it failed, and what mends it. Pinned from %s:%.60s, which broke '%s': "
             "%.160s.",
             scenario->name, name, judge_claim_name(failure->claim), failure->text);
    put_text(object, "why", text);
}

/* Without what it says of a device whose power never stays. */
static struct json_object *new_eventually(struct json_object *eventually)
{
    struct json_object *object = json_object_new_object();

    json_object_object_foreach(eventually, key, value) if (strcmp(key, "under-cuts") != 0 &&
                                                           strcmp(key, "sessions") != 0)
        json_object_object_add(object, key, json_object_get(value));
    return object;
}

static bool is_of_the_sweep(const char *key)
{
    static const char *const keys[] = {"matrix", "shows", "sometimes", "cuts"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

/* The words in the order of the file; the cuts stand where they usually do. */
static struct json_object *rewrite(struct json_object *root, const struct scenario *scenario,
                                   const struct point *point, const struct replay *replay)
{
    struct json_object *object = json_object_new_object();
    char name[SCENARIO_NAME_MAX];
    bool has_cuts = replay->cut_count == 0;

    pin_name(scenario, point, name);
    json_object_object_foreach(root, key, value)
    {
        if (!has_cuts && (strcmp(key, "always") == 0 || strcmp(key, "eventually") == 0)) {
            json_object_object_add(object, "cuts", new_cuts(replay));
            has_cuts = true;
        }
        if (strcmp(key, "name") == 0)
            put_text(object, "name", name);
        else if (strcmp(key, "eventually") == 0)
            json_object_object_add(object, key, new_eventually(value));
        else if (strcmp(key, "why") == 0)
            put_why(object, scenario, point, replay);
        else if (!is_of_the_sweep(key))
            json_object_object_add(object, key, json_object_get(value));
    }
    return object;
}

static struct json_object *read_file(const char *path, char *ret_reason)
{
    struct json_object *root = NULL;
    uint8_t *bytes;
    uint32_t size;
    int err = file_read(path, FILE_MAX, &bytes, &size);

    if (err) {
        snprintf(ret_reason, PIN_REASON_SIZE, "%s: %s", path, strerror(err));
        return NULL;
    }
    struct json_tokener *tokener = json_tokener_new();
    if (tokener)
        root = json_tokener_parse_ex(tokener, (const char *)bytes, (int)size);
    json_tokener_free(tokener);
    free(bytes);
    if (!root)
        snprintf(ret_reason, PIN_REASON_SIZE, "%s: cannot be read as JSON", path);
    return root;
}

struct json_object *pin_scenario(const struct scenario *scenario, const struct point *point,
                                 const struct replay *replay, char ret_reason[PIN_REASON_SIZE])
{
    struct json_object *pinned = NULL;

    if (point->is_again) {
        snprintf(ret_reason, PIN_REASON_SIZE, "\"under-cuts\" of %s says it already",
                 scenario->file);
        return NULL;
    }
    if (replay->cut_count > SCENARIO_CUTS_MAX) {
        snprintf(ret_reason, PIN_REASON_SIZE, "%u cuts; a scenario has %d at most",
                 replay->cut_count, SCENARIO_CUTS_MAX);
        return NULL;
    }
    struct json_object *root = read_file(scenario->file, ret_reason);
    if (!root)
        return NULL;
    if (apply_row(root, scenario->row))
        pinned = rewrite(root, scenario, point, replay);
    else
        snprintf(ret_reason, PIN_REASON_SIZE, "%s: its matrix names no place", scenario->file);
    json_object_put(root);
    return pinned;
}
