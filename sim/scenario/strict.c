/*
 * Method. Recursive descent, as deep as LOCATE_DEPTH_MAX; the first fault ends it. Each value
 * becomes a node of one array.
 */
#include "sim/scenario/strict.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scanner {
    struct locate locate;
    struct locate_fault *fault;
    uint32_t at;
    uint32_t depth;
    bool is_out_of_memory;
};

static bool scan_value(struct scanner *scanner, uint32_t node);

uint32_t strict_utf8(const char *text, size_t size)
{
    const unsigned char *byte = (const unsigned char *)text;
    uint32_t length, low = 0x80, high = 0xBF;

    if (size == 0)
        return 0;
    if (byte[0] < 0x80)
        return 1;
    if (byte[0] < 0xC2 || byte[0] > 0xF4)
        return 0;
    length = byte[0] < 0xE0 ? 2 : byte[0] < 0xF0 ? 3 : 4;
    if (size < length)
        return 0;
    if (byte[0] == 0xE0)
        low = 0xA0;
    else if (byte[0] == 0xED)
        high = 0x9F;
    else if (byte[0] == 0xF0)
        low = 0x90;
    else if (byte[0] == 0xF4)
        high = 0x8F;
    if (byte[1] < low || byte[1] > high)
        return 0;
    for (uint32_t i = 2; i < length; i++)
        if (byte[i] < 0x80 || byte[i] > 0xBF)
            return 0;
    return length;
}

__attribute__((format(printf, 4, 5))) static bool fail(struct scanner *scanner, uint32_t at,
                                                       uint32_t end, const char *format, ...)
{
    struct locate_fault *fault = scanner->fault;
    va_list args;

    *fault = (struct locate_fault){.at = at, .end = end, .note_at = LOCATE_NONE};
    va_start(args, format);
    vsnprintf(fault->message, sizeof fault->message, format, args);
    va_end(args);
    return false;
}

static bool note(struct scanner *scanner, uint32_t at, const char *text)
{
    scanner->fault->note_at = at;
    scanner->fault->note = text;
    return false;
}

static bool hint(struct scanner *scanner, const char *text)
{
    scanner->fault->hint = text;
    return false;
}

static bool is_end(const struct scanner *scanner)
{
    return scanner->at >= scanner->locate.size;
}

/* The next byte; NUL at the end, which no text holds. */
static char peek(const struct scanner *scanner)
{
    return is_end(scanner) ? '\0' : scanner->locate.text[scanner->at];
}

static void skip_blanks(struct scanner *scanner)
{
    while (!is_end(scanner) && strchr(" \t\r\n", peek(scanner)))
        scanner->at++;
}

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '+' || c == '.' || c == '$';
}

/* What stands here, up to where a word or number would end. */
static uint32_t word_end(const struct scanner *scanner)
{
    uint32_t end = scanner->at;

    while (end < scanner->locate.size && is_word_byte(scanner->locate.text[end]))
        end++;
    return end;
}

static uint32_t add_node(struct scanner *scanner, uint32_t parent, uint32_t previous)
{
    struct locate *locate = &scanner->locate;

    if (locate->count == locate->room) {
        uint32_t room = locate->room ? 2 * locate->room : 64;
        struct locate_node *larger = realloc(locate->nodes, room * sizeof *larger);
        if (!larger) {
            scanner->is_out_of_memory = true;
            return LOCATE_NONE;
        }
        locate->nodes = larger;
        locate->room = room;
    }
    uint32_t node = locate->count++;
    locate->nodes[node] = (struct locate_node){
        .parent = parent, .first = LOCATE_NONE, .next = LOCATE_NONE, .twin = LOCATE_NONE};
    if (previous != LOCATE_NONE)
        locate->nodes[previous].next = node;
    else if (parent != LOCATE_NONE)
        locate->nodes[parent].first = node;
    return node;
}

/* Behind the last thing that stands in the file. */
static uint32_t text_end(const struct scanner *scanner)
{
    uint32_t end = scanner->locate.size;

    while (end && strchr(" \t\r\n", scanner->locate.text[end - 1]))
        end--;
    return end;
}

/* The file ends within an object or a list. */
static bool fail_unclosed(struct scanner *scanner, char close, uint32_t opened)
{
    uint32_t end = text_end(scanner);

    fail(scanner, end, end, "the file ends, but '%c' is missing", close);
    return note(scanner, opened, close == '}' ? "the object begins here" : "the list begins here");
}

