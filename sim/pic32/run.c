#include "sim/pic32/run.h"

#include <string.h>

#include "sim/pic32/decode.h"
#include "sim/pic32/long_way.h"

/* Labels as values are what makes an interpreter of this kind fast; gcc and clang have them. */
#pragma GCC diagnostic ignored "-Wpedantic"

/*
 * Where the run is. A jump copies the instruction of its delay slot to slot[0] and goes on there;
 * slot[1] then goes to the target. A step is done the same way, as if behind a jump.
 */
struct runner {
    struct cpu *cpu;
    struct bus *bus;
    struct code_view view;
    struct op slot[2];
    const struct op *jump; /* the one before slot[0] */
    const struct op *block;
    uint64_t block_now; /* when the instruction at block begins */
    bool is_step;
};

static uint32_t address_of(const struct runner *at, const struct op *op)
{
    return at->view.base + (uint32_t)(op - at->view.ops) * 4;
}

/* Tell the rest of the world which instruction is being executed, and when. */
static void sync(struct runner *at, const struct op *op)
{
    bool is_in_slot = op == at->slot;
    const struct op *real = is_in_slot ? at->jump + 1 : op;

    at->cpu->pc = address_of(at, real);
    at->cpu->now = at->block_now + (uint64_t)(real - at->block);
    at->cpu->is_in_slot = is_in_slot && !at->is_step;
}

/* Decode the instruction at op; not LONG_WAY_NEXT: there is none. */
static enum long_way decode_at(struct runner *at, struct op *op)
{
    uint32_t word, address = address_of(at, op);
    enum bus_result result = bus_fetch(at->bus, address, &word);

    if (result)
        return long_way_fetch_failed(at->cpu, result);
    code_note(&at->bus->code, at->view.memory, address - at->view.base);
    *op = decode(word);
    return LONG_WAY_NEXT;
}

/* Find the memory of cpu->pc; not LONG_WAY_NEXT: there is none. */
static enum long_way enter(struct runner *at)
{
    struct cpu *cpu = at->cpu;
    uint32_t word;

    if (cpu->pc & 3)
        return long_way_fetch_failed(cpu, BUS_MISALIGNED);
    if (cpu->pc - at->view.base < at->view.size)
        return LONG_WAY_NEXT;
    at->view = code_find(&at->bus->code, cpu->pc);
    return at->view.ops ? LONG_WAY_NEXT
                        : long_way_fetch_failed(cpu, bus_fetch(at->bus, cpu->pc, &word));
}

static bool may_be_slot(uint32_t code)
{
    return code - OP_NOP < OP_FIRST_JUMPING - OP_NOP;
}

/* The delay slot of the jump at op holds something that cannot simply be copied. */
static enum long_way prepare_slot(struct runner *at, struct op *op)
{
    struct op *behind = op + 1;

    at->slot[0] = *behind;
    if (behind->code == OP_NONE || behind->code == OP_BREAKPOINT) {
        sync(at, op);
        at->cpu->pc += 4;
        at->cpu->is_in_slot = true;
        enum long_way how = decode_at(at, behind);
        if (how)
            return how;
        at->slot[0] = *behind;
        if (code_has_breakpoint(&at->bus->code, at->cpu->pc))
            behind->code = OP_BREAKPOINT;
    }
    if (!may_be_slot(at->slot[0].code)) {
        sync(at, op);
        bus_stop(at->bus, "no instruction that may stand in the delay slot of 0x%08X", at->cpu->pc);
        return LONG_WAY_STOP;
    }
    return LONG_WAY_NEXT;
}

/* Not decoded yet. */
static enum long_way meet(struct runner *at, struct op *op)
{
    sync(at, op);
    code_note(&at->bus->code, at->view.memory, at->cpu->pc - at->view.base);
    if (code_has_breakpoint(&at->bus->code, at->cpu->pc)) {
        *op = (struct op){.code = OP_BREAKPOINT};
        return LONG_WAY_NEXT;
    }
    return decode_at(at, op);
}

/* Why the threaded code was left. */
enum leave {
    LEAVE_PC, /* go on at cpu->pc, after a look at the time */
    LEAVE_STOPPED,
    LEAVE_BREAKPOINT,
    LEAVE_STEPPED,
};

static enum leave meet_end(struct runner *at, const struct op *op)
{
    sync(at, op);
    bus_stop(at->bus, "ran out of the memory in front of 0x%08X", at->cpu->pc);
    return LEAVE_STOPPED;
}

static void divide(struct cpu *cpu, int32_t left, int32_t right)
{
    /* What the chip does then is undefined; this is what is common. */
    if (right == 0 || (left == INT32_MIN && right == -1))
        right = 1;
    cpu->lo = (uint32_t)(left / right);
    cpu->hi = (uint32_t)(left % right);
}

