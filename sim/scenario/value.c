#include "sim/scenario/value.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal_posix/log_text.h"
#include "sim/scenario/features.h"

#define POINTER_MAX 160

static void *field(void *to, size_t offset)
{
    return (char *)to + offset;
}

static void put(const struct vocab_word *word, void *to, uint32_t value)
{
    bool flag = value != 0;

    if (word->set)
        word->set(to, value);
    else
        memcpy(field(to, word->offset), word->size == sizeof flag ? (void *)&flag : &value,
               word->size == sizeof flag ? sizeof flag : sizeof value);
}

uint32_t value_count(const struct vocab_word *word, void *to)
{
    uint32_t count;

    memcpy(&count, field(to, word->count_offset), sizeof count);
    return count;
}

void *value_add_element(const struct vocab_word *word, void *to)
{
    uint32_t count = value_count(word, to), larger = count + 1;

    memcpy(field(to, word->count_offset), &larger, sizeof larger);
    return field(to, word->offset + count * word->size);
}

/* Pointer, then the clause. The pointer takes long to find in a long list, so what would not be
 * shown is only counted. */
__attribute__((format(printf, 5, 0))) static void complain_about(struct value_reader *reader,
                                                                 uint32_t about, uint32_t at,
                                                                 uint32_t end, const char *format,
                                                                 va_list args)
{
    char pointer[POINTER_MAX] = "", text[480] = "";

    if (reader->complaints.count < COMPLAINT_MAX) {
        vsnprintf(text, sizeof text, format, args);
        locate_pointer(&reader->locate, about, pointer, sizeof pointer);
    }
    complaint_add(&reader->complaints, at, end, "%s%s%s", pointer, pointer[0] ? ": " : "", text);
}

void value_complain(struct value_reader *reader, uint32_t node, const char *format, ...)
{
    const struct locate_node *place = &reader->locate.nodes[node];
    bool is_container = strchr("{[", reader->locate.text[place->value_at]);
    va_list args;

    va_start(args, format);
    complain_about(reader, node, place->value_at,
                   is_container ? place->value_at + 1 : place->value_end, format, args);
    va_end(args);
}

void value_complain_key(struct value_reader *reader, uint32_t node, const char *format, ...)
{
    const struct locate_node *place = &reader->locate.nodes[node];
    va_list args;

    va_start(args, format);
    complain_about(reader, place->parent, place->key_at, place->key_end, format, args);
    va_end(args);
}

void value_quote(const struct value_reader *reader, uint32_t node,
                 char ret_quote[COMPLAINT_QUOTE_MAX])
{
    const struct locate_node *place = &reader->locate.nodes[node];
    const char *text = reader->locate.text + place->value_at;

    if (*text == '{' || *text == '[')
        strcpy(ret_quote, *text == '{' ? "an object" : "a list");
    else
        complaint_quote(text, place->value_end - place->value_at, ret_quote);
}

static bool is_all(const char *text, const char *bytes)
{
    return *text && text[strspn(text, bytes)] == '\0';
}

/* "64K" or "0x10000"; 0: it is neither. */
static uint64_t parse_size(const char *text)
{
    bool is_hex = text[0] == '0' && text[1] == 'x' && isxdigit((unsigned char)text[2]);
    char *end;

    if (!is_hex && !isdigit((unsigned char)text[0]))
        return 0;
    errno = 0;
    unsigned long long size = strtoull(text, &end, is_hex ? 16 : 10);
    if (errno || size > UINT32_MAX || strcmp(end, is_hex ? "" : "K") != 0)
        return 0;
    return is_hex ? size : size * 1024;
}

/* What to do about a value of a wrong type, where it is plain. */
static void hint_type(struct value_reader *reader, const struct vocab_word *word,
                      struct json_object *value)
{
    bool is_text = json_object_is_type(value, json_type_string);
    const char *text = is_text ? json_object_get_string(value) : "";

