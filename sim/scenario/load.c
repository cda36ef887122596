/*
 * Method. locate_scan() judges the text and knows where everything stands; json-c then gives the
 * values. Both trees are walked side by side, by the tables of sim/scenario/vocab.c, in their
 * order: images come first, so that all other words can refer to them.
 */
#include "sim/scenario/load.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <json-c/json.h>

#include "sim/image/file.h"
#include "sim/scenario/complaint.h"
#include "sim/scenario/guess.h"
#include "sim/scenario/locate.h"
#include "sim/scenario/matrix.h"
#include "sim/scenario/rules.h"
#include "sim/scenario/value.h"
#include "sim/scenario/vocab.h"

#define UNKNOWN_LOOKED_AT 64 /* unknown keys of one object that a missing word is looked for in */

static void read_object(struct value_reader *reader, const struct vocab_object *object,
                        struct json_object *value, uint32_t node, void *to);

static uint32_t first_child(const struct value_reader *reader, uint32_t node)
{
    return reader->locate.nodes[node].first;
}

static uint32_t next_child(const struct value_reader *reader, uint32_t node)
{
    return reader->locate.nodes[node].next;
}

/* The word that an unknown key was meant to be, or NULL. */
static const char *guess_word(const struct vocab_object *object, const char *key)
{
    struct guess guess = {.word = key};

    for (const struct vocab_word *word = object->words; word->name; word++)
        guess_offer(&guess, word->name);
    return guess.best;
}

/* "'size' belongs into: image" */
static void hint_home(struct value_reader *reader, const char *key)
{
    char homes[120] = "";
    size_t used = 0;

    for (uint32_t i = 0; vocab_object(i); i++)
        if (vocab_word(vocab_object(i), key))
            used +=
                (size_t)snprintf(homes + used, sizeof homes - used, " %s", vocab_object(i)->name);
    if (homes[0])
        complaint_hint(&reader->complaints, "'%s' is a word of:%s", key, homes);
}

static void list_words(const struct vocab_object *object, char *ret_text, size_t size)
{
    size_t used = 0;

    for (const struct vocab_word *word = object->words; word->name && used + 1 < size; word++)
        used += (size_t)snprintf(ret_text + used, size - used, " %s", word->name);
}

static void check_keys(struct value_reader *reader, const struct vocab_object *object,
                       uint32_t node)
{
    char key[COMPLAINT_QUOTE_MAX], quote[COMPLAINT_QUOTE_MAX], words[240];

    for (uint32_t i = first_child(reader, node); i != LOCATE_NONE; i = next_child(reader, i)) {
        bool is_whole = locate_key(&reader->locate, i, key, sizeof key);
        if (is_whole && vocab_word(object, key))
            continue;
        list_words(object, words, sizeof words);
        complaint_quote(key, strlen(key), quote);
        value_complain_key(reader, i, "unknown key '%s%s'; %s has:%s", quote, is_whole ? "" : "...",
                           object->name, words);
        if (reader->complaints.count > COMPLAINT_MAX)
            continue;
        const char *meant = is_whole ? guess_word(object, key) : NULL;
        if (meant)
            complaint_hint(&reader->complaints, "did you mean '%s'?", meant);
        else if (is_whole)
            hint_home(reader, key);
    }
}

/* Was one of the unknown keys meant to be this word? Then it is not missing. */
static bool is_misspelt(const struct value_reader *reader, const struct vocab_object *object,
                        uint32_t node, const char *name)
{
    uint32_t looked_at = 0;
    char key[COMPLAINT_QUOTE_MAX];

    for (uint32_t i = first_child(reader, node); i != LOCATE_NONE; i = next_child(reader, i)) {
        if (!locate_key(&reader->locate, i, key, sizeof key) || vocab_word(object, key))
            continue;
        const char *meant = guess_word(object, key);
        if (meant && strcmp(meant, name) == 0)
            return true;
        if (++looked_at == UNKNOWN_LOOKED_AT)
            break;
    }
    return false;
}

static void check_either(struct value_reader *reader, const struct vocab_object *object,
                         uint32_t node)
{
    const char *first = object->either[0], *second = object->either[1];
    uint32_t a = locate_member(&reader->locate, node, first);
    uint32_t b = locate_member(&reader->locate, node, second);

    if (a != LOCATE_NONE && b != LOCATE_NONE)
        value_complain_key(reader, a > b ? a : b, "\"%s\" and \"%s\" exclude each other", first,
                           second);
    else if (a == LOCATE_NONE && b == LOCATE_NONE && !is_misspelt(reader, object, node, first) &&
             !is_misspelt(reader, object, node, second))
        value_complain(reader, node, "\"%s\" or \"%s\" is missing", first, second);
}

