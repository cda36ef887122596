#ifndef CORE_ERR_H
#define CORE_ERR_H

#include <stdbool.h>

/*
 * The one error type. A function that can fail returns it and must be checked; results go out
 * through ret_* parameters, which are never written on failure.
 *
 * X(name, text): the text completes "refused: ..." on a console and in a report.
 */
#define OTA_ERR_LIST(X)                                                                            \
    X(OK, "no error")                                                                              \
    X(ERR_FLASH, "the flash reported an error")                                                    \
    X(ERR_ECC, "a double word does not match its ECC")                                             \
    X(ERR_BOUNDS, "outside the flash, or not aligned")                                             \
    X(ERR_FULL, "no room")                                                                         \
    X(ERR_NOT_FOUND, "not found")                                                                  \
    X(ERR_CORRUPT, "damaged on the medium")                                                        \
    X(ERR_FORMAT, "malformed")                                                                     \
    X(ERR_LIMIT, "a fixed limit was reached")                                                      \
    X(ERR_SIZE, "larger than the slot")                                                            \
    X(ERR_HASH, "content does not match its hash")                                                 \
    X(ERR_SIGNATURE, "signature missing or wrong")                                                 \
    X(ERR_KEY, "signed by another key")                                                            \
    X(ERR_PRODUCT, "made for another product")                                                     \
    X(ERR_COUNTER, "below the security counter")                                                   \
    X(ERR_VERSION, "the signed version is not the announced one")                                  \
    X(ERR_FAILED_BEFORE, "this image failed before")                                               \
    X(ERR_NOTHING_NEW, "nothing newer")                                                            \
    X(ERR_STATE, "not possible in this state")                                                     \
    X(ERR_NET, "the network failed")                                                               \
    X(ERR_TLS, "the server is not trusted")                                                        \
    X(ERR_HTTP, "the server did not answer as it should")                                          \
    X(ERR_TIMEOUT, "ran out of time")                                                              \
    X(ERR_CHANGED, "the file changed on the server")                                               \
    X(ERR_ABORTED, "aborted on request")                                                           \
    X(ERR_UNKNOWN, "unknown error")

enum ota_err {
#define X(name, text) OTA_##name,
    OTA_ERR_LIST(X)
#undef X
};

#define OTA_MUST_USE __attribute__((warn_unused_result))

/* Whether it says something of the image itself, and not of the flash or the moment. */
bool err_is_verdict(enum ota_err err);

/* Give up a result on purpose; the comment there says why that is right. */
static inline void err_ignore(enum ota_err err)
{
    (void)err;
}

/* Symbol of an error ("OTA_ERR_HASH"); "OTA_ERR_UNKNOWN" for a number outside the list. */
const char *err_name(enum ota_err err);

/* One clause for people ("content does not match its hash"). */
const char *err_text(enum ota_err err);

#endif