    if ((word->type == VOCAB_NUMBER || word->type == VOCAB_SIZE || word->type == VOCAB_PLACE ||
         word->type == VOCAB_AT) &&
        is_all(text, "0123456789"))
        complaint_hint(&reader->complaints, "remove the quotes");
    else if (word->type == VOCAB_BOOL && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
        complaint_hint(&reader->complaints, "remove the quotes");
    else if ((word->type == VOCAB_IMAGES || word->type == VOCAB_IMAGE_SET ||
              word->type == VOCAB_MARKS || word->type == VOCAB_FEATURES ||
              word->type == VOCAB_LIST) &&
             !json_object_is_type(value, json_type_array) && value)
        complaint_hint(&reader->complaints, "put it in [ ]");
    else if (word->type == VOCAB_SIZE && !parse_size(text) && is_all(text, "0123456789kKiIbB "))
        complaint_hint(&reader->complaints, "did you mean \"%luK\"?", strtoul(text, NULL, 10));
}

void value_complain_expected(struct value_reader *reader, const struct vocab_word *word,
                             struct json_object *value, uint32_t node)
{
    char expected[240], quote[COMPLAINT_QUOTE_MAX];

    vocab_expected(word, expected, sizeof expected);
    value_quote(reader, node, quote);
    value_complain(reader, node, "expected %s, not %s", expected, quote);
    hint_type(reader, word, value);
}

void value_hint_guess(struct value_reader *reader, const struct guess *guess)
{
    if (guess->best)
        complaint_hint(&reader->complaints, "did you mean '%s'?", guess->best);
}

/* The text of a string, or NULL and a complaint; also of an element of a list of strings. */
static const char *read_string(struct value_reader *reader, const struct vocab_word *word,
                               struct json_object *value, uint32_t node)
{
    char quote[COMPLAINT_QUOTE_MAX], list[VOCAB_LIST_MAX];

    if (json_object_is_type(value, json_type_string))
        return json_object_get_string(value);
    value_quote(reader, node, quote);
    if (word->type == VOCAB_MARKS || word->type == VOCAB_MARK) {
        value_complain(reader, node, "expected the name of a mark, not %s", quote);
    } else if (word->type == VOCAB_FEATURES) {
        value_complain(reader, node, "expected the name of a feature, not %s", quote);
    } else if (word->type == VOCAB_IMAGES || word->type == VOCAB_IMAGE_SET) {
        value_complain(reader, node, "expected the name of an image, not %s", quote);
    } else if (word->type == VOCAB_SET) {
        vocab_choices(word->choices, list, sizeof list);
        value_complain(reader, node, "expected one of: %s, not %s", list, quote);
    } else {
        value_complain_expected(reader, word, value, node);
    }
    return NULL;
}

bool value_is_name(const char *text)
{
    bool is_inside = false;

    for (; *text; text++) {
        if (*text == '-' && !is_inside)
            return false;
        if (*text != '-' && !islower((unsigned char)*text) && !isdigit((unsigned char)*text))
            return false;
        is_inside = *text != '-';
    }
    return is_inside;
}

static void read_text(struct value_reader *reader, const struct vocab_word *word,
                      struct json_object *value, uint32_t node, void *to)
{
    const char *text = read_string(reader, word, value, node);
    size_t length = text ? strlen(text) : 0, blank = text ? strspn(text, " \t\r\n") : 0;

    if (!text)
        return;
    if (length > word->max)
        value_complain(reader, node, "%zu bytes; at most %u", length, word->max);
    else if (length - blank < word->min && word->type == VOCAB_TEXT && word->size)
        value_complain(reader, node,
                       "too short; a sentence of at least %u characters that says: %s", word->min,
                       word->text);
    else if (length == blank)
        value_complain(reader, node, "empty");
    else if (word->type == VOCAB_NAME && !value_is_name(text))
        value_complain_expected(reader, word, value, node);
    else if (word->size)
        memcpy(field(to, word->offset), text, length + 1);
}

/* The index of a choice, or -1 and a complaint. */
static int read_choice(struct value_reader *reader, const struct vocab_word *word,
                       struct json_object *value, uint32_t node)
{
    const char *text = read_string(reader, word, value, node);
    struct guess guess = {.word = text};
    char list[VOCAB_LIST_MAX], quote[COMPLAINT_QUOTE_MAX];