static void read_list(struct value_reader *reader, const struct vocab_word *word,
                      struct json_object *value, uint32_t node, void *to)
{
    struct value_elements elements;
    struct json_object *element;

    if (!value_elements_begin(reader, word, value, node, &elements))
        return;
    while (value_elements_next(reader, &elements, &element)) {
        if (elements.index > word->max) {
            value_complain_many(reader, word, elements.node);
            return;
        }
        read_object(reader, word->object, element, elements.node, value_add_element(word, to));
    }
}

/* false, and a complaint: this key is no name. */
static bool check_name(struct value_reader *reader, uint32_t node, char ret_name[SCENARIO_NAME_MAX])
{
    if (!locate_key(&reader->locate, node, ret_name, SCENARIO_NAME_MAX))
        value_complain_key(reader, node, "a name of at most %d bytes is expected",
                           SCENARIO_NAME_MAX - 1);
    else if (!value_is_name(ret_name))
        value_complain_key(reader, node, "a name is lower case words joined by '-'");
    else
        return true;
    return false;
}

static void read_map(struct value_reader *reader, const struct vocab_word *word,
                     struct json_object *value, uint32_t node, void *to)
{
    char name[SCENARIO_NAME_MAX];
    struct json_object *member;

    if (!json_object_is_type(value, json_type_object)) {
        value_complain_expected(reader, word, value, node);
        return;
    }
    if (first_child(reader, node) == LOCATE_NONE)
        value_complain(reader, node, "empty; at least %u", word->min);
    for (uint32_t i = first_child(reader, node); i != LOCATE_NONE; i = next_child(reader, i)) {
        if (reader->locate.nodes[i].twin != LOCATE_NONE || !check_name(reader, i, name))
            continue;
        if (value_count(word, to) == word->max) {
            value_complain_many(reader, word, i);
            return;
        }
        void *element = value_add_element(word, to);
        memcpy(element, name, strlen(name) + 1);
        uint32_t last = locate_member(&reader->locate, node, name);
        if (json_object_object_get_ex(value, name, &member))
            read_object(reader, word->object, member, last, element);
    }
}

static void read_word(struct value_reader *reader, const struct vocab_word *word,
                      struct json_object *value, uint32_t node, void *to)
{
    if (word->type == VOCAB_LIST)
        read_list(reader, word, value, node, to);
    else if (word->type == VOCAB_MAP)
        read_map(reader, word, value, node, to);
    else if (word->type == VOCAB_OBJECT)
        read_object(reader, word->object, value, node, to);
    else
        value_read(reader, word, value, node, to);
}

/* What a word is when it is left out. */
static void read_absent(struct value_reader *reader, const struct vocab_word *word, void *to)
{
    int none = -1;

    if (word->type == VOCAB_IMAGE)
        memcpy((char *)to + word->offset, &none, sizeof none);
    if (!word->fallback)
        return;
    struct json_object *value = json_tokener_parse(word->fallback);
    read_word(reader, word, value, LOCATE_NONE, to);
    json_object_put(value);
}

static void complain_missing(struct value_reader *reader, const struct vocab_word *word,
                             uint32_t node)
{
    char expected[240];

    vocab_expected(word, expected, sizeof expected);
    value_complain(reader, node, "\"%s\" is missing: %s", word->name, word->text);
    complaint_hint(&reader->complaints, "it is %s", expected);
}

static void read_words(struct value_reader *reader, const struct vocab_object *object,
                       struct json_object *value, uint32_t node, void *to)
{
    for (const struct vocab_word *word = object->words; word->name; word++) {
        uint32_t child = locate_member(&reader->locate, node, word->name);
        if (child == LOCATE_NONE) {
            read_absent(reader, word, to);
            if (word->is_required && !is_misspelt(reader, object, node, word->name))
                complain_missing(reader, word, node);
            continue;
        }
        read_word(reader, word, json_object_object_get(value, word->name), child, to);
        if (word->beside && locate_member(&reader->locate, node, word->beside) == LOCATE_NONE)
            value_complain_key(reader, child, "\"%s\" needs \"%s\" beside it", word->name,
                               word->beside);
    }
}

/* A string that stands for an object. */
static void read_short(struct value_reader *reader, const struct vocab_object *object,
                       struct json_object *value, uint32_t node, void *to)
{
    for (const struct vocab_word *word = object->words; word->name; word++)
        if (strcmp(word->name, object->short_word) == 0)
            read_word(reader, word, value, node, to);
        else
            read_absent(reader, word, to);
}