/* Something that is not what was expected here. */
static bool unexpected(struct scanner *scanner, const char *expected)
{
    uint32_t at = scanner->at, end = word_end(scanner);
    const char *text = scanner->locate.text + at;

    if (is_end(scanner)) {
        at = text_end(scanner);
        return fail(scanner, at, at, "the file ends here, but %s is expected", expected);
    }
    if (*text == '\'') {
        fail(scanner, at, at + 1, "%s is expected, not a single quote", expected);
        return hint(scanner, "JSON has double quotes only");
    }
    if (*text == '/' || *text == '#') {
        fail(scanner, at, at + 1, "JSON has no comments");
        return hint(scanner, "say it in a \"why\", which every object may have");
    }
    if (end > at)
        return fail(scanner, at, end, "%s is expected, not '%.*s'", expected,
                    end - at > 32 ? 32 : (int)(end - at), text);
    if (*text > ' ' && *text < 0x7F)
        return fail(scanner, at, at + 1, "%s is expected, not '%c'", expected, *text);
    uint32_t length = strict_utf8(text, scanner->locate.size - at);
    if (length > 1)
        return fail(scanner, at, at + length, "%s is expected, not '%.*s'", expected, (int)length,
                    text);
    return fail(scanner, at, at + 1, "%s is expected, not the byte 0x%02X", expected,
                (unsigned char)*text);
}

