#include "sim/server/server_answer.h"

#include <string.h>

#define SEGMENT_SIZE   4096 /* bytes that are there at a time */
#define RESET_LOSES    1460 /* a segment was under way, and nobody acknowledges it now */
#define REDIRECTS_MAX  5
#define DEEP_LEVELS    1000
#define HTTP_OK        200
#define HTTP_PARTIAL   206
#define HTTP_NOT_FOUND 404
#define HTTP_BAD_RANGE 416

static const char html[] = "<!DOCTYPE html>\n"
                           "<html><head><title>Welcome to our network</title></head>\n"
                           "<body><form action=\"/login\" method=\"post\">\n"
                           "<p>Please accept our terms to use the Internet.</p>\n"
                           "<input type=\"submit\" value=\"I accept\">\n"
                           "</form></body></html>\n";

static const char deep_head[] = "{\"ota\": ", deep_tail[] = "}\n";

struct making {
    const struct server *server;
    struct server_memory *memory;
    struct server_answer *answer;
    const struct transport_request *request;
    const char *path;
    const char *validator; /* of what is sent; "": none */
    uint64_t whole;        /* bytes that a percentage is of */
};

static const struct server_file *find(const struct server *server, const char *path)
{
    for (uint32_t i = 0; i < server->count; i++)
        if (strcmp(server->files[i].path, path) == 0)
            return &server->files[i];
    return NULL;
}

/* Does it hit this request, which is one that it could change? */
static bool hits(struct making *making, uint32_t index)
{
    const struct scenario_fault *fault = &making->server->faults[index];
    bool is_manifest = strcmp(making->path, SERVER_MANIFEST) == 0;

    if (fault->on != FAULT_ON_ANY && is_manifest != (fault->on == FAULT_ON_MANIFEST))
        return false;
    uint32_t number = making->memory->seen[index]++;
    return number >= fault->skip && (!fault->times || number - fault->skip < fault->times);
}

static void fire(struct making *making, uint32_t index)
{
    making->memory->fired |= 1u << index;
}

/* --- faults that leave nothing of the answer -------------------------------------------------- */

static bool is_total(const struct scenario_fault *fault)
{
    return fault->kind == FAULT_DOWN || fault->kind == FAULT_CLOSE_EARLY ||
           fault->kind == FAULT_UNTRUSTED || fault->kind == FAULT_STATUS ||
           (fault->kind == FAULT_REDIRECT && fault->value > REDIRECTS_MAX);
}

static void apply_total(struct server_answer *answer, const struct scenario_fault *fault)
{
    if (fault->kind == FAULT_STATUS) {
        answer->response.status = (uint16_t)fault->value;
        answer->response.has_length = true;
        answer->response.retry_after_s = fault->retry_after_s;
    } else if (fault->kind == FAULT_UNTRUSTED) {
        answer->failure = OTA_ERR_TLS;
    } else {
        answer->failure = fault->kind == FAULT_REDIRECT ? OTA_ERR_HTTP : OTA_ERR_NET;
        answer->is_refused = fault->kind == FAULT_DOWN;
    }
}

static bool has_nothing_left(struct making *making)
{
    for (uint32_t i = 0; i < making->server->fault_count; i++) {
        const struct scenario_fault *fault = &making->server->faults[i];
        if (!is_total(fault) || !hits(making, i))
            continue;
        fire(making, i);
        apply_total(making->answer, fault);
        return true;
    }
    return false;
}

/* --- what is sent ----------------------------------------------------------------------------- */

/* What the body is with this fault; CONTENT_FILE: the fault is about something else. */
static enum server_content content_of(enum fault_kind kind)
{
    switch ((int)kind) {
    case FAULT_CHANGED:
        return CONTENT_CHANGED;
    case FAULT_GARBAGE:
        return CONTENT_NOISE;
    case FAULT_HTML:
    case FAULT_EMPTY: /* of which nothing is sent */
        return CONTENT_HTML;
    case FAULT_DEEP:
        return CONTENT_DEEP;
    case FAULT_ENDLESS:
        return CONTENT_ENDLESS;
    default:
        return CONTENT_FILE;
    }
}

