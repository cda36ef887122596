#include "sim/scenario/vocab_words.h"

#include <ctype.h>
#include <string.h>

#include "hal_posix/log_text.h"
#include "sim/scenario/vocab.h"

#define MARK "mark"

static const char *const log_texts[] = {
#define X(name, text) text,
    LOG_EVENT_LIST(X)
#undef X
};

/* "boot: version %u refused: %e" becomes "boot: version N refused: ...". */
static void print_log_text(const char *text, FILE *to)
{
    for (; *text; text++) {
        if (*text != '%')
            fputc(*text, to);
        else
            fputs(*++text == 'u' || *text == 'x' ? "N" : "...", to);
    }
    fputc('\n', to);
}

static int width_of_marks(void)
{
    struct scenario_mark mark;
    char name[64];
    int width = 0;

    for (uint32_t i = 0; vocab_mark(i, &mark); i++) {
        scenario_mark_name(&mark, name);
        width = (int)strlen(name) > width ? (int)strlen(name) : width;
    }
    return width;
}

/* In lines of a terminal's width. */
static void print_reasons(FILE *to)
{
    char name[32];
    size_t column = 80;

    fputs("A mark with \"...\" may name one of these reasons, as \"ota.refused:signature\":", to);
    for (int err = OTA_OK + 1; err <= OTA_ERR_UNKNOWN; err++) {
        scenario_reason_name((enum ota_err)err, name);
        fputs(column + strlen(name) >= 78 ? "\n " : "", to);
        column = column + strlen(name) >= 78 ? 1 : column;
        column += (size_t)fprintf(to, " %s", name);
    }
    fputc('\n', to);
}

static void print_marks(FILE *to)
{
    static const char *const moments[POWER_MOMENT_COUNT] = {
        "in the middle of",
        "with the last part done of",
        "with one bit done of",
        "with all bits done but one of",
        "with some bits done of",
        "before anything showed of",
        "with the first half done of",
        "with the second half done of",
        "unseen in the middle of",
        "after",
    };
    int width = width_of_marks();
    struct scenario_mark mark;
    char name[64];

    fputs("mark: something that \"sometimes\" asks for\n", to);
    for (uint32_t i = 0; vocab_mark(i, &mark); i++) {
        scenario_mark_name(&mark, name);
        fprintf(to, "  %-*s  ", width, name);
        if (mark.kind == MARK_LOG)
            print_log_text(log_texts[mark.event], to);
        else if (mark.kind == MARK_READ)
            fputs("a unit whose erase was cut read as before it, at a later boot\n", to);
        else
            fprintf(to, "the power went %s %s\n", moments[mark.cut_moment],
                    mark.cut_kind == POWER_ERASE ? "an erase" : "a program operation");
    }
    print_reasons(to);
}

static int width_of_words(const struct vocab_object *object)
{
    int width = 0;

    for (const struct vocab_word *word = object->words; word->name; word++)
        width = (int)strlen(word->name) > width ? (int)strlen(word->name) : width;
    return width;
}

/* "one of: a b" is said by the choices below it. */
static void print_expected(const struct vocab_word *word, int width, FILE *to)
{
    char expected[200];

    vocab_expected(word, expected, sizeof expected);
    if (word->type == VOCAB_CHOICE)
        strcpy(expected, "one of");
    else if (word->type == VOCAB_SET)
        strcpy(expected, "one or a list of");
    fprintf(to, "  %-*s    %s", width, "", expected);
    if (word->object)
        fprintf(to, ": %s", word->object->name);
    if (word->fallback)
        fprintf(to, "; default %s", word->fallback);
    fprintf(to, "\n");
}

static void print_choices(const struct vocab_choice *choices, int width, FILE *to)
{
    int inner = 0;

    for (const struct vocab_choice *at = choices; at->name; at++)
        inner = (int)strlen(at->name) > inner ? (int)strlen(at->name) : inner;
    for (; choices->name; choices++)
        fprintf(to, "  %-*s      %-*s  %s\n", width, "", inner, choices->name, choices->text);
}

static void print_object(const struct vocab_object *object, FILE *to)
{
    int width = width_of_words(object);

    fprintf(to, "%s: %s\n", object->name, object->text);
    if (object->either[0])
        fprintf(to, "  Needs \"%s\" or \"%s\", and not both.\n", object->either[0],
                object->either[1]);
    for (const struct vocab_word *word = object->words; word->name; word++) {
        fprintf(to, "  %-*s  %s %s\n", width, word->name, word->is_required ? "*" : " ",
                word->text);
        print_expected(word, width, to);
        if (word->choices)
            print_choices(word->choices, width, to);
    }
}

const char *vocab_words_object(unsigned index)
{
    if (vocab_object(index))
        return vocab_object(index)->name;
    return index > 0 && vocab_object(index - 1) ? MARK : NULL;
}

bool vocab_words(const char *object, FILE *to)
{
    bool is_known = false;

    for (uint32_t i = 0; vocab_object(i); i++) {
        if (object && strcmp(object, vocab_object(i)->name) != 0)
            continue;
        if (is_known)
            fputc('\n', to);
        print_object(vocab_object(i), to);
        is_known = true;
    }
    if (!object || strcmp(object, MARK) == 0) {
        if (!object)
            fputc('\n', to);
        print_marks(to);
        is_known = true;
    }
    return is_known;
}