    if (!text)
        return -1;
    for (int i = 0; word->choices[i].name; i++) {
        if (strcmp(word->choices[i].name, text) == 0)
            return i;
        guess_offer(&guess, word->choices[i].name);
    }
    vocab_choices(word->choices, list, sizeof list);
    complaint_quote(text, strlen(text), quote);
    value_complain(reader, node, "unknown %s '%s'; one of: %s", word->noun, quote, list);
    value_hint_guess(reader, &guess);
    return -1;
}

static void read_one_choice(struct value_reader *reader, const struct vocab_word *word,
                            struct json_object *value, uint32_t node, void *to)
{
    int index = read_choice(reader, word, value, node);

    if (index >= 0)
        put(word, to, (uint32_t)index);
}

static void read_number(struct value_reader *reader, const struct vocab_word *word,
                        struct json_object *value, uint32_t node, void *to)
{
    int64_t number = json_object_get_int64(value);

    if (word->choices && json_object_is_type(value, json_type_string) &&
        !is_all(json_object_get_string(value), "0123456789")) {
        if (read_choice(reader, word, value, node) == 0)
            put(word, to, 0);
    } else if (!json_object_is_type(value, json_type_int) || number < (int64_t)word->min ||
               number > (int64_t)word->max) {
        value_complain_expected(reader, word, value, node);
    } else {
        put(word, to, (uint32_t)number);
    }
}

static void read_size(struct value_reader *reader, const struct vocab_word *word,
                      struct json_object *value, uint32_t node, void *to)
{
    uint64_t size = 0;

    if (json_object_is_type(value, json_type_string))
        size = parse_size(json_object_get_string(value));
    else if (json_object_is_type(value, json_type_int) && json_object_get_int64(value) > 0)
        size = (uint64_t)json_object_get_int64(value);
    if (size < word->min || size > word->max)
        value_complain_expected(reader, word, value, node);
    else
        put(word, to, (uint32_t)size);
}

/* Which operations: "every", a number, or an address in hex. */
static void read_at(struct value_reader *reader, const struct vocab_word *word,
                    struct json_object *value, uint32_t node, void *to)
{
    bool is_text = json_object_is_type(value, json_type_string);
    const char *text = is_text ? json_object_get_string(value) : "";
    uint64_t address = parse_size(text);

    if (strncmp(text, "0x", 2) != 0)
        read_number(reader, word, value, node, to);
    else if ((address || strspn(text + 2, "0") == strlen(text + 2)) && text[2] &&
             address <= word->max)
        put(word, to, (uint32_t)address | VOCAB_ADDRESS);
    else
        value_complain_expected(reader, word, value, node);
}

/* "50%", or VOCAB_PERCENT: it is none, or too many. */
static uint32_t parse_percent(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 2 || strcmp(text + digits, "%") != 0)
        return VOCAB_PERCENT;
    return (uint32_t)strtoul(text, NULL, 10);
}

static void read_place(struct value_reader *reader, const struct vocab_word *word,
                       struct json_object *value, uint32_t node, void *to)
{
    bool is_text = json_object_is_type(value, json_type_string);
    const char *text = is_text ? json_object_get_string(value) : "";
    uint32_t percent = parse_percent(text);
    int64_t place = is_text ? (int64_t)parse_size(text) : json_object_get_int64(value);

    if (percent != VOCAB_PERCENT)
        put(word, to, percent | VOCAB_PERCENT);
    else if ((is_text && place == 0) || (!is_text && !json_object_is_type(value, json_type_int)) ||
             place < (int64_t)word->min || place > (int64_t)word->max)
        value_complain_expected(reader, word, value, node);
    else
        put(word, to, (uint32_t)place);
}

/* The index of the image that a string names, or -1 and a complaint. */
static int read_image(struct value_reader *reader, const struct vocab_word *word,
                      struct json_object *value, uint32_t node)
{
    const struct scenario *scenario = &reader->scenario;
    const char *text = read_string(reader, word, value, node);
    char list[SCENARIO_IMAGES_MAX * (SCENARIO_NAME_MAX + 1) / 2] = "", quote[COMPLAINT_QUOTE_MAX];
    struct guess guess = {.word = text};
    int index = text ? scenario_find_image(scenario, text) : -1;
    size_t used = 0;

