#ifndef SIM_EXPLORE_CHIP_MEMO_H
#define SIM_EXPLORE_CHIP_MEMO_H

#include "core/crypto.h"
#include "sim/explore/key_map.h"
#include "sim/pic32/chip.h"

/*
 * What the firmware's crypto answers is remembered, as sim/device/crypto_memo.h does for the PC: a
 * call of such a function depends on its arguments and what they point to, and on nothing else. The
 * first time it is run, by the firmware's own code; a call with the same question then has the
 * answer at once, and the time that it took has passed.
 */
#define CHIP_MEMO_ANSWERS 4096

/* Where these functions begin (hal_pic32/crypto_bearssl.c); 0: not known, each call is run. */
struct chip_memo_functions {
    uint32_t sha256_update, p256_verify;
};

struct chip_memo_answer {
    uint64_t cycles;
    uint32_t result;
    struct crypto_sha256 hash; /* of sha256_update(): what the running hash is then */
};

struct chip_memo {
    struct chip_memo_functions functions;
    struct key_map known; /* answers by their questions */
    struct chip_memo_answer *answers;
    uint32_t count;
};

/* The functions in an ELF file; none in another. */
void chip_memo_find(const uint8_t *bytes, uint32_t size, struct chip_memo_functions *ret_functions);

/* Sets breakpoints of the chip. OTA_ERR_FULL: no memory; nothing to free then. */
OTA_MUST_USE enum ota_err chip_memo_init(struct chip_memo *memo, struct chip *chip,
                                         const struct chip_memo_functions *functions);
void chip_memo_free(struct chip_memo *memo);

/* The chip is at a breakpoint: at one of these functions? */
bool chip_memo_is_at(const struct chip_memo *memo, const struct chip *chip);

/* The call, to its return: CHIP_STEPPED. Another end than that is what came in between. */
enum chip_end chip_memo_call(struct chip_memo *memo, struct chip *chip);

#endif
