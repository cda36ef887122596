#include "sim/scenario/vocab_schema.h"

#include <stdarg.h>
#include <stdio.h>

#include <json-c/json.h>

#include "hal_posix/log_text.h"
#include "sim/scenario/features.h"
#include "sim/scenario/matrix.h"
#include "sim/scenario/vocab.h"

#define NAME_PATTERN "^[a-z0-9]+(-[a-z0-9]+)*$"
#define IMAGE_NAME   "image-name"

/* Everything is built in a tree that json_object_put() frees; out of memory is seen at its root. */
struct builder {
    bool is_out_of_memory;
};

static struct json_object *keep(struct builder *builder, struct json_object *value)
{
    if (!value)
        builder->is_out_of_memory = true;
    return value;
}

/* Takes value over. */
static void add(struct builder *builder, struct json_object *to, const char *key,
                struct json_object *value)
{
    if (!keep(builder, value) || !to || json_object_object_add(to, key, value)) {
        builder->is_out_of_memory = true;
        json_object_put(value);
    }
}

static void append(struct builder *builder, struct json_object *to, struct json_object *value)
{
    if (!keep(builder, value) || !to || json_object_array_add(to, value)) {
        builder->is_out_of_memory = true;
        json_object_put(value);
    }
}

static void add_text(struct builder *builder, struct json_object *to, const char *key,
                     const char *text)
{
    add(builder, to, key, json_object_new_string(text));
}

static void add_number(struct builder *builder, struct json_object *to, const char *key,
                       uint32_t number)
{
    add(builder, to, key, json_object_new_int64(number));
}

static struct json_object *new_reference(struct builder *builder, const char *name)
{
    struct json_object *reference = keep(builder, json_object_new_object());
    char path[64];

    snprintf(path, sizeof path, "#/definitions/%s", name);
    add_text(builder, reference, "$ref", path);
    return reference;
}

static struct json_object *new_typed(struct builder *builder, const char *type)
{
    struct json_object *schema = keep(builder, json_object_new_object());

    add_text(builder, schema, "type", type);
    return schema;
}

static struct json_object *new_pattern(struct builder *builder, const char *pattern, uint32_t max)
{
    struct json_object *schema = new_typed(builder, "string");

    add_text(builder, schema, "pattern", pattern);
    if (max)
        add_number(builder, schema, "maxLength", max);
    return schema;
}

static struct json_object *new_number(struct builder *builder, uint32_t min, uint32_t max)
{
    struct json_object *schema = new_typed(builder, "integer");

    add_number(builder, schema, "minimum", min);
    add_number(builder, schema, "maximum", max);
    return schema;
}

static struct json_object *new_choices(struct builder *builder, const struct vocab_choice *choices)
{
    struct json_object *schema = keep(builder, json_object_new_object());
    struct json_object *names = json_object_new_array(), *texts = json_object_new_array();

    for (; choices->name; choices++) {
        append(builder, names, json_object_new_string(choices->name));
        append(builder, texts, json_object_new_string(choices->text));
    }
    add(builder, schema, "enum", names);
    add(builder, schema, "enumDescriptions", texts); /* shown by VS Code */
    return schema;
}

static struct json_object *new_marks(struct builder *builder, bool is_cut_too)
{
    struct json_object *schema = keep(builder, json_object_new_object());
    struct json_object *names = json_object_new_array();
    struct scenario_mark mark;
    char name[64];

    for (uint32_t i = 0; vocab_mark(i, &mark); i++) {
        if (mark.kind != MARK_LOG && !is_cut_too)
            continue;
        scenario_mark_name(&mark, name);
        append(builder, names, json_object_new_string(name));
    }
    add(builder, schema, "enum", names);
    return schema;
}

/* "ota.refused:signature": any event that tells an error, with any error. */
static struct json_object *new_reasons(struct builder *builder)
{
    struct json_object *schema = keep(builder, json_object_new_object());
    char pattern[2048] = "^(", name[64];
    const char *between = "";

    for (int event = 0; event < LOG_EVENT_COUNT; event++) {
        const struct scenario_mark mark = {.kind = MARK_LOG, .event = (enum log_event)event};
        if (log_text_error_at(mark.event) < 0)
            continue;
        scenario_mark_name(&mark, name);
        size_t used = strlen(pattern);
        snprintf(pattern + used, sizeof pattern - used, "%s%s", between, name);
        between = "|";
    }
    strcat(pattern, "):(");
    for (int err = OTA_OK + 1; err <= OTA_ERR_UNKNOWN; err++) {
        scenario_reason_name((enum ota_err)err, name);
        size_t used = strlen(pattern);
        snprintf(pattern + used, sizeof pattern - used, "%s%s", err > OTA_OK + 1 ? "|" : "", name);
    }
    strcat(pattern, ")$");
    add(builder, schema, "pattern", json_object_new_string(pattern));
    return schema;
}