    if (!text || index >= 0 || scenario->image_count == 0)
        return index;
    for (uint32_t i = 0; i < scenario->image_count; i++) {
        guess_offer(&guess, scenario->images[i].name);
        int length = snprintf(list + used, sizeof list - used, " %s", scenario->images[i].name);
        used += (size_t)length < sizeof list - used ? (size_t)length : sizeof list - used - 1;
    }
    complaint_quote(text, strlen(text), quote);
    value_complain(reader, node, "no image '%s'; there are:%s", quote, list);
    value_hint_guess(reader, &guess);
    return -1;
}

bool value_elements_begin(struct value_reader *reader, const struct vocab_word *word,
                          struct json_object *value, uint32_t node,
                          struct value_elements *ret_elements)
{
    if (!json_object_is_type(value, json_type_array)) {
        value_complain_expected(reader, word, value, node);
        return false;
    }
    *ret_elements = (struct value_elements){
        .list = value,
        .count = json_object_array_length(value),
        .next = node == LOCATE_NONE ? LOCATE_NONE : reader->locate.nodes[node].first,
    };
    if (ret_elements->count < word->min)
        value_complain(reader, node, "empty; at least %u", word->min);
    return ret_elements->count >= word->min;
}

bool value_elements_next(const struct value_reader *reader, struct value_elements *elements,
                         struct json_object **ret_value)
{
    if (elements->index == elements->count)
        return false;
    *ret_value = json_object_array_get_idx(elements->list, elements->index++);
    elements->node = elements->next;
    if (elements->next != LOCATE_NONE)
        elements->next = reader->locate.nodes[elements->next].next;
    return true;
}

void value_complain_many(struct value_reader *reader, const struct vocab_word *word, uint32_t node)
{
    value_complain(reader, node, "one too many: at most %u in \"%s\"", word->max, word->name);
}

static void complain_twice(struct value_reader *reader, struct json_object *value, uint32_t node)
{
    char quote[COMPLAINT_QUOTE_MAX];

    complaint_quote(json_object_get_string(value), (size_t)json_object_get_string_len(value),
                    quote);
    value_complain(reader, node, "'%s' stands twice in this list", quote);
}

/* The bit of a choice; VOCAB_ANY, the last one, is all others. */
static uint32_t choice_bits(const struct vocab_word *word, int index)
{
    if (index < 0)
        return 0;
    uint32_t bit = 1u << index;
    return strcmp(word->choices[index].name, VOCAB_ANY) == 0 ? bit - 1 : bit;
}

static void read_set(struct value_reader *reader, const struct vocab_word *word,
                     struct json_object *value, uint32_t node, void *to)
{
    struct value_elements elements;
    struct json_object *element;
    uint32_t bits = 0;

    if (json_object_is_type(value, json_type_string)) {
        put(word, to, choice_bits(word, read_choice(reader, word, value, node)));
        return;
    }
    if (!value_elements_begin(reader, word, value, node, &elements))
        return;
    if (elements.count == 0)
        value_complain(reader, node, "empty; at least one");
    while (value_elements_next(reader, &elements, &element)) {
        uint32_t bit = choice_bits(word, read_choice(reader, word, element, elements.node));
        if (bits & bit)
            complain_twice(reader, element, elements.node);
        bits |= bit;
    }
    put(word, to, bits);
}

static void read_image_set(struct value_reader *reader, const struct vocab_word *word,
                           struct json_object *value, uint32_t node, void *to)
{
    struct value_elements elements;
    struct json_object *element;
    uint32_t bits = 0;

    if (!value_elements_begin(reader, word, value, node, &elements))
        return;
    while (value_elements_next(reader, &elements, &element)) {
        int image = read_image(reader, word, element, elements.node);
        if (image >= 0 && (bits & 1u << image))
            complain_twice(reader, element, elements.node);
        if (image >= 0)
            bits |= 1u << image;
    }
    put(word, to, bits);
}