static uint64_t size_of(const struct server_answer *answer, enum fault_kind kind)
{
    switch ((int)kind) {
    case FAULT_EMPTY:
        return 0;
    case FAULT_HTML:
        return sizeof html - 1;
    case FAULT_DEEP:
        return sizeof deep_head - 1 + 2 * DEEP_LEVELS + sizeof deep_tail - 1;
    case FAULT_ENDLESS:
        return SERVER_ANSWER_ENDLESS;
    default:
        return answer->file->size;
    }
}

static void cut_short(struct server_answer *answer, uint32_t fewer)
{
    answer->size -= answer->size < fewer ? answer->size : fewer;
}

static void choose_content(struct making *making)
{
    struct server_answer *answer = making->answer;

    answer->size = answer->file->size;
    making->validator = answer->file->validator;
    for (uint32_t i = 0; i < making->server->fault_count; i++) {
        enum fault_kind kind = making->server->faults[i].kind;
        bool is_other = content_of(kind) != CONTENT_FILE;
        if (is_other && answer->content == CONTENT_FILE && hits(making, i)) {
            fire(making, i);
            answer->content = content_of(kind);
            answer->size = size_of(answer, kind);
            if (kind == FAULT_CHANGED)
                making->validator = "\"changed\"";
            else if (kind != FAULT_GARBAGE)
                making->validator = "";
        } else if (kind == FAULT_SHORTER && answer->content == CONTENT_FILE && hits(making, i)) {
            fire(making, i);
            cut_short(answer, making->server->faults[i].value);
        } else if ((kind == FAULT_NO_VALIDATOR || kind == FAULT_ONE_ETAG) && hits(making, i)) {
            fire(making, i);
            making->validator = kind == FAULT_ONE_ETAG ? "\"one\"" : "";
        }
    }
}

/* --- which part of it ------------------------------------------------------------------------- */

/* Does a fault of this kind hit the request? */
static bool strikes(struct making *making, enum fault_kind kind)
{
    for (uint32_t i = 0; i < making->server->fault_count; i++)
        if (making->server->faults[i].kind == kind && hits(making, i)) {
            fire(making, i);
            return true;
        }
    return false;
}

static bool is_range_wanted(struct making *making)
{
    const struct transport_request *request = making->request;
    enum server_content content = making->answer->content;
    bool has_parts =
        content == CONTENT_FILE || content == CONTENT_CHANGED || content == CONTENT_NOISE;

    if (!has_parts || !making->answer->size)
        return false;
    if (!request->range_from)
        return strikes(making, FAULT_ANY_RANGE);
    if (request->validator && request->validator[0] &&
        strcmp(request->validator, making->validator) != 0)
        return strikes(making, FAULT_NO_IF_RANGE);
    return true;
}

/* A part that ends too early, or behind the end of the file. */
static void end_elsewhere(struct making *making)
{
    struct server_answer *answer = making->answer;

    for (uint32_t i = 0; i < making->server->fault_count; i++) {
        const struct scenario_fault *fault = &making->server->faults[i];
        bool is_long = fault->kind == FAULT_LONG_RANGE;
        if ((!is_long && fault->kind != FAULT_SHORT_RANGE) || !hits(making, i))
            continue;
        fire(making, i);
        if (is_long) {
            answer->size += fault->value;
            answer->content = CONTENT_ENDLESS;
            answer->response.range_total = 0;
        } else if (answer->size > fault->value) {
            answer->size = fault->value;
        }
    }
}

/* Does the server send a range at all, and from where? */
static bool chooses_range(struct making *making, uint64_t *start)
{
    for (uint32_t i = 0; i < making->server->fault_count; i++) {
        const struct scenario_fault *fault = &making->server->faults[i];
        bool is_about_ranges = fault->kind == FAULT_NO_RANGE || fault->kind == FAULT_WRONG_RANGE;
        if (!is_about_ranges || !hits(making, i))
            continue;
        fire(making, i);
        if (fault->kind == FAULT_NO_RANGE)
            return false;
        *start -= *start < fault->value ? *start : fault->value;
    }
    return true;
}