static void read_object(struct value_reader *reader, const struct vocab_object *object,
                        struct json_object *value, uint32_t node, void *to)
{
    char article_name[40], quote[COMPLAINT_QUOTE_MAX];

    if (json_object_is_type(value, json_type_object)) {
        check_keys(reader, object, node);
        read_words(reader, object, value, node, to);
        if (object->either[0])
            check_either(reader, object, node);
        return;
    }
    if (object->short_word && json_object_is_type(value, json_type_string)) {
        read_short(reader, object, value, node, to);
        return;
    }
    snprintf(article_name, sizeof article_name, "%s: an object {...}", object->name);
    value_quote(reader, node, quote);
    value_complain(reader, node, "expected %s%s, not %s", article_name,
                   object->short_word ? " or the name of an image" : "", quote);
}

static void check_twins(struct value_reader *reader)
{
    const struct locate *locate = &reader->locate;
    char key[COMPLAINT_QUOTE_MAX], quote[COMPLAINT_QUOTE_MAX];

    for (uint32_t i = 0; i < locate->count; i++) {
        uint32_t twin = locate->nodes[i].twin;
        if (twin == LOCATE_NONE)
            continue;
        locate_key(locate, i, key, sizeof key);
        complaint_quote(key, strlen(key), quote);
        value_complain_key(reader, i, "the key '%s' stands twice in this object", quote);
        complaint_note(&reader->complaints, locate->nodes[twin].key_at, "first here");
    }
}

/* The values of a text that locate_scan() took; NULL: no memory, or json-c thinks otherwise. */
static struct json_object *parse(struct value_reader *reader)
{
    const struct locate_node *root = &reader->locate.nodes[0];
    struct json_tokener *tokener = json_tokener_new_ex(LOCATE_DEPTH_MAX + 1);

    if (!tokener)
        return NULL;
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    struct json_object *value = json_tokener_parse_ex(tokener, reader->locate.text + root->value_at,
                                                      (int)(root->value_end - root->value_at));
    if (!value && json_tokener_get_error(tokener) != json_tokener_success)
        value_complain(reader, 0, "json-c: %s",
                       json_tokener_error_desc(json_tokener_get_error(tokener)));
    json_tokener_free(tokener);
    return value;
}

/* What the file leaves out of the air is as the device wants it. */
static void finish_network(struct scenario_network *network)
{
    network->has_link = network->ssid[0] != '\0';
    if (!network->air.ssid[0])
        memcpy(network->air.ssid, network->ssid, sizeof network->ssid);
    if (!network->air.passphrase[0])
        memcpy(network->air.passphrase, network->passphrase, sizeof network->passphrase);
}

/* The server offers nothing up to its first stage, and there is always a first one. */
static void finish(struct scenario *scenario)
{
    struct scenario_stage *stages = scenario->stages;

    finish_network(&scenario->network);
    if (scenario->stage_count && stages[0].when_runs < 0)
        return;
    memmove(stages + 1, stages, scenario->stage_count * sizeof *stages);
    stages[0] = (struct scenario_stage){.when_runs = -1};
    scenario->stage_count++;
}

static void complain_fault(struct complaint_list *complaints, const struct locate_fault *fault)
{
    complaint_add(complaints, fault->at, fault->end, "%s", fault->message);
    if (fault->hint)
        complaint_hint(complaints, "%s", fault->hint);
    if (fault->note_at != LOCATE_NONE)
        complaint_note(complaints, fault->note_at, fault->note);
}

/* "x/update/first-boot.json" has the theme "update". */
static void set_file(struct scenario *scenario, const char *path)
{
    char real[PATH_MAX];
    const char *whole = realpath(path, real) ? real : path;
    const char *end = file_name(whole), *start;

    snprintf(scenario->file, sizeof scenario->file, "%s", path);
    if (end == whole)
        return;
    for (start = --end; start > whole && start[-1] != '/';)
        start--;
    snprintf(scenario->theme, sizeof scenario->theme, "%.*s", (int)(end - start), start);
}

static void read_scenario(struct value_reader *reader, const char *path, struct json_object *root)
{
    scenario_init(&reader->scenario);
    set_file(&reader->scenario, path);
    read_object(reader, &vocab_scenario, root, 0, &reader->scenario);
}

/* Values of one row may be wrong where those of another are right, and the rules are about values
 * that are right. false: no memory. */