static void read_images(struct value_reader *reader, const struct vocab_word *word,
                        struct json_object *value, uint32_t node, void *to)
{
    struct value_elements elements;
    struct json_object *element;
    uint32_t bits = 0;

    if (!value_elements_begin(reader, word, value, node, &elements))
        return;
    while (value_elements_next(reader, &elements, &element)) {
        if (elements.index > word->max) {
            value_complain_many(reader, word, elements.node);
            return;
        }
        int image = read_image(reader, word, element, elements.node);
        if (image < 0)
            continue;
        if (bits & 1u << image)
            complain_twice(reader, element, elements.node);
        bits |= 1u << image;
        memcpy(value_add_element(word, to), &image, sizeof image);
    }
}

/* What stands behind the colon of "ota.refused:signature". */
static bool read_reason(struct value_reader *reader, uint32_t node, const char *text,
                        struct scenario_mark *mark)
{
    char best[32] = "", name[32], quote[COMPLAINT_QUOTE_MAX];
    struct guess guess = {.word = text};
    uint32_t distance = UINT32_MAX;

    if (mark->kind != MARK_LOG || log_text_error_at(mark->event) < 0) {
        value_complain(reader, node, "this mark has no reason");
        return false;
    }
    for (int err = OTA_OK + 1; err <= OTA_ERR_UNKNOWN; err++) {
        scenario_reason_name((enum ota_err)err, name);
        if (strcmp(name, text) == 0) {
            mark->reason = (enum ota_err)err;
            return true;
        }
        guess_offer(&guess, name);
        if (guess.best && guess.distance < distance) {
            distance = guess.distance;
            strcpy(best, name);
        }
    }
    complaint_quote(text, strlen(text), quote);
    value_complain(reader, node, "unknown reason '%s'", quote);
    if (best[0])
        complaint_hint(&reader->complaints, "did you mean '%s'?", best);
    else
        complaint_hint(&reader->complaints, "'brownout words mark' lists them");
    return false;
}

static bool read_mark(struct value_reader *reader, const struct vocab_word *word,
                      struct json_object *value, uint32_t node, struct scenario_mark *ret_mark)
{
    char best[64], name[64], quote[COMPLAINT_QUOTE_MAX];
    const char *text = read_string(reader, word, value, node);
    struct guess guess = {.word = text};
    uint32_t distance = UINT32_MAX;
    struct scenario_mark mark;

    if (!text)
        return false;
    size_t length = strcspn(text, ":");
    for (uint32_t i = 0; vocab_mark(i, &mark); i++) {
        scenario_mark_name(&mark, name);
        if (strlen(name) == length && memcmp(name, text, length) == 0) {
            *ret_mark = mark;
            return !text[length] || read_reason(reader, node, text + length + 1, ret_mark);
        }
        guess_offer(&guess, name);
        if (guess.best && guess.distance < distance) {
            distance = guess.distance;
            strcpy(best, name);
        }
    }
    complaint_quote(text, strlen(text), quote);
    value_complain(reader, node, "unknown mark '%s'", quote);
    if (guess.best)
        complaint_hint(&reader->complaints, "did you mean '%s'?", best);
    else
        complaint_hint(&reader->complaints, "'brownout words mark' lists them");
    return false;
}

/* The index of a feature, or -1 and a complaint. */
static int read_feature(struct value_reader *reader, const struct vocab_word *word,
                        struct json_object *value, uint32_t node)
{
    const char *text = read_string(reader, word, value, node);
    struct guess guess = {.word = text};
    char quote[COMPLAINT_QUOTE_MAX];

    if (!text)
        return -1;
    for (uint32_t i = 0; features_get(i); i++) {
        if (strcmp(features_get(i)->id, text) == 0)
            return (int)i;
        guess_offer(&guess, features_get(i)->id);
    }
    complaint_quote(text, strlen(text), quote);
    value_complain(reader, node, "unknown feature '%s'", quote);
    if (guess.best)
        value_hint_guess(reader, &guess);
    else
        complaint_hint(&reader->complaints, "'brownout features' lists them");
    return -1;
}

