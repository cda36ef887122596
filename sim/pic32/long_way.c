#include "sim/pic32/long_way.h"

#include "sim/pic32/cp0.h"

static uint32_t address_of(const struct cpu *cpu, const struct op *op)
{
    return cpu->gpr[op->s] + op->imm;
}

/* The instruction of an exception took its cycle, too. */
static enum long_way raise(struct cpu *cpu, enum cp0_exception exception, uint32_t coprocessor)
{
    cp0_raise(cpu, exception, coprocessor);
    cpu->now++;
    return LONG_WAY_PC;
}

static enum long_way data_failed(struct cpu *cpu, enum bus_result result, uint32_t address,
                                 enum cp0_exception misaligned)
{
    if (result == BUS_STOP)
        return LONG_WAY_STOP;
    if (result == BUS_ERROR)
        return raise(cpu, CP0_BUS_DATA, 0);
    cpu->bad_address = address;
    return raise(cpu, misaligned, 0);
}

enum long_way long_way_fetch_failed(struct cpu *cpu, enum bus_result result)
{
    if (result == BUS_STOP)
        return LONG_WAY_STOP;
    if (result == BUS_ERROR)
        return raise(cpu, CP0_BUS_FETCH, 0);
    cpu->bad_address = cpu->pc;
    return raise(cpu, CP0_ADDRESS_LOAD, 0);
}

static uint32_t size_of(enum op_code code)
{
    switch ((int)code) {
    case OP_LB:
    case OP_LBU:
    case OP_SB:
        return 1;
    case OP_LH:
    case OP_LHU:
    case OP_SH:
        return 2;
    default:
        return 4;
    }
}

static enum long_way load(struct cpu *cpu, struct bus *bus, const struct op *op)
{
    uint32_t address = address_of(cpu, op), value;
    enum bus_result result = bus_load(bus, address, size_of((enum op_code)op->code), &value);

    if (result)
        return data_failed(cpu, result, address, CP0_ADDRESS_LOAD);
    if (op->code == OP_LB)
        value = (uint32_t)(int8_t)value;
    if (op->code == OP_LH)
        value = (uint32_t)(int16_t)value;
    if (op->code == OP_LL)
        cpu->is_linked = true;
    cpu->gpr[op->d] = value;
    return LONG_WAY_NEXT;
}

/* lwl fills the register from its top with the bytes of the word up to the address, lwr from its
 * bottom with those from the address on. */
static enum long_way load_part(struct cpu *cpu, struct bus *bus, const struct op *op)
{
    uint32_t address = address_of(cpu, op), word, bits = (address & 3) * 8;
    enum bus_result result = bus_load(bus, address & ~3u, 4, &word);

    if (result)
        return data_failed(cpu, result, address, CP0_ADDRESS_LOAD);
    uint32_t old = cpu->gpr[op->t];
    if (op->code == OP_LWL)
        cpu->gpr[op->d] = word << (24 - bits) | (old & (0x00FFFFFFu >> bits));
    else
        cpu->gpr[op->d] = word >> bits | (old & ~(0xFFFFFFFFu >> bits));
    return LONG_WAY_NEXT;
}

static enum long_way store(struct cpu *cpu, struct bus *bus, const struct op *op)
{
    uint32_t address = address_of(cpu, op);

    if (op->code == OP_SC && !cpu->is_linked) {
        cpu->gpr[op->d] = 0;
        return LONG_WAY_NEXT;
    }
    enum bus_result result =
        bus_store(bus, address, size_of((enum op_code)op->code), cpu->gpr[op->t]);
    if (result)
        return data_failed(cpu, result, address, CP0_ADDRESS_STORE);
    if (op->code == OP_SC)
        cpu->gpr[op->d] = 1;
    return LONG_WAY_NEXT;
}

/* Byte by byte, as only some bytes of the word change. */
static enum long_way store_part(struct cpu *cpu, struct bus *bus, const struct op *op)
{
    uint32_t address = address_of(cpu, op), value = cpu->gpr[op->t];
    uint32_t from = op->code == OP_SWL ? address & ~3u : address;
    uint32_t to = op->code == OP_SWL ? address : address | 3;

    if (op->code == OP_SWL)
        value >>= (3 - (address & 3)) * 8;
    for (uint32_t at = from; at <= to; at++, value >>= 8) {
        enum bus_result result = bus_store(bus, at, 1, value);
        if (result)
            return data_failed(cpu, result, address, CP0_ADDRESS_STORE);
    }
    return LONG_WAY_NEXT;
}

static enum long_way cache(struct cpu *cpu, struct bus *bus, const struct op *op)
{
    uint32_t address = address_of(cpu, op);

    if (op->code == OP_SYNCI) {
        bus_synci(bus, address);
        return LONG_WAY_NEXT;
    }
    return bus_cache(bus, op->t, address) ? LONG_WAY_STOP : LONG_WAY_NEXT;
}

static enum long_way add(struct cpu *cpu, const struct op *op)
{
    int32_t left = (int32_t)cpu->gpr[op->s], right = (int32_t)cpu->gpr[op->t], sum;
    bool has_overflow = op->code == OP_SUB   ? __builtin_sub_overflow(left, right, &sum)
                        : op->code == OP_ADD ? __builtin_add_overflow(left, right, &sum)
                                             : __builtin_add_overflow(left, (int32_t)op->imm, &sum);

