#include "sim/explore/chip_memo.h"

#include <stdlib.h>
#include <string.h>

#include "core/image.h"
#include "sim/image/elf.h"

enum { V0 = 2, A1 = 5, A2 = 6, A3 = 7, SP = 29, RA = 31 }; /* the o32 calling convention */

#define FIFTH_ARGUMENT 16 /* from the stack pointer */

void chip_memo_find(const uint8_t *bytes, uint32_t size, struct chip_memo_functions *ret_functions)
{
    *ret_functions = (struct chip_memo_functions){0, 0};
    (void)elf_find_symbol(bytes, size, "sha256_update", &ret_functions->sha256_update);
    (void)elf_find_symbol(bytes, size, "p256_verify", &ret_functions->p256_verify);
}

enum ota_err chip_memo_init(struct chip_memo *memo, struct chip *chip,
                            const struct chip_memo_functions *functions)
{
    *memo = (struct chip_memo){.functions = *functions};
    memo->answers = malloc(CHIP_MEMO_ANSWERS * sizeof *memo->answers);
    if (!memo->answers)
        return OTA_ERR_FULL;
    if (functions->sha256_update)
        code_set_breakpoint(&chip->bus.code, functions->sha256_update);
    if (functions->p256_verify)
        code_set_breakpoint(&chip->bus.code, functions->p256_verify);
    return OTA_OK;
}

void chip_memo_free(struct chip_memo *memo)
{
    key_map_free(&memo->known);
    free(memo->answers);
    *memo = (struct chip_memo){0};
}

/* --- questions ------------------------------------------------------------------------------- */

/* Through KSEG0 and KSEG1 it is the same place. */
static bool is_at(const struct chip *chip, uint32_t address)
{
    return address && ((chip->state.cpu.pc ^ address) & 0x1FFFFFFF) == 0;
}

bool chip_memo_is_at(const struct chip_memo *memo, const struct chip *chip)
{
    return is_at(chip, memo->functions.sha256_update) || is_at(chip, memo->functions.p256_verify);
}

/* p256_verify(crypto, key, digest, signature, size). false: a pointer of it leads nowhere. */
static bool read_verify(const struct chip *chip, struct key *ret_question)
{
    const uint32_t *gpr = chip->state.cpu.gpr;
    struct {
        uint32_t size;
        uint8_t key[CRYPTO_KEY_SIZE], digest[CRYPTO_SHA256_SIZE], signature[CRYPTO_SIG_MAX];
    } asked;

    memset(&asked, 0, sizeof asked);
    if (!bus_peek(&chip->bus, gpr[SP] + FIFTH_ARGUMENT, &asked.size, 4) ||
        asked.size > CRYPTO_SIG_MAX ||
        !bus_peek(&chip->bus, gpr[A1], asked.key, sizeof asked.key) ||
        !bus_peek(&chip->bus, gpr[A2], asked.digest, sizeof asked.digest) ||
        !bus_peek(&chip->bus, gpr[A3], asked.signature, asked.size))
        return false;
    *ret_question = key_of(&asked, sizeof asked, 21);
    return true;
}

/* sha256_update(crypto, hash, data, size). */
static bool read_update(const struct chip *chip, struct key *ret_question)
{
    const uint32_t *gpr = chip->state.cpu.gpr;
    struct {
        struct crypto_sha256 hash;
        uint8_t data[IMAGE_BUFFER_SIZE];
    } asked;
    uint32_t size = gpr[A3];

    if (size > sizeof asked.data ||
        !bus_peek(&chip->bus, gpr[A1], &asked.hash, sizeof asked.hash) ||
        !bus_peek(&chip->bus, gpr[A2], asked.data, size))
        return false;
    *ret_question = key_of(&asked, sizeof asked.hash + size, 22 + (uint64_t)size);
    return true;
}

/* --- answers --------------------------------------------------------------------------------- */

/* The function to its return. Whatever else ends chip_run() is told. */
static enum chip_end run_function(struct chip *chip)
{
    uint32_t back = chip->state.cpu.gpr[RA];
    enum chip_end end = chip_step(chip);

    if (end != CHIP_STEPPED || !code_set_breakpoint(&chip->bus.code, back))
        return end;
    end = chip_run(chip);
    code_clear_breakpoint(&chip->bus.code, back);
    return end == CHIP_BREAKPOINT && is_at(chip, back) ? CHIP_STEPPED : end;
}

static void remember(struct chip_memo *memo, struct key question,
                     const struct chip_memo_answer *answer)
{
    if (memo->count == CHIP_MEMO_ANSWERS) {
        key_map_clear(&memo->known);
        memo->count = 0;
    }
    key_map_add(&memo->known, question, memo->count);
    memo->answers[memo->count++] = *answer;
}

static enum chip_end give(struct chip *chip, const struct chip_memo_answer *answer, bool is_update)
{
    struct cpu *cpu = &chip->state.cpu;

    if (is_update)
        (void)bus_poke(&chip->bus, cpu->gpr[A1], &answer->hash, sizeof answer->hash);
    cpu->gpr[V0] = answer->result;
    cpu->pc = cpu->gpr[RA];
    cpu_skip(cpu, answer->cycles);
    return CHIP_STEPPED;
}

enum chip_end chip_memo_call(struct chip_memo *memo, struct chip *chip)
{
    const struct cpu *cpu = &chip->state.cpu;
    bool is_update = is_at(chip, memo->functions.sha256_update);
    uint64_t started = cpu->now;
    uint32_t at = cpu->gpr[A1];
    struct chip_memo_answer answer = {0};
    struct key question;

    if (!(is_update ? read_update : read_verify)(chip, &question))
        return chip_step(chip);
    uint32_t known = key_map_find(&memo->known, question);
    if (known != KEY_MAP_NONE)
        return give(chip, &memo->answers[known], is_update);
    enum chip_end end = run_function(chip);
    if (end != CHIP_STEPPED)
        return end;
    answer.cycles = cpu->now - started;
    answer.result = cpu->gpr[V0];
    if (!is_update || bus_peek(&chip->bus, at, &answer.hash, sizeof answer.hash))
        remember(memo, question, &answer);
    return CHIP_STEPPED;
}
