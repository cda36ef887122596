#ifndef TESTS_SCENARIO_TEXT_H
#define TESTS_SCENARIO_TEXT_H

/* Scenario files as text, loaded with their errors caught; include <cmocka.h> before. For reading's
 * sake texts in tests have ' where JSON has ". */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/load.h"

#define SCENARIO_TEXT_PATH "some/theme/full.json"

#define SCENARIO_TEXT_FAULTS                                                                       \
    "'faults': ["                                                                                  \
    "{ 'do': 'stall', 'on': 'image', 'at': '25%', 'for-ms': 5000, 'skip': 1, 'times': 2 }, "       \
    "{ 'do': 'status', 'on': 'manifest', 'status': 503, 'retry-after-s': 60, 'why': 'full' }, "    \
    "{ 'do': 'rate', 'bytes-per-second': 9600 }, { 'do': 'chunk', 'bytes-at-a-time': 7 }, "        \
    "{ 'do': 'wrong-length', 'bytes-more': 8 }, { 'do': 'wrong-range', 'bytes-early': 9 }, "       \
    "{ 'do': 'redirect', 'redirects': 6 }, { 'do': 'flip-bit', 'at': '4K' }]"

#define SCENARIO_TEXT_SWAP "{ 'of': 'image', 'image': 'v2', 'how': 'swap', 'with': 'v3' }"

/* Every word of the language but "matrix" and those of an unusual device, each with something else
 * than what it is when left out.
 */
static const char scenario_text_full[] =
    "{\n"
    "  '$schema': '../schema.json',\n"
    "  'name': 'full',\n"
    "  'why': 'Every word of the language stands here.',\n"
    "  'images': {\n"
    "    'v1': { 'version': 1, 'size': '64K', 'security-counter': 7 },\n"
    "    'v2': { 'version': 2, 'size': 65535, 'app': 'healthy' },\n"
    "    'v3': { 'version': 3, 'size': '0x10001', 'app': 'hang' },\n"
    "    'v4': { 'version': 4, 'size': '1K', 'signed-by': 'other' },\n"
    "    'v5': { 'version': 4294967295, 'size': '888K', 'product': 'other' }\n"
    "  },\n"
    "  'device': {\n"
    "    'factory': 'v1', 'virgin': false, 'installed': ['v2'], 'downloaded': ['v3'], "
    "'factory-pin': true, 'slots-used': 14, 'words-used': 16,\n"
    "    'ecc': true, 'images-max': 3, 'interval-s': 7200, 'trials': 10, 'why': 'seven'\n"
    "  },\n"
    "  'damage': [\n"
    "    { 'of': 'image', 'image': 'v3', 'how': 'truncate' },\n"
    "    { 'of': 'boot-control', 'how': 'blank' }, " SCENARIO_TEXT_SWAP "\n"
    "  ],\n"
    "  'server': [\n"
    "    { 'offers': ['v4', { 'erase': 2 },\n"
    "      { 'image': 'v5', 'version': 9, 'digest': 'wrong', 'bytes-of': 'v4', 'file': 'fw' }]\n"
    "    },\n"
    "    { 'when-runs': 'v2', 'offers': [], " SCENARIO_TEXT_FAULTS " }\n"
    "  ],\n"
    "  'cuts': [\n"
    "    { 'at': 'every', 'during': ['install', 'boot'], 'operations': ['erase'],\n"
    "      'moments': ['weak'], 'flash': 'nvm' },\n"
    "    { 'at': 17, 'during': 'any', 'operations': 'program', 'flash': 'spi', 'times': 3 }\n"
    "  ],\n"
    "  'always': { 'runs': ['v1', 'v2', 'v3'] },\n"
    "  'eventually': { 'runs': 'v2', 'within-boots': 100, 'stored': ['v2'], 'gone': ['v3'] },\n"
    "  'sometimes': ['boot.trial', 'cut.erase.weak', 'cut.program.inside'],\n"
    "  'budget': { 'hours': 2, 'wear': 10, 'operations': 500 }, 'never': ['ota.restart'],\n"
    "  'app': { 'periodic': false, 'auto-update': false, 'auto-reset': false, 'requests': [\n"
    "    { 'ask': 'erase', 'version': 4, 'when': 'ota.offer', 'refused': true },\n"
    "    { 'ask': 'configure', 'at-s': 60, 'periodic': true, 'auto-update': true,\n"
    "      'auto-reset': true, 'interval-s': 30 }] },\n"
    "  'network': { 'ssid': 'plant', 'passphrase': 'correct horse', 'air': { 'ssid': 'office',\n"
    "    'passphrase': 'battery staple', 'absent-s': 60, 'no-address-s': 90,\n"
    "    'drops': [{ 'at': '4K', 'for-s': 120 }] } },\n"
    "  'shows': ['trial-boots', 'status-query']\n"
    "}\n";