/* Four hex digits; false: they are not. */
static bool read_hex(const char *text, uint32_t *ret_value)
{
    uint32_t value = 0;

    for (int i = 0; i < 4; i++) {
        char c = (char)tolower((unsigned char)text[i]);
        if (!isxdigit((unsigned char)c))
            return false;
        value = 16 * value + (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    *ret_value = value;
    return true;
}

/* Behind "\u", at the first digit. */
static bool scan_unicode(struct scanner *scanner)
{
    const struct locate *locate = &scanner->locate;
    const char *text = locate->text + scanner->at;
    uint32_t at = scanner->at - 2, left = locate->size - scanner->at, high, low;

    if (left < 4 || !read_hex(text, &high))
        return fail(scanner, at, at + 2, "\\u needs four hex digits");
    scanner->at += 4;
    if (high == 0)
        return fail(scanner, at, at + 6, "a NUL has no place in a text");
    if (high < 0xD800 || high > 0xDFFF)
        return true;
    if (high > 0xDBFF || left < 10 || text[4] != '\\' || text[5] != 'u' ||
        !read_hex(text + 6, &low) || low < 0xDC00 || low > 0xDFFF)
        return fail(scanner, at, at + 6, "this is half a character: a surrogate without its pair");
    scanner->at += 6;
    return true;
}

static bool scan_escape(struct scanner *scanner)
{
    uint32_t at = scanner->at++;
    char c = peek(scanner);

    scanner->at++;
    if (c == 'u')
        return scan_unicode(scanner);
    if (c && strchr("\"\\/bfnrt", c))
        return true;
    fail(scanner, at, at + 1, "a backslash is followed by one of \" \\ / b f n r t u");
    return hint(scanner, "a backslash itself is written \\\\");
}

static bool scan_string(struct scanner *scanner)
{
    const struct locate *locate = &scanner->locate;
    uint32_t start = scanner->at++;

    while (!is_end(scanner)) {
        unsigned char c = (unsigned char)peek(scanner);
        uint32_t at = scanner->at;
        if (c == '"') {
            scanner->at++;
            return true;
        }
        if (c == '\\') {
            if (at + 1 < locate->size && !scan_escape(scanner))
                return false;
            if (at + 1 == locate->size)
                scanner->at++;
        } else if (c == '\n' || c == '\r') {
            fail(scanner, start, at, "this string does not end on its line");
            return hint(scanner, "is the closing '\"' missing? A line break is written \\n");
        } else if (c < 0x20) {
            fail(scanner, at, at + 1, "a control character (0x%02X) inside a string", c);
            return hint(scanner, c == '\t' ? "a tab is written \\t" : "it is written \\uXXXX");
        } else {
            scanner->at += strict_utf8(locate->text + at, locate->size - at);
        }
    }
    fail(scanner, text_end(scanner), text_end(scanner), "the file ends inside a string");
    return note(scanner, start, "the string begins here");
}

/* Digits; false: there is none. */
static bool scan_digits(struct scanner *scanner)
{
    uint32_t at = scanner->at;

    while (isdigit((unsigned char)peek(scanner)))
        scanner->at++;
    return scanner->at > at;
}

static bool scan_number(struct scanner *scanner)
{
    uint32_t at = scanner->at, end = word_end(scanner);
    const char *text = scanner->locate.text + at;
    const char *digits = *text == '-' ? text + 1 : text;
    int shown = end - at > 32 ? 32 : (int)(end - at);

    if (end - at >= 2 && *text == '0' && tolower((unsigned char)text[1]) == 'x') {
        fail(scanner, at, end, "JSON has no hexadecimal numbers: '%.*s'", shown, text);
        return hint(scanner, "where an address or size is expected, write it as a string");
    }
    if (*digits == '0' && digits + 1 < text + (end - at) && isdigit((unsigned char)digits[1])) {
        fail(scanner, at, end, "a number does not begin with a zero: '%.*s'", shown, text);
        return hint(scanner, "JSON knows decimal numbers only");
    }
    scanner->at += *text == '-';
    bool is_fine = scan_digits(scanner);
    if (is_fine && peek(scanner) == '.') {
        scanner->at++;
        is_fine = scan_digits(scanner);
    }
    if (is_fine && (peek(scanner) == 'e' || peek(scanner) == 'E')) {
        scanner->at++;
        scanner->at += peek(scanner) == '+' || peek(scanner) == '-';
        is_fine = scan_digits(scanner);
    }
    if (is_fine && scanner->at >= end)
        return true;
    return fail(scanner, at, end, "'%.*s' is not a number", shown, text);
}

static bool scan_literal(struct scanner *scanner)
{
    static const char *const literals[] = {"true", "false", "null"};
    static const char *const others[] = {"True", "False", "None", "TRUE", "FALSE", "yes", "no"};
    uint32_t at = scanner->at, end = word_end(scanner);
    const char *text = scanner->locate.text + at;

    for (int i = 0; i < 3; i++)
        if (end - at == strlen(literals[i]) && memcmp(text, literals[i], end - at) == 0) {
            scanner->at = end;
            return true;
        }
    fail(scanner, at, end, "'%.*s' is not a JSON value", end - at > 32 ? 32 : (int)(end - at),
         text);
    for (int i = 0; i < 7; i++)
        if (end - at == strlen(others[i]) && memcmp(text, others[i], end - at) == 0)
            return hint(scanner, "JSON writes true, false and null");
    if (memcmp(text, "NaN", end - at < 3 ? end - at : 3) == 0 || *text == 'I' || *text == '-')
        return hint(scanner, "JSON has no NaN and no infinity");
    return hint(scanner, "a word is written in double quotes");
}

/* Behind an element: what comes next? false: a fault, or the end, which *ret_is_last tells apart.
 */
static bool scan_comma(struct scanner *scanner, char close, uint32_t opened, bool *ret_is_last)
{
    uint32_t comma = scanner->at;
    char c;

    *ret_is_last = false;
    skip_blanks(scanner);
    c = peek(scanner);
    if (c == close) {
        scanner->at++;
        *ret_is_last = true;
        return true;
    }
    if (is_end(scanner))
        return fail_unclosed(scanner, close, opened);
    if (c != ',') {
        char expected[16];
        snprintf(expected, sizeof expected, "',' or '%c'", close);
        return unexpected(scanner, expected);
    }
    comma = scanner->at++;
    skip_blanks(scanner);
    if (peek(scanner) == close)
        return fail(scanner, comma, comma + 1, "a comma with nothing behind it");
    return true;
}

static bool scan_key(struct scanner *scanner, uint32_t node)
{
    struct locate_node *member = &scanner->locate.nodes[node];

    member->key_at = scanner->at;
    if (peek(scanner) != '"') {
        bool is_word = isalpha((unsigned char)peek(scanner)) || peek(scanner) == '_';
        unexpected(scanner, "a key in double quotes");
        return is_word ? hint(scanner, "keys are written in double quotes") : false;
    }
    if (!scan_string(scanner))
        return false;
    member->key_end = scanner->at;
    skip_blanks(scanner);
    if (peek(scanner) != ':')
        return unexpected(scanner, "':' behind the key");
    scanner->at++;
    return true;
}

/* An object or a list, at its opening bracket. */
static bool scan_container(struct scanner *scanner, uint32_t node)
{
    bool is_object = peek(scanner) == '{', is_last = false;
    uint32_t opened = scanner->at++, previous = LOCATE_NONE;
    char close = is_object ? '}' : ']';

    if (scanner->depth == LOCATE_DEPTH_MAX)
        return fail(scanner, opened, opened + 1, "nested deeper than %d levels", LOCATE_DEPTH_MAX);
    skip_blanks(scanner);
    if (peek(scanner) == close) {
        scanner->at++;
        return true;
    }
    if (is_end(scanner))
        return fail_unclosed(scanner, close, opened);
    scanner->depth++;
    while (!is_last) {
        uint32_t child = add_node(scanner, node, previous);
        if (child == LOCATE_NONE || (is_object && !scan_key(scanner, child)) ||
            !scan_value(scanner, child) || !scan_comma(scanner, close, opened, &is_last))
            return false;
        previous = child;
    }
    scanner->depth--;
    return true;
}

static bool scan_value(struct scanner *scanner, uint32_t node)
{
    bool is_fine;

    skip_blanks(scanner);
    scanner->locate.nodes[node].value_at = scanner->at;
    char c = peek(scanner);
    if (c == '{' || c == '[')
        is_fine = scan_container(scanner, node);
    else if (c == '"')
        is_fine = scan_string(scanner);
    else if (isdigit((unsigned char)c) ||
             (c == '-' && scanner->at + 1 < scanner->locate.size &&
              isdigit((unsigned char)scanner->locate.text[scanner->at + 1])))
        is_fine = scan_number(scanner);
    else if (isalpha((unsigned char)c) || c == '-')
        is_fine = scan_literal(scanner);
    else
        is_fine = unexpected(scanner, "a value");
    scanner->locate.nodes[node].value_end = scanner->at;
    return is_fine;
}

static bool check_bytes(struct scanner *scanner)
{
    const struct locate *locate = &scanner->locate;
    uint32_t length;

    if (locate->size >= 2 &&
        (memcmp(locate->text, "\xFF\xFE", 2) == 0 || memcmp(locate->text, "\xFE\xFF", 2) == 0))
        return fail(scanner, 0, 0, "not UTF-8: this looks like UTF-16");
    if (locate->size >= 3 && memcmp(locate->text, "\xEF\xBB\xBF", 3) == 0) {
        fail(scanner, 0, 0, "the file begins with a byte order mark");
        return hint(scanner, "save it as UTF-8 without one");
    }
    for (uint32_t at = 0; at < locate->size; at += length) {
        length = strict_utf8(locate->text + at, locate->size - at);
        if (length == 0)
            return fail(scanner, at, at + 1, "not UTF-8: the byte 0x%02X",
                        (unsigned char)locate->text[at]);
        if (locate->text[at] == '\0')
            return fail(scanner, at, at + 1, "a NUL byte: this is not a text file");
    }
    return true;
}

static bool scan_text(struct scanner *scanner)
{
    if (!check_bytes(scanner))
        return false;
    skip_blanks(scanner);
    if (is_end(scanner))
        return fail(scanner, 0, 0, "the file is empty");
    if (add_node(scanner, LOCATE_NONE, LOCATE_NONE) == LOCATE_NONE || !scan_value(scanner, 0))
        return false;
    skip_blanks(scanner);
    return is_end(scanner) || unexpected(scanner, "the end of the file");
}

enum locate_result strict_scan(const char *text, size_t size, struct locate *ret_locate,
                               struct locate_fault *ret_fault)
{
    struct scanner scanner = {
        .locate = {.text = text, .size = (uint32_t)size},
        .fault = ret_fault,
    };

    if (scan_text(&scanner)) {
        *ret_locate = scanner.locate;
        return LOCATE_OK;
    }
    free(scanner.locate.nodes);
    return scanner.is_out_of_memory ? LOCATE_NO_MEMORY : LOCATE_SYNTAX;
}

uint32_t strict_character(const char **at)
{
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *text = *at;
    uint32_t high = 0, low = 0;

    if (*text != '\\') {
        uint32_t length = strict_utf8(text, 4);
        *at += length;
        high = length == 1 ? (unsigned char)*text : (unsigned char)*text & (0x7Fu >> length);
        for (uint32_t i = 1; i < length; i++)
            high = high << 6 | ((unsigned char)text[i] & 0x3F);
        return high;
    }
    if (text[1] != 'u') {
        *at += 2;
        return (unsigned char)meanings[strchr(escapes, text[1]) - escapes];
    }
    *at += 6;
    read_hex(text + 2, &high);
    if (high < 0xD800 || high > 0xDFFF)
        return high;
    *at += 6;
    read_hex(text + 8, &low);
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
}