static void read_one_mark(struct value_reader *reader, const struct vocab_word *word,
                          struct json_object *value, uint32_t node, void *to)
{
    struct scenario_mark mark;

    if (!read_mark(reader, word, value, node, &mark))
        return;
    if (mark.kind == MARK_LOG && mark.reason)
        value_complain(reader, node, "what waits for a mark waits for any reason of it");
    else if (mark.kind == MARK_LOG)
        put(word, to, mark.event);
    else
        value_complain(reader, node, "'%s' is a cut; nobody can ask for anything then",
                       json_object_get_string(value));
}

static void read_marks(struct value_reader *reader, const struct vocab_word *word,
                       struct json_object *value, uint32_t node, void *to)
{
    struct scenario_mark *marks = field(to, word->offset), mark;
    struct value_elements elements;
    struct json_object *element;

    if (!value_elements_begin(reader, word, value, node, &elements))
        return;
    while (value_elements_next(reader, &elements, &element)) {
        uint32_t count = value_count(word, to);
        if (elements.index > word->max) {
            value_complain_many(reader, word, elements.node);
            return;
        }
        if (!read_mark(reader, word, element, elements.node, &mark))
            continue;
        for (uint32_t i = 0; i < count; i++)
            if (memcmp(&marks[i], &mark, sizeof mark) == 0)
                complain_twice(reader, element, elements.node);
        memcpy(value_add_element(word, to), &mark, sizeof mark);
    }
}

static void read_features(struct value_reader *reader, const struct vocab_word *word,
                          struct json_object *value, uint32_t node, void *to)
{
    int *features = field(to, word->offset);
    struct value_elements elements;
    struct json_object *element;

    if (!value_elements_begin(reader, word, value, node, &elements))
        return;
    while (value_elements_next(reader, &elements, &element)) {
        if (elements.index > word->max) {
            value_complain_many(reader, word, elements.node);
            return;
        }
        int feature = read_feature(reader, word, element, elements.node);
        for (uint32_t i = 0; feature >= 0 && i < value_count(word, to); i++)
            if (features[i] == feature)
                complain_twice(reader, element, elements.node);
        if (feature >= 0)
            memcpy(value_add_element(word, to), &feature, sizeof feature);
    }
}

void value_read(struct value_reader *reader, const struct vocab_word *word,
                struct json_object *value, uint32_t node, void *to)
{
    int image;

    switch (word->type) {
    case VOCAB_NAME:
    case VOCAB_TEXT:
        read_text(reader, word, value, node, to);
        return;
    case VOCAB_BOOL:
        if (json_object_is_type(value, json_type_boolean))
            put(word, to, json_object_get_boolean(value) ? 1 : 0);
        else
            value_complain_expected(reader, word, value, node);
        return;
    case VOCAB_NUMBER:
        read_number(reader, word, value, node, to);
        return;
    case VOCAB_SIZE:
        read_size(reader, word, value, node, to);
        return;
    case VOCAB_PLACE:
        read_place(reader, word, value, node, to);
        return;
    case VOCAB_AT:
        read_at(reader, word, value, node, to);
        return;
    case VOCAB_CHOICE:
        read_one_choice(reader, word, value, node, to);
        return;
    case VOCAB_SET:
        read_set(reader, word, value, node, to);
        return;
    case VOCAB_IMAGE:
        image = read_image(reader, word, value, node);
        memcpy(field(to, word->offset), &image, sizeof image);
        return;
    case VOCAB_IMAGES:
        read_images(reader, word, value, node, to);
        return;
    case VOCAB_IMAGE_SET:
        read_image_set(reader, word, value, node, to);
        return;
    case VOCAB_MARK:
        read_one_mark(reader, word, value, node, to);
        return;
    case VOCAB_MARKS:
        read_marks(reader, word, value, node, to);
        return;
    case VOCAB_FEATURES:
        read_features(reader, word, value, node, to);
        return;
    case VOCAB_MATRIX:
        if (!json_object_is_type(value, json_type_object))
            value_complain_expected(reader, word, value, node);
        return;
    case VOCAB_OBJECT:
    case VOCAB_LIST:
    case VOCAB_MAP:
        return;
    }
}