    if (has_overflow)
        return raise(cpu, CP0_OVERFLOW, 0);
    cpu->gpr[op->d] = (uint32_t)sum;
    return LONG_WAY_NEXT;
}

static bool is_met(const struct cpu *cpu, const struct op *op)
{
    uint32_t left = cpu->gpr[op->s], right = cpu->gpr[op->t], imm = op->imm;

    switch ((int)op->code) {
    case OP_TGE:
        return (int32_t)left >= (int32_t)right;
    case OP_TGEU:
        return left >= right;
    case OP_TLT:
        return (int32_t)left < (int32_t)right;
    case OP_TLTU:
        return left < right;
    case OP_TEQ:
        return left == right;
    case OP_TNE:
        return left != right;
    case OP_TGEI:
        return (int32_t)left >= (int32_t)imm;
    case OP_TGEIU:
        return left >= imm;
    case OP_TLTI:
        return (int32_t)left < (int32_t)imm;
    case OP_TLTIU:
        return left < imm;
    case OP_TEQI:
        return left == imm;
    default:
        return left != imm;
    }
}

static enum long_way unknown_register(const struct cpu *cpu, struct bus *bus, const struct op *op)
{
    if (op->code == OP_MTC0)
        bus_stop(bus, "CP0 register %u, select %u: 0x%08X cannot be written", op->imm / 8,
                 op->imm % 8, cpu->gpr[op->t]);
    else
        bus_stop(bus, "CP0 register %u, select %u is not modelled", op->imm / 8, op->imm % 8);
    return LONG_WAY_STOP;
}

static enum long_way move_cp0(struct cpu *cpu, struct bus *bus, const struct op *op)
{
    if (op->code == OP_MFC0) {
        uint32_t value;
        if (!cp0_read(cpu, op->imm, &value))
            return unknown_register(cpu, bus, op);
        cpu->gpr[op->d] = value;
        return LONG_WAY_NEXT;
    }
    if (!cp0_write(cpu, op->imm, cpu->gpr[op->t]))
        return unknown_register(cpu, bus, op);
    bus_use_cache(bus, (cpu->config & 7) != 2);
    return LONG_WAY_LOOK;
}

static enum long_way enable_interrupts(struct cpu *cpu, const struct op *op)
{
    uint32_t old = cpu->status;

    if (op->code == OP_EI)
        cpu->status |= CP0_STATUS_IE;
    else
        cpu->status &= ~CP0_STATUS_IE;
    cpu->gpr[op->d] = old;
    cpu_call(cpu);
    return LONG_WAY_LOOK;
}

static enum long_way read_hardware(struct cpu *cpu, const struct op *op)
{
    const uint32_t values[] = {0, STALE_LINE, cp0_count(cpu), 2};

    if (op->imm == 29)
        cpu->gpr[op->d] = cpu->user_local;
    else if (op->imm < 4)
        cpu->gpr[op->d] = values[op->imm];
    else
        return raise(cpu, CP0_RESERVED, 0);
    return LONG_WAY_NEXT;
}

static enum long_way system_op(struct cpu *cpu, struct bus *bus, const struct op *op)
{
    switch ((int)op->code) {
    case OP_MFC0:
    case OP_MTC0:
        return move_cp0(cpu, bus, op);
    case OP_DI:
    case OP_EI:
        return enable_interrupts(cpu, op);
    case OP_RDHWR:
        return read_hardware(cpu, op);
    case OP_ERET:
        cp0_return(cpu);
        cpu->now++;
        return LONG_WAY_PC;
    case OP_WAIT:
        cpu->is_waiting = true;
        cpu_call(cpu);
        return LONG_WAY_LOOK;
    case OP_SYSCALL:
        return raise(cpu, CP0_SYSCALL, 0);
    case OP_BREAK:
        return raise(cpu, CP0_BREAK, 0);
    case OP_COPROCESSOR:
        return raise(cpu, CP0_UNUSABLE, op->imm);
    default:
        return raise(cpu, CP0_RESERVED, 0);
    }
}

enum long_way long_way(struct cpu *cpu, struct bus *bus, const struct op *op)
{
    switch ((int)op->code) {
    case OP_LB:
    case OP_LBU:
    case OP_LH:
    case OP_LHU:
    case OP_LW:
    case OP_LL:
        return load(cpu, bus, op);
    case OP_LWL:
    case OP_LWR:
        return load_part(cpu, bus, op);
    case OP_SB:
    case OP_SH:
    case OP_SW:
    case OP_SC:
        return store(cpu, bus, op);
    case OP_SWL:
    case OP_SWR:
        return store_part(cpu, bus, op);
    case OP_CACHE:
    case OP_SYNCI:
        return cache(cpu, bus, op);
    case OP_ADD:
    case OP_SUB:
    case OP_ADDI:
        return add(cpu, op);
    default:
        if (op->code >= OP_TGE && op->code <= OP_TNEI)
            return is_met(cpu, op) ? raise(cpu, CP0_TRAP, 0) : LONG_WAY_NEXT;
        return system_op(cpu, bus, op);
    }
}