static void divide_unsigned(struct cpu *cpu, uint32_t left, uint32_t right)
{
    if (right == 0)
        right = 1;
    cpu->lo = left / right;
    cpu->hi = left % right;
}

static void set_accumulator(struct cpu *cpu, uint64_t value)
{
    cpu->lo = (uint32_t)value;
    cpu->hi = (uint32_t)(value >> 32);
}

static uint64_t accumulator(const struct cpu *cpu)
{
    return (uint64_t)cpu->hi << 32 | cpu->lo;
}

static uint64_t product(uint32_t left, uint32_t right)
{
    return (uint64_t)((int64_t)(int32_t)left * (int32_t)right);
}

static uint32_t rotate(uint32_t value, uint32_t by)
{
    return value >> (by & 31) | value << (-by & 31);
}

static uint32_t arithmetic(uint32_t value, uint32_t by)
{
    return (uint32_t)((int32_t)value >> (by & 31));
}

static uint32_t leading_zeros(uint32_t value)
{
    return value ? (uint32_t)__builtin_clz(value) : 32;
}

static uint32_t swap_in_halves(uint32_t value)
{
    return (value & 0x00FF00FFu) << 8 | (value >> 8 & 0x00FF00FFu);
}

static uint32_t field_mask(uint32_t size)
{
    return 0xFFFFFFFFu >> (32 - size);
}

static uint32_t insert(uint32_t into, uint32_t value, uint32_t low, uint32_t size)
{
    uint32_t mask = field_mask(size) << low;

    return (into & ~mask) | (value << low & mask);
}

#define RD  gpr[op->d]
#define RS  gpr[op->s]
#define RT  gpr[op->t]
#define SRS ((int32_t)RS)
#define SRT ((int32_t)RT)
#define IMM op->imm

#define RUN_PLAIN(X)                                                                               \
    X(NOP, (void)0)                                                                                \
    X(ADDU, RD = RS + RT)                                                                          \
    X(SUBU, RD = RS - RT)                                                                          \
    X(AND, RD = RS & RT)                                                                           \
    X(OR, RD = RS | RT)                                                                            \
    X(XOR, RD = RS ^ RT)                                                                           \
    X(NOR, RD = ~(RS | RT))                                                                        \
    X(SLT, RD = SRS < SRT)                                                                         \
    X(SLTU, RD = RS < RT)                                                                          \
    X(MOVZ, RD = RT ? RD : RS)                                                                     \
    X(MOVN, RD = RT ? RS : RD)                                                                     \
    X(SLL, RD = RT << IMM)                                                                         \
    X(SRL, RD = RT >> IMM)                                                                         \
    X(SRA, RD = arithmetic(RT, IMM))                                                               \
    X(ROTR, RD = rotate(RT, IMM))                                                                  \
    X(SLLV, RD = RT << (RS & 31))                                                                  \
    X(SRLV, RD = RT >> (RS & 31))                                                                  \
    X(SRAV, RD = arithmetic(RT, RS))                                                               \
    X(ROTRV, RD = rotate(RT, RS))                                                                  \
    X(ADDIU, RD = RS + IMM)                                                                        \
    X(ANDI, RD = RS & IMM)                                                                         \
    X(ORI, RD = RS | IMM)                                                                          \
    X(XORI, RD = RS ^ IMM)                                                                         \
    X(SLTI, RD = SRS < (int32_t)IMM)                                                               \
    X(SLTIU, RD = RS < IMM)                                                                        \
    X(LUI, RD = IMM)                                                                               \
    X(CLZ, RD = leading_zeros(RS))                                                                 \
    X(CLO, RD = leading_zeros(~RS))                                                                \
    X(SEB, RD = (uint32_t)(int8_t)RT)                                                              \
    X(SEH, RD = (uint32_t)(int16_t)RT)                                                             \
    X(WSBH, RD = swap_in_halves(RT))                                                               \
    X(EXT, RD = RS >> op->t & field_mask(IMM))                                                     \
    X(INS, RD = insert(RD, RS, op->t, IMM))                                                        \
    X(MUL, RD = RS * RT)                                                                           \
    X(MULT, set_accumulator(at->cpu, product(RS, RT)))                                             \
    X(MULTU, set_accumulator(at->cpu, (uint64_t)RS *RT))                                           \
    X(MADD, set_accumulator(at->cpu, accumulator(at->cpu) + product(RS, RT)))                      \
    X(MADDU, set_accumulator(at->cpu, accumulator(at->cpu) + (uint64_t)RS * RT))                   \
    X(MSUB, set_accumulator(at->cpu, accumulator(at->cpu) - product(RS, RT)))                      \
    X(MSUBU, set_accumulator(at->cpu, accumulator(at->cpu) - (uint64_t)RS * RT))                   \
    X(DIV, divide(at->cpu, SRS, SRT))                                                              \
    X(DIVU, divide_unsigned(at->cpu, RS, RT))                                                      \
    X(MFHI, RD = at->cpu->hi)                                                                      \
    X(MFLO, RD = at->cpu->lo)                                                                      \
    X(MTHI, at->cpu->hi = RS)                                                                      \
    X(MTLO, at->cpu->lo = RS)

