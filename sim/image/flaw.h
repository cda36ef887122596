#ifndef SIM_IMAGE_FLAW_H
#define SIM_IMAGE_FLAW_H

#include <stdint.h>

#include <openssl/evp.h>

#include "core/err.h"

/* What can be wrong with an image file that is otherwise one of ours; core/image.c refuses each.
 * Up to FLAW_LONG_SIGNATURE the signed bytes are as they were; from there on they are not, and are
 * hashed and signed anew with our key, so that nothing but the flaw can be what is refused; but for
 * FLAW_COUNTER, which is for those who believe an image that they did not verify. */
enum flaw {
    FLAW_NONE,
    FLAW_FORGED,          /* our key's hash, and a signature by another key */
    FLAW_KEY_HASH,        /* our signature, and the hash of another key */
    FLAW_TWO_HASHES,      /* a hash of something else before the right one */
    FLAW_TWO_KEYS,        /* the hash of another key before the right one */
    FLAW_TWO_SIGNATURES,  /* a signature by another key before the right one */
    FLAW_EMPTY_SIGNATURE, /* one of no bytes before the right one */
    FLAW_EXTRA_TLV,       /* an unsigned TLV of a kind that nothing needs */
    FLAW_TLV_MAGIC,       /* the area of the unsigned TLVs begins with another number */
    FLAW_LONG_SIGNATURE,  /* one that is longer than any can be */
    FLAW_TLV_BEYOND,      /* a signed TLV says that it is longer than its area */
    FLAW_TLV_REST,        /* two bytes that are no TLV end the signed ones */
    FLAW_TLV_LONG,        /* a signed security counter of 64 bytes */
    FLAW_TLV_SIZE,        /* the signed area is shorter than the header says */
    FLAW_VENDOR,          /* made for another vendor */
    FLAW_HEADER_PAGE,     /* bytes behind the header, which no device keeps */
    FLAW_MAGIC,           /* the file begins with another number */
    FLAW_HEADER_SIZE,     /* the header says that it is smaller */
    FLAW_LOAD_ADDRESS,    /* the header says that the code runs elsewhere */
    FLAW_FLAGS,           /* the header says that the code is encrypted */
    FLAW_NO_CODE,         /* there is none */
    FLAW_COUNTER,         /* its security counter was raised behind its signature */
    FLAW_COUNT
};

/*
 * A copy of a signed image with this flaw. ours: the key it was signed with; other: another one.
 * The caller frees *ret_bytes.
 *
 * OTA_ERR_FORMAT: not an image, one without the security counter that is to be raised, or a key is
 * no P-256 private key; OTA_ERR_FULL: out of memory.
 */
OTA_MUST_USE enum ota_err flaw_make(enum flaw flaw, const uint8_t *bytes, uint32_t size,
                                    const EVP_PKEY *ours, const EVP_PKEY *other,
                                    uint8_t **ret_bytes, uint32_t *ret_size);

#endif