static struct json_object *new_claimed_marks(struct builder *builder)
{
    struct json_object *schema = keep(builder, json_object_new_object());
    struct json_object *either = json_object_new_array();

    append(builder, either, new_marks(builder, true));
    append(builder, either, new_reasons(builder));
    add(builder, schema, "anyOf", either);
    return schema;
}

static struct json_object *new_list(struct builder *builder, struct json_object *items,
                                    uint32_t min, uint32_t max, bool is_unique)
{
    struct json_object *schema = new_typed(builder, "array");

    add(builder, schema, "items", items);
    if (min)
        add_number(builder, schema, "minItems", min);
    add_number(builder, schema, "maxItems", max);
    if (is_unique)
        add(builder, schema, "uniqueItems", json_object_new_boolean(true));
    return schema;
}

static struct json_object *new_map(struct builder *builder, const struct vocab_word *word)
{
    struct json_object *schema = new_typed(builder, "object");

    add(builder, schema, "propertyNames", new_reference(builder, IMAGE_NAME));
    add(builder, schema, "additionalProperties", new_reference(builder, word->object->name));
    add_number(builder, schema, "minProperties", word->min);
    add_number(builder, schema, "maxProperties", word->max);
    return schema;
}

static struct json_object *new_features(struct builder *builder)
{
    struct json_object *schema = keep(builder, json_object_new_object());
    struct json_object *ids = json_object_new_array(), *texts = json_object_new_array();

    for (uint32_t i = 0; features_get(i); i++) {
        append(builder, ids, json_object_new_string(features_get(i)->id));
        append(builder, texts, json_object_new_string(features_get(i)->text));
    }
    add(builder, schema, "enum", ids);
    add(builder, schema, "enumDescriptions", texts);
    return schema;
}

static struct json_object *new_matrix(struct builder *builder)
{
    struct json_object *schema = new_typed(builder, "object");
    struct json_object *values = new_typed(builder, "array");

    add_number(builder, values, "minItems", 1);
    add_number(builder, values, "maxItems", MATRIX_ROWS_MAX);
    add(builder, schema, "propertyNames", new_pattern(builder, "^/", 0));
    add(builder, schema, "additionalProperties", values);
    add_number(builder, schema, "minProperties", 1);
    add_number(builder, schema, "maxProperties", MATRIX_PLACES_MAX);
    return schema;
}

static struct json_object *new_any_of(struct builder *builder, struct json_object *first,
                                      struct json_object *second)
{
    struct json_object *schema = keep(builder, json_object_new_object());
    struct json_object *list = json_object_new_array();

    append(builder, list, first);
    append(builder, list, second);
    add(builder, schema, "anyOf", list);
    return schema;
}

static struct json_object *new_at(struct builder *builder, const struct vocab_word *word)
{
    return new_any_of(builder, new_choices(builder, word->choices),
                      new_any_of(builder, new_number(builder, word->min, word->max),
                                 new_pattern(builder, "^0x[0-9A-Fa-f]+$", 0)));
}

static uint32_t count_choices(const struct vocab_choice *choices)
{
    uint32_t count = 0;

    while (choices[count].name)
        count++;
    return count;
}

static struct json_object *new_text(struct builder *builder, const struct vocab_word *word)
{
    struct json_object *schema = new_typed(builder, "string");

    add_number(builder, schema, "minLength", word->min);
    add_number(builder, schema, "maxLength", word->max);
    return schema;
}

