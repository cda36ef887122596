#include "sim/scenario/vocab_fault.h"

#include <stdio.h>
#include <string.h>

#include "sim/scenario/vocab_table.h"

#define DAY_MS      86400000
#define STATUS_MIN  201
#define STATUS_MAX  599
#define PLACE_MAX_K 16384

static const struct vocab_choice kind_choices[FAULT_KIND_COUNT + 1] = {
    [FAULT_DOWN] = {"down", "the connection is refused"},
    [FAULT_CLOSE_EARLY] = {"close-early", "the connection closes before any answer"},
    [FAULT_STATUS] = {"status", "an HTTP status, and no file"},
    [FAULT_REDIRECT] = {"redirect", "redirects come before the answer; more than 5 are too many"},
    [FAULT_TRUNCATE] = {"truncate", "the connection closes before the body is complete"},
    [FAULT_RESET_AFTER] = {"reset-after", "it is reset there; 1460 bytes before it are lost too"},
    [FAULT_STALL] = {"stall", "nothing comes for a while; at 0: not even headers"},
    [FAULT_RATE] = {"rate", "the body comes slowly"},
    [FAULT_CHUNK] = {"chunk", "the body comes in small pieces"},
    [FAULT_FLIP_BIT] = {"flip-bit", "one bit of a byte is wrong"},
    [FAULT_WRONG_LENGTH] = {"wrong-length", "Content-Length promises more bytes than there are"},
    [FAULT_NO_LENGTH] = {"no-length", "no Content-Length; the body ends with the connection"},
    [FAULT_NO_RANGE] = {"no-range", "the whole file is sent where a part was asked for"},
    [FAULT_WRONG_RANGE] = {"wrong-range", "a part is sent that begins too early, and says so"},
    [FAULT_SHORT_RANGE] = {"short-range", "a part is sent that ends too early, and says so"},
    [FAULT_LONG_RANGE] = {"long-range", "a part goes on behind the end of the file"},
    [FAULT_BARE_RANGE] = {"bare-range", "the whole file is sent as a part, without saying which"},
    [FAULT_ANY_RANGE] = {"any-range", "a part is sent where the whole file was asked for"},
    [FAULT_NO_IF_RANGE] = {"no-if-range", "a part is sent of whatever file is there by now"},
    [FAULT_NO_VALIDATOR] = {"no-validator", "neither ETag nor date"},
    [FAULT_ONE_ETAG] = {"one-etag", "every file has the same ETag"},
    [FAULT_CHANGED] = {"changed", "another file of that size, with another ETag"},
    [FAULT_SHORTER] = {"shorter", "the file without its end, with the ETag of the whole one"},
    [FAULT_UNTRUSTED] = {"untrusted", "the certificate is not one to trust"},
    [FAULT_GARBAGE] = {"garbage", "noise, as long as the file"},
    [FAULT_HTML] = {"html", "the login page of a captive portal"},
    [FAULT_EMPTY] = {"empty", "a body of no bytes"},
    [FAULT_ENDLESS] = {"endless", "the file, then blanks for ever, and no length"},
    [FAULT_DEEP] = {"deep", "JSON, nested 1000 deep"},
};

static const struct vocab_choice on_choices[] = {
    [FAULT_ON_MANIFEST] = {"manifest", "requests for the manifest"},
    [FAULT_ON_IMAGES] = {"image", "requests for image files"},
    [FAULT_ON_ANY] = {"any", "all of them"},
    {NULL, NULL},
};

/* What only some faults have. */
static const struct {
    const char *word;
    uint64_t takers; /* bit set of enum fault_kind */
    bool is_needed;
} limited_words[] = {
    {"at",
     1u << FAULT_TRUNCATE | 1u << FAULT_RESET_AFTER | 1u << FAULT_STALL | 1u << FAULT_FLIP_BIT,
     false},
    {"for-ms", 1u << FAULT_STALL, true},
    {"bytes-per-second", 1u << FAULT_RATE, true},
    {"bytes-at-a-time", 1u << FAULT_CHUNK, true},
    {"bytes-more", 1u << FAULT_WRONG_LENGTH | 1u << FAULT_LONG_RANGE, true},
    {"bytes-early", 1u << FAULT_WRONG_RANGE, true},
    {"bytes-at-most", 1u << FAULT_SHORT_RANGE, true},
    {"bytes-fewer", 1u << FAULT_SHORTER, true},
    {"redirects", 1u << FAULT_REDIRECT, true},
    {"status", 1u << FAULT_STATUS, true},
    {"retry-after-s", 1u << FAULT_STATUS, false},
};

static void set_place(void *to, uint32_t value)
{
    struct scenario_fault *fault = to;

    fault->at_is_percent = value & VOCAB_PERCENT;
    fault->at = value & ~VOCAB_PERCENT;
}

