/* The scenario loader. A text is taken without a word, or refused with one; what is JSON
 * for us is JSON for json-c. */
#include <stdbool.h>
#include <string.h>

#include "sim/scenario/explain.h"
#include "sim/scenario/load.h"
#include "tests/fuzz/fuzz.h"

#define PATH "some/theme/file.json"

/* Lines of the scenario are shown too, and may say anything. */
static bool blames_json_c(const char *errors)
{
    for (const char *line = errors; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        const char *error = strstr(line, ": error: "), *end = strchrnul(line, '\n');
        if (strncmp(line, PATH, strlen(PATH)) == 0 && error && error < end &&
            strncmp(error, ": error: json-c: ", 17) == 0)
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct load_rows rows;
    char *errors, *story;
    size_t errors_size, story_size;
    FILE *to = open_memstream(&errors, &errors_size);

    FUZZ_CHECK(to);
    enum load_result result = load_text(PATH, (const char *)data, size, to, &rows);
    fclose(to);
    FUZZ_CHECK(result == LOAD_OK || result == LOAD_REFUSED);
    FUZZ_CHECK((errors_size == 0) == (result == LOAD_OK));
    FUZZ_CHECK(!blames_json_c(errors));
    free(errors);
    if (result == LOAD_REFUSED)
        return 0;
    to = open_memstream(&story, &story_size);
    FUZZ_CHECK(to);
    for (uint32_t i = 0; i < rows.count; i++)
        explain_text(&rows.scenarios[i], to);
    fclose(to);
    load_free(&rows);
    FUZZ_CHECK(story_size > 0);
    free(story);
    return 0;
}