static struct json_object *new_value(struct builder *builder, const struct vocab_word *word)
{
    switch (word->type) {
    case VOCAB_NAME:
        return new_pattern(builder, NAME_PATTERN, word->max);
    case VOCAB_TEXT:
        return new_text(builder, word);
    case VOCAB_BOOL:
        return new_typed(builder, "boolean");
    case VOCAB_NUMBER:
        return word->choices ? new_any_of(builder, new_choices(builder, word->choices),
                                          new_number(builder, word->min, word->max))
                             : new_number(builder, word->min, word->max);
    case VOCAB_SIZE:
        return new_any_of(builder, new_number(builder, word->min, word->max),
                          new_pattern(builder, "^([0-9]+K|0x[0-9A-Fa-f]+)$", 0));
    case VOCAB_PLACE:
        return new_any_of(builder, new_number(builder, word->min, word->max),
                          new_pattern(builder, "^([0-9]+K|0x[0-9A-Fa-f]+|[0-9]{1,2}%)$", 0));
    case VOCAB_AT:
        return new_at(builder, word);
    case VOCAB_CHOICE:
        return new_choices(builder, word->choices);
    case VOCAB_SET:
        return new_any_of(builder, new_choices(builder, word->choices),
                          new_list(builder, new_choices(builder, word->choices), 1,
                                   count_choices(word->choices), true));
    case VOCAB_IMAGE:
        return new_reference(builder, IMAGE_NAME);
    case VOCAB_IMAGES:
    case VOCAB_IMAGE_SET:
        return new_list(builder, new_reference(builder, IMAGE_NAME), word->min, word->max, true);
    case VOCAB_MARK:
        return new_marks(builder, false);
    case VOCAB_MARKS:
        return new_list(builder, new_claimed_marks(builder), word->min, word->max, true);
    case VOCAB_FEATURES:
        return new_list(builder, new_features(builder), word->min, word->max, true);
    case VOCAB_MATRIX:
        return new_matrix(builder);
    case VOCAB_OBJECT:
        return new_reference(builder, word->object->name);
    case VOCAB_MAP:
        return new_map(builder, word);
    case VOCAB_LIST:
        break;
    }
    struct json_object *item = new_reference(builder, word->object->name);
    if (word->object->short_word)
        item = new_any_of(builder, new_reference(builder, IMAGE_NAME), item);
    return new_list(builder, item, word->min, word->max, false);
}

/* Draft-07 ignores what stands beside "$ref", so a reference goes into an "allOf". */
static struct json_object *new_word(struct builder *builder, const struct vocab_word *word)
{
    struct json_object *value = new_value(builder, word), *schema = value;

    if (value && json_object_object_get(value, "$ref")) {
        struct json_object *list = json_object_new_array();
        schema = keep(builder, json_object_new_object());
        append(builder, list, value);
        add(builder, schema, "allOf", list);
    }
    add_text(builder, schema, "description", word->text);
    if (word->fallback)
        add(builder, schema, "default", json_tokener_parse(word->fallback));
    return schema;
}

static void add_either(struct builder *builder, struct json_object *schema,
                       const struct vocab_object *object)
{
    struct json_object *list = json_object_new_array();

    for (int i = 0; i < 2; i++) {
        struct json_object *required = json_object_new_array();
        struct json_object *one = keep(builder, json_object_new_object());
        append(builder, required, json_object_new_string(object->either[i]));
        add(builder, one, "required", required);
        append(builder, list, one);
    }
    add(builder, schema, "oneOf", list);
}

static void describe_object(struct builder *builder, const struct vocab_object *object,
                            struct json_object *schema)
{
    struct json_object *properties = json_object_new_object();
    struct json_object *required = json_object_new_array();
    struct json_object *beside = json_object_new_object();

    add_text(builder, schema, "description", object->text);
    add_text(builder, schema, "type", "object");
    for (const struct vocab_word *word = object->words; word->name; word++) {
        add(builder, properties, word->name, new_word(builder, word));
        if (word->is_required)
            append(builder, required, json_object_new_string(word->name));
        if (word->beside) {
            struct json_object *needed = json_object_new_array();
            append(builder, needed, json_object_new_string(word->beside));
            add(builder, beside, word->name, needed);
        }
    }
    add(builder, schema, "additionalProperties", json_object_new_boolean(false));
    if (required && json_object_array_length(required))
        add(builder, schema, "required", required);
    else
        json_object_put(required);
    if (object->either[0])
        add_either(builder, schema, object);
    if (beside && json_object_object_length(beside))
        add(builder, schema, "dependencies", beside);
    else
        json_object_put(beside);
    add(builder, schema, "properties", properties);
}

char *vocab_schema(void)
{
    struct builder builder = {0};
    struct json_object *root = keep(&builder, json_object_new_object());
    struct json_object *definitions = json_object_new_object();
    char *text = NULL;

    add_text(&builder, root, "$schema", "http://json-schema.org/draft-07/schema#");
    add_text(&builder, root, "title", "Brownout scenario");
    describe_object(&builder, &vocab_scenario, root);
    add(&builder, definitions, IMAGE_NAME,
        new_pattern(&builder, NAME_PATTERN, SCENARIO_NAME_MAX - 1));
    for (uint32_t i = 1; vocab_object(i); i++) {
        struct json_object *schema = keep(&builder, json_object_new_object());
        describe_object(&builder, vocab_object(i), schema);
        add(&builder, definitions, vocab_object(i)->name, schema);
    }
    add(&builder, root, "definitions", definitions);
    if (!builder.is_out_of_memory &&
        asprintf(&text, "%s\n",
                 json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
                                                          JSON_C_TO_STRING_SPACED |
                                                          JSON_C_TO_STRING_NOSLASHESCAPE)) < 0)
        text = NULL;
    json_object_put(root);
    return text;
}
