#include "sim/scenario/vocab_cut.h"

#include "sim/scenario/vocab_table.h"

static const struct vocab_choice every_choices[] = {
    {"every", "each operation that fits, one after the other"},
    {NULL, NULL},
};

static const struct vocab_choice any_choices[] = {
    {VOCAB_ANY, "until no new state of the device appears"},
    {NULL, NULL},
};

const struct vocab_choice vocab_cut_phases[] = {
    {"boot", "the bootloader decides what to start"},
    {"first-boot", "the bootloader makes the factory backup"},
    {"install", "the bootloader installs, from the first page to the record"},
    {"run", "the application runs, nothing is under way"},
    {"download", "the application downloads, from the first byte to the last"},
    {"enter", "the application verifies an image and enters it in the store"},
    {VOCAB_ANY, "any of them"},
    {NULL, NULL},
};

static const struct vocab_choice kind_choices[] = {
    {"program", "writing a row or a program unit"},
    {"erase", "erasing a page or a sector"},
    {NULL, NULL},
};

static const struct vocab_choice moment_choices[] = {
    {"inside", "in the middle: of a program the first part is done, of an erase some bits are"},
    {"suffix", "in the middle of a program: the last part is done"},
    {"one-bit", "in the middle of a program: one bit is cleared"},
    {"most-bits", "in the middle of a program: all bits but one are cleared"},
    {"some-bits", "in the middle of a program: some bits are cleared"},
    {"nothing", "in the middle of an erase: all reads as before, and is not to be programmed"},
    {"low-half", "in the middle of an erase: the first half is erased"},
    {"high-half", "in the middle of an erase: the second half is erased"},
    {"weak", "in the middle of an erase: reads as done or as before, at each boot anew"},
    {"after", "when it is done, before the next one"},
    {VOCAB_ANY, "any of them"},
    {NULL, NULL},
};

static const struct vocab_choice flash_choices[] = {
    {"both", "both flashes"},
    {"nvm", "the internal flash: boot control and program flash"},
    {"spi", "the external flash: the image store"},
    {NULL, NULL},
};

static void set_at(void *to, uint32_t value)
{
    struct scenario_cut *cut = to;

    cut->has_place = value & VOCAB_ADDRESS;
    cut->place = value & ~VOCAB_ADDRESS;
    cut->is_every = value == 0;
    cut->number = cut->has_place ? 0 : value;
}

static void set_flash(void *to, uint32_t value)
{
    struct scenario_cut *cut = to;

    cut->on_nvm = value != 2;
    cut->on_spi = value != 1;
}

static const struct vocab_word cut_words[] = {
    {.name = "at",
     .text = "Every operation; this one, from 1 since the power came on; or one at this address.",
     .type = VOCAB_AT,
     .is_required = true,
     .min = 1,
     .max = VOCAB_ADDRESS - 1,
     .noun = "word",
     .choices = every_choices,
     .set = set_at},
    {.name = "nth",
     .text = "With an address: which one of those that fit, from 1 since the power came on.",
     .type = VOCAB_NUMBER,
     .beside = "at",
     .fallback = "1",
     .min = 1,
     .max = UINT32_WORD_MAX,
     FIELD(scenario_cut, nth)},
    {.name = "times",
     .text = "So many of it, one in each power session after the other; \"any\": any number.",
     .type = VOCAB_NUMBER,
     .fallback = "1",
     .min = 1,
     .max = 8,
     .noun = "word",
     .choices = any_choices,
     FIELD(scenario_cut, times)},
    {.name = "during",
     .text = "What the firmware is doing then.",
     .type = VOCAB_SET,
     .fallback = "\"any\"",
     .noun = "phase",
     .choices = vocab_cut_phases,
     FIELD(scenario_cut, phases)},
    {.name = "operations",
     .text = "Which operations count.",
     .type = VOCAB_SET,
     .fallback = "[\"program\", \"erase\"]",
     .noun = "operation",
     .choices = kind_choices,
     FIELD(scenario_cut, kinds)},
    {.name = "moments",
     .text = "When the power goes, seen from the operation.",
     .type = VOCAB_SET,
     .fallback = "[\"inside\", \"most-bits\", \"weak\", \"after\"]",
     .noun = "moment",
     .choices = moment_choices,
     FIELD(scenario_cut, moments)},
    {.name = "flash",
     .text = "Operations of which flash.",
     .type = VOCAB_CHOICE,
     .fallback = "\"both\"",
     .noun = "flash",
     .choices = flash_choices,
     .set = set_flash},
    WHY,
    {0},
};

const struct vocab_object vocab_cut_object = {
    .name = "cut",
    .text = "The power goes once. Several cuts come one after the other, each in a later power-on.",
    .words = cut_words,
};
