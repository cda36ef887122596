#include "sim/scenario/vocab_damage.h"

#include "sim/scenario/vocab_table.h"

#define PLACE_MAX 0x1000000

static const struct vocab_choice target_choices[] = {
    {"image", "the file of an image in the store"},
    {"factory", "the factory backup in the store"},
    {"database", "image_database.csv"},
    {"file-system", "the first two blocks of the external flash"},
    {"boot-control", "the boot control page"},
    {"program-flash", "the installed image"},
    {NULL, NULL},
};

static const struct vocab_choice how_choices[] = {
    {"flip", "one bit, in the middle"},
    {"byte", "the byte \"at\" has this \"value\""},
    {"blank", "all bytes 0xFF; a file keeps its size"},
    {"zero", "all bytes 0x00; a file keeps its size"},
    {"truncate", "the second half is gone; of flash: is 0xFF"},
    {"remove", "the file is gone; of flash: all bytes 0xFF"},
    {"empty", "the file has no bytes left; of flash: all bytes 0xFF"},
    {"swap", "its halves have changed places; with \"with\": the files of two images have"},
    {"disable", "of the database: each row says that its image was given up"},
    {"forget", "of the database: each row says that its image was never confirmed"},
    {"rewrite", "of the database: it says \"text\""},
    {"fill", "of the database: it has \"value\" rows, of images that were given up"},
    {"set", "of boot control: \"field\" says \"value\", and its CRC fits"},
    {"program", "of program flash: a programmer wrote \"image\" there"},
    {"add", "of an image: somebody put its file into the store, as \"text\""},
    {NULL, NULL},
};

/* The numbers are those of core/bootctl.h. */
static const struct vocab_choice field_choices[DAMAGE_FIELD_COUNT + 1] = {
    [DAMAGE_FIELD_MAGIC] = {"magic", "the number that the newest record begins with"},
    [DAMAGE_FIELD_LAYOUT] = {"layout", "the version of its layout"},
    [DAMAGE_FIELD_TYPE] = {"type", "of its image: 1 production, 3 factory"},
    [DAMAGE_FIELD_STATUS] = {"status", "of its image: 252 on trial, 248 confirmed, 240 given up"},
    [DAMAGE_FIELD_SEQUENCE] = {"sequence", "its place among the records"},
    [DAMAGE_FIELD_VERSION] = {"version", "of its image"},
    [DAMAGE_FIELD_SIZE] = {"size", "of its image"},
    [DAMAGE_FIELD_COUNTER] = {"security-counter", "of its image"},
    [DAMAGE_FIELD_TRIALS] = {"trials", "trial boots so far"},
    [DAMAGE_FIELD_WORD] = {"word", "a status word more: status + 256 * trials + 65536 * reset to "
                                   "the factory image"},
    [DAMAGE_FIELD_PAGE] = {"page", "the first four bytes of the page"},
};

static void set_mark(void *to, uint32_t value)
{
    struct scenario_damage *damage = to;

    damage->has_mark = true;
    damage->mark = (enum log_event)value;
}

static const struct vocab_word damage_words[] = {
    {.name = "of",
     .text = "What is damaged.",
     .type = VOCAB_CHOICE,
     .is_required = true,
     .noun = "target",
     .choices = target_choices,
     FIELD(scenario_damage, target)},
    {.name = "image",
     .text = "Which image; with \"of\": \"image\", or \"how\": \"program\".",
     .type = VOCAB_IMAGE,
     .beside = "of",
     FIELD(scenario_damage, image)},
    {.name = "how",
     .text = "What is done to it.",
     .type = VOCAB_CHOICE,
     .is_required = true,
     .noun = "damage",
     .choices = how_choices,
     FIELD(scenario_damage, how)},
    {.name = "with",
     .text = "The image whose file changes places with it; only with \"how\": \"swap\".",
     .type = VOCAB_IMAGE,
     .beside = "image",
     FIELD(scenario_damage, with)},
    {.name = "text",
     .text = "What the database says (\"rewrite\"), or what the file is called (\"add\").",
     .type = VOCAB_TEXT,
     .beside = "how",
     .min = 1,
     .max = SCENARIO_TEXT_MAX - 1,
     FIELD(scenario_damage, text)},
    {.name = "field",
     .text = "What is set; only with \"how\": \"set\".",
     .type = VOCAB_CHOICE,
     .beside = "how",
     .noun = "field",
     .choices = field_choices,
     FIELD(scenario_damage, field)},
    {.name = "value",
     .text = "What it says (\"set\", \"byte\"), or how many rows there are (\"fill\").",
     .type = VOCAB_NUMBER,
     .beside = "how",
     .max = UINT32_WORD_MAX,
     FIELD(scenario_damage, value)},
    {.name = "at",
     .text = "Which byte, from 0; only with \"how\": \"byte\".",
     .type = VOCAB_NUMBER,
     .beside = "how",
     .max = PLACE_MAX,
     FIELD(scenario_damage, at)},
    {.name = "when",
     .text = "Not at the beginning, but before the first start after this has happened.",
     .type = VOCAB_MARK,
     .set = set_mark},
    WHY,
    {0},
};