/* Plain memory here, everything else by the long way. */
#define RUN_LOADS(X)                                                                               \
    X(LB, int8_t)                                                                                  \
    X(LBU, uint8_t)                                                                                \
    X(LH, int16_t)                                                                                 \
    X(LHU, uint16_t)                                                                               \
    X(LW, uint32_t)

#define RUN_STORES(X)                                                                              \
    X(SB, uint8_t)                                                                                 \
    X(SH, uint16_t)                                                                                \
    X(SW, uint32_t)

#define HERE address_of(at, op)
#define LINK gpr[31] = HERE + 8

/* When it is taken; the others, "likely", leave the delay slot out when they are not. */
#define RUN_BRANCHES(X)                                                                            \
    X(BEQ, RS == RT)                                                                               \
    X(BNE, RS != RT)                                                                               \
    X(BLEZ, SRS <= 0)                                                                              \
    X(BGTZ, SRS > 0)                                                                               \
    X(BLTZ, SRS < 0)                                                                               \
    X(BGEZ, SRS >= 0)

#define RUN_LIKELY(X)                                                                              \
    X(BEQL, RS == RT)                                                                              \
    X(BNEL, RS != RT)                                                                              \
    X(BLEZL, SRS <= 0)                                                                             \
    X(BGTZL, SRS > 0)                                                                              \
    X(BLTZL, SRS < 0)                                                                              \
    X(BGEZL, SRS >= 0)

#define RUN_JUMPS(X)                                                                               \
    X(BLTZAL, is_taken = SRS < 0; LINK; target = HERE + (is_taken ? IMM : 8))                      \
    X(BGEZAL, is_taken = SRS >= 0; LINK; target = HERE + (is_taken ? IMM : 8))                     \
    X(BLTZALL, is_taken = SRS < 0; LINK; if (!is_taken) goto leave_out; target = HERE + IMM)       \
    X(BGEZALL, is_taken = SRS >= 0; LINK; if (!is_taken) goto leave_out; target = HERE + IMM)      \
    X(J, target = ((HERE + 4) & 0xF0000000) | IMM)                                                 \
    X(JAL, target = ((HERE + 4) & 0xF0000000) | IMM; LINK)                                         \
    X(JR, target = RS)                                                                             \
    X(JALR, target = RS; RD = HERE + 8)

#define RUN_LONG(X)                                                                                \
    OP_TRAPPING(X)                                                                                 \
    OP_SYSTEM(X) X(LL) X(LWL) X(LWR) X(SC) X(SWL) X(SWR) X(CACHE) X(SYNCI) X(ERET)

#define GO_ON goto *labels[op->code]
#define GO_NEXT                                                                                    \
    op++;                                                                                          \
    GO_ON
#define DO_PLAIN(name, ...)                                                                        \
    L_##name : __VA_ARGS__;                                                                        \
    GO_NEXT;
#define DO_LOAD(name, type)                                                                        \
    L_##name:                                                                                      \
    {                                                                                              \
        uint32_t address = RS + IMM;                                                               \
        const uint8_t *from = bus_quick_load(at->bus, address);                                    \
        type value;                                                                                \
        if (!from || address & (sizeof value - 1))                                                 \
            goto long_way;                                                                         \
        memcpy(&value, from, sizeof value);                                                        \
        RD = (uint32_t)value;                                                                      \
        GO_NEXT;                                                                                   \
    }
#define DO_STORE(name, type)                                                                       \
    L_##name:                                                                                      \
    {                                                                                              \
        uint32_t address = RS + IMM;                                                               \
        uint8_t *to = bus_quick_store(at->bus, address);                                           \
        type value = (type)RT;                                                                     \
        if (!to || address & (sizeof value - 1))                                                   \
            goto long_way;                                                                         \
        memcpy(to, &value, sizeof value);                                                          \
        GO_NEXT;                                                                                   \
    }
#define DO_BRANCH(name, condition)                                                                 \
    L_##name : target = HERE + ((condition) ? IMM : 8);                                            \
    goto jump;
#define DO_LIKELY(name, condition)                                                                 \
    L_##name : if (!(condition)) goto leave_out;                                                   \
    target = HERE + IMM;                                                                           \
    goto jump;
