#include "sim/scenario/vocab_flash.h"

#include "sim/scenario/vocab_cut.h"
#include "sim/scenario/vocab_table.h"

static const struct vocab_choice kind_choices[FLASH_FAULT_KIND_COUNT + 1] = {
    [FLASH_FAULT_REFUSE] = {"refuse", "programs and erases report an error; nothing is done"},
    [FLASH_FAULT_LOSE] = {"lose", "programs report success, and not all bits hold"},
    [FLASH_FAULT_UNREADABLE] = {"unreadable", "reads report an error"},
    [FLASH_FAULT_LIE] = {"lie", "reads come with one wrong bit"},
};

static const struct vocab_choice place_choices[FLASH_PLACE_COUNT + 1] = {
    [FLASH_PLACE_BOOT_CONTROL] = {"boot-control", "the boot control page"},
    [FLASH_PLACE_PROGRAM_FLASH] = {"program-flash", "where the application lies"},
    [FLASH_PLACE_STORE] = {"store", "the whole external flash"},
    [FLASH_PLACE_IMAGE] = {"image", "the sectors that hold an image's file at the start"},
};

static const struct vocab_word flash_fault_words[] = {
    {.name = "of",
     .text = "Where the flash is bad.",
     .type = VOCAB_CHOICE,
     .is_required = true,
     .noun = "place",
     .choices = place_choices,
     FIELD(scenario_flash_fault, place)},
    {.name = "image",
     .text = "Which image; only with \"of\": \"image\".",
     .type = VOCAB_IMAGE,
     .beside = "of",
     FIELD(scenario_flash_fault, image)},
    {.name = "do",
     .text = "What the flash does there.",
     .type = VOCAB_CHOICE,
     .is_required = true,
     .noun = "fault",
     .choices = kind_choices,
     FIELD(scenario_flash_fault, kind)},
    {.name = "skip",
     .text = "So many operations or reads for it go well first.",
     .type = VOCAB_NUMBER,
     .fallback = "0",
     .min = 0,
     .max = 1000000,
     FIELD(scenario_flash_fault, skip)},
    {.name = "times",
     .text = "So many go wrong then; without it: all.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = 1000000,
     FIELD(scenario_flash_fault, times)},
    {.name = "during",
     .text = "What the firmware is doing then; the rest of the time the flash is good.",
     .type = VOCAB_SET,
     .fallback = "\"any\"",
     .noun = "phase",
     .choices = vocab_cut_phases,
     FIELD(scenario_flash_fault, phases)},
    WHY,
    {0},
};

const struct vocab_object vocab_flash_fault_object = {
    .name = "flash-fault",
    .text = "A flash that does not do what it is told, in this scenario.",
    .words = flash_fault_words,
};

void vocab_flash_say(const struct scenario *scenario, const struct scenario_flash_fault *fault,
                     FILE *to)
{
    static const char *const calls[] = {"programs and erases", "programs", "reads", "reads"};
    static const char *const ends[] = {"fail", "do not hold", "fail", "have a wrong bit"};
    static const char *const places[] = {"the boot control page", "the program flash",
                                         "the external flash", "the stored file of "};
    const char *image =
        fault->place == FLASH_PLACE_IMAGE ? scenario->images[fault->image].name : "";

    fprintf(to, "%s of %s%s %s", calls[fault->kind], places[fault->place], image,
            ends[fault->kind]);
    if (fault->times)
        fprintf(to, ", %u time%s", fault->times, fault->times == 1 ? "" : "s");
    if (fault->skip)
        fprintf(to, " after %u that go%s well", fault->skip, fault->skip == 1 ? "es" : "");
}