static void choose_range(struct making *making)
{
    struct server_answer *answer = making->answer;
    struct transport_response *response = &answer->response;
    uint64_t start = making->request->range_from, total = answer->size;

    response->status = HTTP_OK;
    if (!is_range_wanted(making))
        return;
    if (start >= total) {
        response->status = HTTP_BAD_RANGE;
        answer->size = 0;
    } else if (strikes(making, FAULT_BARE_RANGE)) {
        response->status = HTTP_PARTIAL;
    } else if (chooses_range(making, &start)) {
        response->status = HTTP_PARTIAL;
        response->has_range = true;
        response->range_from = answer->start = start;
        response->range_total = total;
        answer->size = total - start;
        end_elsewhere(making);
    }
}

/* --- how it is sent --------------------------------------------------------------------------- */

/* What the headers say of a body that is sent as it is. */
static void describe(struct making *making)
{
    struct server_answer *answer = making->answer;
    struct transport_response *response = &answer->response;

    memcpy(response->validator, making->validator, strlen(making->validator) + 1);
    response->has_length = answer->size != SERVER_ANSWER_ENDLESS;
    response->length = response->has_length ? answer->size : 0;
}

/* A length that contradicts the range is seen below the seam: then there is no range. */
static void lengthen(struct server_answer *answer, uint32_t more)
{
    struct transport_response *response = &answer->response;

    if (!response->has_length)
        return;
    response->length += more;
    response->has_range = false;
    response->range_from = response->range_total = 0;
    answer->ending = OTA_ERR_NET;
}

static void apply_whole(struct making *making, const struct scenario_fault *fault)
{
    struct server_answer *answer = making->answer;

    switch ((int)fault->kind) {
    case FAULT_WRONG_LENGTH:
        lengthen(answer, fault->value);
        break;
    case FAULT_NO_LENGTH:
        answer->response.has_length = false;
        answer->response.length = 0;
        answer->ending = OTA_OK;
        break;
    case FAULT_RATE:
        answer->rate = fault->value;
        break;
    case FAULT_CHUNK:
        answer->segment = fault->value < SEGMENT_SIZE ? fault->value : SEGMENT_SIZE;
        break;
    default: /* a few redirects, which are followed below the seam */
        break;
    }
}

static void end_at(struct server_answer *answer, uint64_t at, enum ota_err ending)
{
    if (at >= answer->size)
        return;
    answer->size = at;
    answer->ending = ending;
}

/* Where it takes effect it fires, when that byte is reached. */
static void apply_at(struct making *making, const struct scenario_fault *fault, uint32_t index)
{
    struct server_answer *answer = making->answer;
    uint64_t at = fault->at_is_percent ? making->whole * fault->at / 100 : fault->at;

    if (at >= answer->size && !(fault->kind == FAULT_STALL && at == 0))
        return;
    if (fault->kind == FAULT_TRUNCATE) {
        end_at(answer, at, answer->response.has_length ? OTA_ERR_NET : OTA_OK);
    } else if (fault->kind == FAULT_RESET_AFTER) {
        at -= at < RESET_LOSES ? at : RESET_LOSES;
        end_at(answer, at, OTA_ERR_NET);
    } else if (fault->kind == FAULT_STALL) {
        answer->stall_at = at;
        answer->stall_ms = fault->value;
    } else {
        answer->flips |= 1u << index;
        at++; /* that byte has gone */
    }
    answer->waiting |= 1u << index;
    answer->at[index] = at;
}

static bool is_about_whole(const struct scenario_fault *fault)
{
    return fault->kind == FAULT_WRONG_LENGTH || fault->kind == FAULT_NO_LENGTH ||
           fault->kind == FAULT_RATE || fault->kind == FAULT_CHUNK ||
           (fault->kind == FAULT_REDIRECT && !is_total(fault));
}

static bool is_about_place(const struct scenario_fault *fault)
{
    return fault->kind == FAULT_TRUNCATE || fault->kind == FAULT_RESET_AFTER ||
           fault->kind == FAULT_STALL || fault->kind == FAULT_FLIP_BIT;
}

static void choose_sending(struct making *making)
{
    const struct server *server = making->server;
    const struct server_answer *answer = making->answer;

    making->whole = answer->size == SERVER_ANSWER_ENDLESS ? answer->file->size : answer->size;
    for (uint32_t i = 0; i < server->fault_count; i++)
        if (is_about_whole(&server->faults[i]) && hits(making, i)) {
            fire(making, i);
            apply_whole(making, &server->faults[i]);
        }
    for (uint32_t i = 0; i < server->fault_count; i++)
        if (is_about_place(&server->faults[i]) && hits(making, i))
            apply_at(making, &server->faults[i], i);
}