const struct vocab_object vocab_damage_object = {
    .name = "damage",
    .text = "Damage at rest, done before the power comes on, or between two starts.",
    .words = damage_words,
};

const char *vocab_damage_how(enum damage_how how)
{
    return how_choices[how].name;
}

const char *vocab_damage_field(enum damage_field field)
{
    return field_choices[field].name;
}

static void say_set(const struct scenario_damage *damage, FILE *to)
{
    if (damage->field == DAMAGE_FIELD_WORD)
        fprintf(to, "boot control has a status word more, of status 0x%02X and trial %u%s",
                damage->value & 0xFF, damage->value >> 8 & 0xFF,
                damage->value >> 16 ? ", that asks for a factory reset" : "");
    else if (damage->field == DAMAGE_FIELD_PAGE)
        fprintf(to, "the boot control page begins with 0x%08X", damage->value);
    else
        fprintf(to, "the newest record of boot control has a \"%s\" of %u",
                vocab_damage_field(damage->field), damage->value);
}

/* Damage that somebody did. */
static void say_deed(const struct scenario *scenario, const struct scenario_damage *damage,
                     FILE *to)
{
    if (damage->how == DAMAGE_FILL)
        fprintf(to, "the image database has %u rows of images that were given up", damage->value);
    else if (damage->how == DAMAGE_SET)
        say_set(damage, to);
    else if (damage->how == DAMAGE_PROGRAM)
        fprintf(to, "a programmer writes the code of %s to program flash",
                scenario->images[damage->image].name);
    else
        fprintf(to, "somebody puts the file of %s into the store%s%s%s",
                scenario->images[damage->image].name, damage->text[0] ? " as '" : "", damage->text,
                damage->text[0] ? "'" : "");
}

void vocab_damage_say(const struct scenario *scenario, const struct scenario_damage *damage,
                      FILE *to)
{
    static const char *const hows[DAMAGE_HOW_COUNT] = {
        "has one bit flipped",
        "",
        "is all 0xFF",
        "is all 0x00",
        "has lost its second half",
        "is gone",
        "is empty",
        "has its halves the wrong way round",
        "says of each image that it was given up",
        "says of each image that it was never confirmed",
        "says something else",
        "",
        "",
        "",
        ""};
    static const char *const targets[DAMAGE_TARGET_COUNT] = {"",
                                                             "the factory backup",
                                                             "the image database",
                                                             "the start of the external flash",
                                                             "the boot control page",
                                                             "the program flash"};

    char byte[48];

    snprintf(byte, sizeof byte, "has 0x%02X as byte %u", damage->value, damage->at);
    const char *how = damage->how == DAMAGE_BYTE ? byte : hows[damage->how];
    if (damage->how >= DAMAGE_FILL)
        say_deed(scenario, damage, to);
    else if (damage->how == DAMAGE_SWAP && damage->with >= 0)
        fprintf(to, "the stored files of %s and %s have changed places",
                scenario->images[damage->image].name, scenario->images[damage->with].name);
    else if (damage->target == DAMAGE_IMAGE)
        fprintf(to, "the stored file of %s %s", scenario->images[damage->image].name, how);
    else
        fprintf(to, "%s %s", targets[damage->target], how);
}
