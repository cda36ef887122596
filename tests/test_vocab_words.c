#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/vocab_words.h"

#include "sim/scenario/vocab.h"

/* To be freed. */
static char *print(const char *object, bool is_known)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    assert_non_null(to);
    assert_int_equal(vocab_words(object, to), is_known);
    fclose(to);
    return text;
}

static void the_words_of_one_object_are_aligned(void **state)
{
    char *text = print("always", true);

    (void)state;
    assert_string_equal(text, "always: What holds after every start of every run.\n"
                              "  runs  * The images that may run.\n"
                              "          a list of image names\n"
                              "  why     What this is for; for people.\n"
                              "          a string of 1 to 399 bytes\n");
    free(text);
}

static void choices_and_fallbacks_are_shown(void **state)
{
    char *text = print("cut", true);

    (void)state;
    assert_non_null(strstr(text, "one of; default \"both\"\n"));
    assert_non_null(strstr(text, "  nvm   the internal flash"));
    assert_non_null(strstr(text, "\"every\", a number from 1, or an address, as \"0x21400\"\n"));
    free(text);
    text = print("offer", true);
    assert_non_null(strstr(text, "  Needs \"image\" or \"erase\", and not both.\n"));
    free(text);
}

static void marks_are_shown_with_their_sentence(void **state)
{
    char *text = print("mark", true);

    (void)state;
    assert_non_null(strstr(text, "boot.trial"));
    assert_non_null(strstr(text, "boot: version N, trial boot N of N\n"));
    assert_non_null(strstr(text, "cut.erase.weak"));
    assert_null(strstr(text, "cut.program.weak"));
    assert_null(strchr(text, '%'));
    free(text);
}

static void all_objects_are_shown_together(void **state)
{
    char *all = print(NULL, true);

    (void)state;
    for (unsigned i = 0; vocab_words_object(i); i++) {
        char *text = print(vocab_words_object(i), true);
        assert_non_null(strstr(all, text));
        free(text);
    }
    free(all);
}

static void an_unknown_object_prints_nothing(void **state)
{
    char *text = print("nothing", false);

    (void)state;
    assert_string_equal(text, "");
    free(text);
}

static void lines_fit(void **state)
{
    char *all = print(NULL, true);

    (void)state;
    for (const char *line = all; *line; line += strcspn(line, "\n") + 1)
        if (strcspn(line, "\n") > 110)
            fail_msg("%.*s", (int)strcspn(line, "\n"), line);
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_words_of_one_object_are_aligned),
        cmocka_unit_test(choices_and_fallbacks_are_shown),
        cmocka_unit_test(marks_are_shown_with_their_sentence),
        cmocka_unit_test(all_objects_are_shown_together),
        cmocka_unit_test(an_unknown_object_prints_nothing),
        cmocka_unit_test(lines_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