void server_answer_make(const struct server *server, struct server_memory *memory, const char *path,
                        const struct transport_request *request, struct server_answer *ret_answer)
{
    struct server_answer *answer = ret_answer;
    struct making making = {server, memory, answer, request, path, "", 0};

    *answer = (struct server_answer){.segment = SEGMENT_SIZE};
    if (has_nothing_left(&making))
        return;
    answer->file = find(server, path);
    if (!answer->file) {
        answer->response.status = HTTP_NOT_FOUND;
        answer->response.has_length = true;
        return;
    }
    choose_content(&making);
    choose_range(&making);
    describe(&making);
    if (answer->response.status != HTTP_BAD_RANGE)
        choose_sending(&making);
}

/* --- as time goes by -------------------------------------------------------------------------- */

static uint64_t sent_after(const struct server_answer *answer, uint64_t ms)
{
    return answer->rate ? ms / 1000 * answer->rate + ms % 1000 * answer->rate / 1000
                        : SERVER_ANSWER_ENDLESS;
}

bool server_answer_is_known(const struct server_answer *answer, uint64_t ms)
{
    return !answer->failure && (answer->stall_at > 0 || ms >= answer->stall_ms);
}

uint64_t server_answer_arrived(const struct server_answer *answer, uint64_t ms)
{
    uint64_t sent = sent_after(answer, ms);

    if (answer->stall_ms && sent > answer->stall_at) {
        uint64_t later = ms >= answer->stall_ms ? sent_after(answer, ms - answer->stall_ms) : 0;
        sent = later > answer->stall_at ? later : answer->stall_at;
    }
    return sent < answer->size ? sent : answer->size;
}

/* --- bytes ------------------------------------------------------------------------------------ */

static uint8_t noise(uint64_t offset)
{
    uint64_t state = (offset + 1) * 0x9E3779B97F4A7C15u;

    return (uint8_t)((state ^ state >> 29) * 0xBF58476D1CE4E5B9u >> 56);
}

static uint8_t deep_byte(uint64_t offset)
{
    const uint64_t head = sizeof deep_head - 1;

    if (offset < head)
        return (uint8_t)deep_head[offset];
    if (offset < head + 2 * DEEP_LEVELS)
        return offset < head + DEEP_LEVELS ? '[' : ']';
    return (uint8_t)deep_tail[offset - head - 2 * DEEP_LEVELS];
}

static uint8_t byte_of(const struct server_answer *answer, uint64_t offset)
{
    switch (answer->content) {
    case CONTENT_CHANGED:
        return (uint8_t)~answer->file->bytes[offset];
    case CONTENT_NOISE:
        return noise(offset);
    case CONTENT_HTML:
        return (uint8_t)html[offset];
    case CONTENT_DEEP:
        return deep_byte(offset);
    case CONTENT_ENDLESS:
        return offset < answer->file->size ? answer->file->bytes[offset] : ' ';
    case CONTENT_FILE:
        break;
    }
    return answer->file->bytes[offset];
}

void server_answer_read(const struct server_answer *answer, uint64_t offset, uint8_t *data,
                        uint32_t size)
{
    if (!size)
        return;
    if (answer->content == CONTENT_FILE)
        memcpy(data, answer->file->bytes + answer->start + offset, size);
    else
        for (uint32_t i = 0; i < size; i++)
            data[i] = byte_of(answer, answer->start + offset + i);
    for (uint32_t flips = answer->flips, i = 0; flips; flips >>= 1, i++)
        if (flips & 1 && answer->at[i] > offset && answer->at[i] <= offset + size)
            data[answer->at[i] - 1 - offset] ^= 0x04;
}

void server_answer_reach(struct server_answer *answer, struct server_memory *memory,
                         uint64_t offset)
{
    for (uint32_t i = 0; i < SCENARIO_FAULTS_MAX && answer->waiting; i++)
        if (answer->waiting >> i & 1 && offset >= answer->at[i]) {
            answer->waiting &= ~(1u << i);
            memory->fired |= 1u << i;
        }
}