static const struct vocab_word fault_words[] = {
    {.name = "do",
     .text = "What goes wrong.",
     .type = VOCAB_CHOICE,
     .is_required = true,
     .noun = "fault",
     .choices = kind_choices,
     FIELD(scenario_fault, kind)},
    {.name = "on",
     .text = "With which requests.",
     .type = VOCAB_CHOICE,
     .fallback = "\"any\"",
     .noun = "target",
     .choices = on_choices,
     FIELD(scenario_fault, on)},
    {.name = "at",
     .text = "At which byte of the body: truncate, reset-after, stall, flip-bit.",
     .type = VOCAB_PLACE,
     .fallback = "\"50%\"",
     .min = 0,
     .max = PLACE_MAX_K * 1024,
     .set = set_place},
    {.name = "for-ms",
     .text = "How long nothing comes: stall. More than 60000 is too long for the device.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = DAY_MS,
     FIELD(scenario_fault, value)},
    {.name = "bytes-per-second",
     .text = "How fast: rate. Less than 64 is too slow for the device.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = UINT32_WORD_MAX,
     FIELD(scenario_fault, value)},
    {.name = "bytes-at-a-time",
     .text = "How large a piece is: chunk.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = 4096,
     FIELD(scenario_fault, value)},
    {.name = "bytes-more",
     .text = "How many bytes too many are promised (wrong-length), or sent (long-range).",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = UINT32_WORD_MAX,
     FIELD(scenario_fault, value)},
    {.name = "bytes-early",
     .text = "How many bytes too early: wrong-range.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = UINT32_WORD_MAX,
     FIELD(scenario_fault, value)},
    {.name = "bytes-at-most",
     .text = "How many bytes come of a part at most: short-range.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = UINT32_WORD_MAX,
     FIELD(scenario_fault, value)},
    {.name = "bytes-fewer",
     .text = "How many bytes are not there: shorter.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = UINT32_WORD_MAX,
     FIELD(scenario_fault, value)},
    {.name = "redirects",
     .text = "How many: redirect.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = 1000,
     FIELD(scenario_fault, value)},
    {.name = "status",
     .text = "Which HTTP status: status.",
     .type = VOCAB_NUMBER,
     .min = STATUS_MIN,
     .max = STATUS_MAX,
     FIELD(scenario_fault, value)},
    {.name = "retry-after-s",
     .text = "The seconds of its Retry-After header: status. 0: there is none.",
     .type = VOCAB_NUMBER,
     .fallback = "0",
     .min = 0,
     .max = UINT32_WORD_MAX,
     FIELD(scenario_fault, retry_after_s)},
    {.name = "skip",
     .text = "So many requests are left alone first.",
     .type = VOCAB_NUMBER,
     .fallback = "0",
     .min = 0,
     .max = 1000000,
     FIELD(scenario_fault, skip)},
    {.name = "times",
     .text = "So many requests are hit then; without it: all.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = 1000000,
     FIELD(scenario_fault, times)},
    WHY,
    {0},
};

const struct vocab_object vocab_fault_object = {
    .name = "fault",
    .text = "Something that the server, or the line to it, does wrong.",
    .words = fault_words,
};

static const uint32_t limited_count = sizeof limited_words / sizeof limited_words[0];

const char *vocab_fault_word(uint32_t index)
{
    return index < limited_count ? limited_words[index].word : NULL;
}

static bool is_for(enum fault_kind kind, const char *word, bool is_needed)
{
    for (uint32_t i = 0; i < limited_count; i++)
        if (strcmp(limited_words[i].word, word) == 0)
            return limited_words[i].takers >> kind & 1 &&
                   (limited_words[i].is_needed || !is_needed);
    return !is_needed;
}

bool vocab_fault_takes(enum fault_kind kind, const char *word)
{
    return is_for(kind, word, false);
}

bool vocab_fault_needs(enum fault_kind kind, const char *word)
{
    return is_for(kind, word, true);
}

bool vocab_fault_is_of_parts(enum fault_kind kind)
{
    return kind == FAULT_NO_RANGE || kind == FAULT_WRONG_RANGE || kind == FAULT_SHORT_RANGE ||
           kind == FAULT_LONG_RANGE || kind == FAULT_BARE_RANGE || kind == FAULT_NO_IF_RANGE;
}

const char *vocab_fault_name(enum fault_kind kind)
{
    return kind_choices[kind].name;
}

void vocab_fault_takers(const char *word, char *ret_text, size_t size)
{
    size_t used = 0;

    ret_text[0] = '\0';
    for (int kind = 0; kind < FAULT_KIND_COUNT && used + 1 < size; kind++)
        if (vocab_fault_takes((enum fault_kind)kind, word))
            used += (size_t)snprintf(ret_text + used, size - used, "%s%s", used ? " " : "",
                                     kind_choices[kind].name);
}