static bool read_row(struct value_reader *reader, const char *path, const struct matrix *matrix,
                     uint32_t row, struct json_object *root)
{
    uint32_t said = reader->complaints.said;

    if (!matrix_apply(matrix, row, reader, root))
        return false;
    read_scenario(reader, path, root);
    if (reader->complaints.said == said)
        rules_check(&reader->scenario, &reader->locate, &reader->complaints);
    return true;
}

/* The file as it stands must be right, too: an editor sees nothing else of it. false: no memory. */
static bool read_rows(struct value_reader *reader, const char *path, struct json_object *root,
                      struct load_rows *rows)
{
    struct matrix matrix;

    read_scenario(reader, path, root);
    rules_check(&reader->scenario, &reader->locate, &reader->complaints);
    if (!matrix_read(reader, &matrix))
        return true;
    rows->scenarios = calloc(matrix.row_count, sizeof *rows->scenarios);
    if (!rows->scenarios)
        return false;
    for (uint32_t i = 0; i < matrix.row_count && reader->complaints.count <= COMPLAINT_MAX; i++) {
        if (matrix.place_count && !read_row(reader, path, &matrix, i, root))
            return false;
        finish(&reader->scenario);
        matrix_label(&matrix, i, reader, &reader->scenario);
        rows->scenarios[rows->count++] = reader->scenario;
    }
    return true;
}

/* false: no memory. */
static bool read_root(struct value_reader *reader, const char *path, struct load_rows *rows)
{
    struct json_object *root;

    check_twins(reader);
    if (reader->locate.text[reader->locate.nodes[0].value_at] != '{') {
        value_complain(reader, 0, "a scenario is an object {...}");
        return true;
    }
    root = parse(reader);
    if (!root)
        return true;
    bool is_fine = read_rows(reader, path, root, rows);
    json_object_put(root);
    return is_fine;
}

static enum load_result out_of_memory(const char *path, FILE *errors)
{
    fprintf(errors, "%s: error: out of memory\n", path);
    return LOAD_NO_MEMORY;
}

/* A change of the file is one of the digest, be it of a blank. */
static void label(struct load_rows *rows, const char *text, size_t size)
{
    XXH128_hash_t hash = XXH3_128bits(text, size);

    for (uint32_t i = 0; i < rows->count; i++)
        snprintf(rows->scenarios[i].digest, sizeof rows->scenarios[i].digest, "%016llx%016llx",
                 (unsigned long long)hash.high64, (unsigned long long)hash.low64);
}

enum load_result load_text(const char *path, const char *text, size_t size, FILE *errors,
                           struct load_rows *ret_rows)
{
    struct value_reader *reader = calloc(1, sizeof *reader);
    struct load_rows rows = {0};
    struct locate_fault fault;

    if (!reader)
        return out_of_memory(path, errors);
    complaint_init(&reader->complaints, path, text, (uint32_t)size);
    enum locate_result result = locate_scan(text, size, &reader->locate, &fault);
    if (result == LOCATE_OK && !read_root(reader, path, &rows))
        result = LOCATE_NO_MEMORY;
    else if (result == LOCATE_SYNTAX)
        complain_fault(&reader->complaints, &fault);

    label(&rows, text, size);
    uint32_t errors_found = reader->complaints.count;
    complaint_print(&reader->complaints, errors);
    if (result != LOCATE_NO_MEMORY && !errors_found)
        *ret_rows = rows;
    else
        load_free(&rows);
    locate_free(&reader->locate);
    free(reader);
    if (result == LOCATE_NO_MEMORY)
        return out_of_memory(path, errors);
    return errors_found ? LOAD_REFUSED : LOAD_OK;
}

static const char *check_file(const char *path)
{
    struct stat status;

    if (stat(path, &status))
        return strerror(errno);
    if (S_ISDIR(status.st_mode))
        return "is a directory, not a scenario file";
    if (!S_ISREG(status.st_mode))
        return "is not a regular file";
    return status.st_size > (off_t)LOCATE_SIZE_MAX ? "is larger than 1 MiB" : NULL;
}

enum load_result load_file(const char *path, FILE *errors, struct load_rows *ret_rows)
{
    const char *reason = check_file(path);
    uint8_t *bytes = NULL;
    uint32_t size = 0;

    if (!reason) {
        int error = file_read(path, LOCATE_SIZE_MAX, &bytes, &size);
        reason = error ? strerror(error) : NULL;
    }
    if (reason) {
        fprintf(errors, "%s: error: %s\n", path, reason);
        return LOAD_REFUSED;
    }
    enum load_result result = load_text(path, (char *)bytes, size, errors, ret_rows);
    free(bytes);
    return result;
}

void load_free(struct load_rows *rows)
{
    free(rows->scenarios);
    *rows = (struct load_rows){0};
}