/* As little as there can be. */
static const char scenario_text_least[] = "{\n"
                                          "  'name': 'full',\n"
                                          "  'why': 'As little as there can be.',\n"
                                          "  'images': { 'v1': { 'version': 1, 'size': 1024 } },\n"
                                          "  'device': { 'factory': 'v1' },\n"
                                          "  'eventually': { 'runs': 'v1' }\n"
                                          "}\n";

/* A copy with " for '. To be freed. */
static inline char *scenario_text_quote(const char *text)
{
    char *copy = strdup(text);

    assert_non_null(copy);
    for (char *at = copy; *at; at++)
        if (*at == '\'')
            *at = '"';
    return copy;
}

/* Loads exactly size bytes as they are, so that a sanitizer sees any overrun; of rows the first.
 * *ret_errors is to be freed. */
static inline enum load_result scenario_text_load(const char *text, size_t size, char **ret_errors,
                                                  struct scenario *ret_scenario)
{
    struct load_rows rows = {0};
    size_t errors_size = 0;
    FILE *errors = open_memstream(ret_errors, &errors_size);
    char *copy = malloc(size ? size : 1);

    assert_non_null(errors);
    assert_non_null(copy);
    memcpy(copy, text, size);
    enum load_result result = load_text(SCENARIO_TEXT_PATH, copy, size, errors, &rows);
    fclose(errors);
    free(copy);
    if (result == LOAD_OK)
        *ret_scenario = rows.scenarios[0];
    load_free(&rows);
    return result;
}

/* A copy of text with the first from replaced by to. To be freed. */
static inline char *scenario_text_change(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    size_t size = strlen(text) + strlen(to) + 1;
    char *copy = malloc(size);

    if (!at)
        fail_msg("'%s' is not in the text", from);
    assert_non_null(copy);
    snprintf(copy, size, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return copy;
}

/* The text is taken. */
static inline void scenario_text_take(const char *text, struct scenario *ret_scenario)
{
    char *quoted = scenario_text_quote(text), *errors;

    scenario_init(ret_scenario);
    if (scenario_text_load(quoted, strlen(quoted), &errors, ret_scenario) != LOAD_OK)
        fail_msg("%s", errors);
    assert_string_equal(errors, "");
    free(errors);
    free(quoted);
}

/* The text is refused, and what is printed begins with the path, ':' and expected. */
static inline void scenario_text_refuse(const char *text, const char *expected)
{
    char *quoted = scenario_text_quote(text), *errors, begin[800];
    struct scenario scenario;
    enum load_result result = scenario_text_load(quoted, strlen(quoted), &errors, &scenario);

    snprintf(begin, sizeof begin, "%s:%s", SCENARIO_TEXT_PATH, expected);
    if (result != LOAD_REFUSED || strncmp(errors, begin, strlen(begin)) != 0)
        fail_msg("expected\n%s\ngot\n%s", begin, result == LOAD_OK ? "success" : errors);
    free(errors);
    free(quoted);
}

/* A scenario of v1 to v4 with this behind its images; v2 is an update, v3 hangs, v4 is unsigned.
 * The first line of rest is line 5. */
static inline void scenario_text_refuse_rest(const char *rest, const char *expected)
{
    char text[2000];

    snprintf(text, sizeof text,
             "{ 'name': 'full', 'why': 'Something that cannot be meant.', 'images': {\n"
             "  'v1': {'version': 1, 'size': 1024}, 'v2': {'version': 2, 'size': 1024},\n"
             "  'v3': {'version': 3, 'size': 1024, 'app': 'hang'},\n"
             "  'v4': {'version': 4, 'size': 1024, 'signed-by': 'nobody'} },\n%s }",
             rest);
    scenario_text_refuse(text, expected);
}

/* The same of the full text with a change, which makes this one error only. */
static inline void scenario_text_refuse_change(const char *from, const char *to,
                                               const char *expected)
{
    char *text = scenario_text_change(scenario_text_full, from, to), *errors;
    char *quoted = scenario_text_quote(text);
    struct scenario scenario;

    scenario_text_refuse(text, expected);
    scenario_text_load(quoted, strlen(quoted), &errors, &scenario);
    const char *first = strstr(errors, ": error: ");
    if (!first || strstr(first + 1, ": error: "))
        fail_msg("not one error:\n%s", errors);
    free(errors);
    free(quoted);
    free(text);
}

#endif
