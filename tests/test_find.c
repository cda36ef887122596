#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "sim/scenario/find.h"

/* A tree of files in a folder of its own, which is the working folder. */
static int setup(void **state)
{
    static const char *const folders[] = {"s", "s/b", "s/a", "s/.git", "empty"};
    static const char *const files[] = {
        "s/schema.json", "s/counts.json",    "s/b/two.json", "s/a/one.json", "s/a/notes.txt",
        "s/.git/x.json", "s/a/.hidden.json", "s/top.json",   "s/a/.json",    "other.txt"};
    char folder[] = "/tmp/test_find.XXXXXX";

    if (!mkdtemp(folder) || chdir(folder))
        return -1;
    *state = strdup(folder);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (mkdir(folders[i], 0700))
            return -1;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        FILE *file = fopen(files[i], "w");
        if (!file || fclose(file))
            return -1;
    }
    return symlink("..", "s/loop") || symlink("/nowhere", "broken.json");
}

static int teardown(void **state)
{
    char command[128];

    snprintf(command, sizeof command, "rm -r %s", (char *)*state);
    free(*state);
    return chdir("/") || system(command);
}

/* What is found of up to two paths, one a line, then what is said. */
static void expect(const char *first, const char *second, bool is_fine, const char *expected)
{
    char *paths[] = {strdup(first), second ? strdup(second) : NULL}, *errors, text[1000] = "";
    struct find_list list;
    size_t size;
    FILE *to = open_memstream(&errors, &size);

    assert_int_equal(find_scenarios(paths, second ? 2 : 1, to, &list), is_fine);
    fclose(to);
    for (uint32_t i = 0; i < list.count; i++)
        sprintf(text + strlen(text), "%s\n", list.paths[i]);
    strcat(text, errors);
    assert_string_equal(text, expected);
    find_free(&list);
    free(errors);
    free(paths[0]);
    free(paths[1]);
}

static void a_folder_gives_all_below_it_sorted(void **state)
{
    (void)state;
    expect("s", NULL, true, "s/a/one.json\ns/b/two.json\ns/top.json\n");
    expect("s/", NULL, true, "s/a/one.json\ns/b/two.json\ns/top.json\n");
    expect("s/a//", NULL, true, "s/a/one.json\n");
}

static void a_file_is_taken_as_it_is_named(void **state)
{
    (void)state;
    expect("other.txt", NULL, true, "other.txt\n");
    expect("s/a/.hidden.json", NULL, true, "s/a/.hidden.json\n");
    expect("s/schema.json", NULL, true, "");
    expect("s/counts.json", NULL, true, "");
}

static void each_file_comes_once(void **state)
{
    (void)state;
    expect("s/b/two.json", "s", true, "s/a/one.json\ns/b/two.json\ns/top.json\n");
    expect("s", "s/", true, "s/a/one.json\ns/b/two.json\ns/top.json\n");
}

static void what_does_not_exist_is_said(void **state)
{
    (void)state;
    expect("none", "s/a", false, "s/a/one.json\nnone: error: No such file or directory\n");
    expect("broken.json", NULL, false, "broken.json: error: No such file or directory\n");
    expect("", NULL, false, "'': error: No such file or directory\n");
    expect("other.txt/x", NULL, false, "other.txt/x: error: Not a directory\n");
}

static void a_folder_without_scenarios_is_an_error(void **state)
{
    (void)state;
    expect("empty", "s/b", false,
           "s/b/two.json\nempty: error: no scenarios (*.json) in this folder\n");
}

static void folders_inside_each_other_have_a_limit(void **state)
{
    char path[256] = "deep", expected[400];

    (void)state;
    for (int i = 0; i <= FIND_DEPTH_MAX; i++) {
        assert_int_equal(mkdir(path, 0700), 0);
        if (i < FIND_DEPTH_MAX)
            strcat(path, "/d");
    }
    snprintf(expected, sizeof expected, "%s: error: too many folders inside each other\n", path);
    expect("deep", NULL, false, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_gives_all_below_it_sorted),
        cmocka_unit_test(a_file_is_taken_as_it_is_named),
        cmocka_unit_test(each_file_comes_once),
        cmocka_unit_test(what_does_not_exist_is_said),
        cmocka_unit_test(a_folder_without_scenarios_is_an_error),
        cmocka_unit_test(folders_inside_each_other_have_a_limit),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