#define DO_JUMP(name, ...)                                                                         \
    L_##name : __VA_ARGS__;                                                                        \
    goto jump;
#define DO_LONG(name) L_##name:
#define LABEL(name)   &&L_##name,

static enum leave leave(enum long_way how)
{
    return how == LONG_WAY_STOP ? LEAVE_STOPPED : LEAVE_PC;
}

static enum leave leave_step(struct runner *at)
{
    sync(at, at->slot);
    at->cpu->pc += 4;
    at->cpu->now++;
    return LEAVE_STEPPED;
}

static enum leave run_block(struct runner *at, struct op *op)
{
    static const void *const labels[] = {OP_LIST(LABEL)};
    struct cpu *const cpu = at->cpu;
    uint32_t *const gpr = cpu->gpr;
    uint32_t target = 0;
    enum long_way how;
    bool is_taken;

    GO_ON;
    RUN_PLAIN(DO_PLAIN)
    RUN_LOADS(DO_LOAD)
    RUN_STORES(DO_STORE)
    RUN_BRANCHES(DO_BRANCH)
    RUN_LIKELY(DO_LIKELY)
    RUN_JUMPS(DO_JUMP)
jump:
    at->slot[0] = op[1];
    if (!may_be_slot(at->slot[0].code) && (how = prepare_slot(at, op)))
        return leave(how);
    at->jump = op;
    op = at->slot;
    GO_ON;
leave_out:
    target = HERE + 8;
    at->jump = op;
L_GO:
    at->block_now += (uint64_t)(at->jump - at->block) + 2;
    if (at->block_now < cpu->limit && target - at->view.base < at->view.size && !(target & 3)) {
        at->block = op = at->view.ops + (target - at->view.base) / 4;
        GO_ON;
    }
    cpu->pc = target;
    cpu->now = at->block_now;
    return LEAVE_PC;
    RUN_LONG(DO_LONG)
long_way:
    sync(at, op);
    at->block_now -= cpu->now;
    how = long_way(cpu, at->bus, op);
    at->block_now += cpu->now;
    if (how == LONG_WAY_NEXT || (how == LONG_WAY_LOOK && cpu->is_in_slot)) {
        GO_NEXT;
    }
    if (how == LONG_WAY_LOOK) {
        cpu->pc += 4;
        cpu->now++;
    }
    return leave(how);
L_NONE:
    if ((how = meet(at, op)))
        return leave(how);
    GO_ON;
L_BREAKPOINT:
    sync(at, op);
    return LEAVE_BREAKPOINT;
L_STEPPED:
    return leave_step(at);
L_END:
    return meet_end(at, op);
}

/* One instruction as a step: in the place of a delay slot, unless it is a jump itself. */
static enum long_way begin_step(struct runner *at, struct op **op)
{
    enum long_way how = decode_at(at, *op);

    if (how || (*op)->code >= OP_FIRST_JUMPING)
        return how;
    at->is_step = true;
    at->jump = *op - 1;
    at->slot[0] = **op;
    at->slot[1].code = OP_STEPPED;
    *op = at->slot;
    return LONG_WAY_NEXT;
}

/* From cpu->pc on, to the next look at the time. */
static enum leave run_on(struct runner *at, bool is_step)
{
    enum long_way how = enter(at);

    if (how)
        return leave(how);
    struct op *op = at->view.ops + (at->cpu->pc - at->view.base) / 4;
    at->block = op;
    at->block_now = at->cpu->now;
    if (is_step && (how = begin_step(at, &op)))
        return leave(how);
    return run_block(at, op);
}

static enum run_end run_from(struct cpu *cpu, struct bus *bus, bool is_step)
{
    static const enum run_end ends[] = {[LEAVE_STOPPED] = RUN_STOPPED,
                                        [LEAVE_BREAKPOINT] = RUN_BREAKPOINT,
                                        [LEAVE_STEPPED] = RUN_STEPPED};
    struct runner at = {.cpu = cpu, .bus = bus, .slot[1] = {.code = OP_GO}};

    for (;;) {
        enum leave how = run_on(&at, is_step);
        if (how != LEAVE_PC)
            return ends[how];
        cpu->is_in_slot = false; /* an interrupt may come now */
        if (cpu->now >= cpu->limit)
            return RUN_LIMIT;
    }
}

enum run_end run(struct cpu *cpu, struct bus *bus)
{
    return run_from(cpu, bus, false);
}

enum run_end run_step(struct cpu *cpu, struct bus *bus)
{
    uint32_t address = cpu->pc;

    cpu_call(cpu);
    enum run_end end = run_from(cpu, bus, true);
    if (code_clear_breakpoint(&bus->code, address)) /* the real instruction was put in its place */
        code_set_breakpoint(&bus->code, address);
    return end;
}
