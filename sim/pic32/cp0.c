#include "sim/pic32/cp0.h"

#define COUNT_WRAP 0x200000000u /* cycles: Count goes up every second one */

#define STATUS_WRITABLE 0x1040FC07u /* CU0, BEV, IPL[5:0], ERL, EXL, IE */
#define STATUS_REFUSED  0x02000010u /* RE, UM: what is not modelled; not zero is refused */
#define CAUSE_WRITABLE  0x00C00300u /* IV, WP, IP1..0 */
#define CAUSE_DC        0x08000000u
#define CAUSE_TI        0x40000000u
#define CONFIG_WRITABLE 0x00000007u /* K0 */
#define EBASE_WRITABLE  0x3FFFF000u
#define INTCTL_WRITABLE 0x000003E0u /* VS */
#define CONFIG3         0x8022BD60u
#define PRID_MICROAPTIV 0x00019E00u /* the revision of the chip's core is not known */

enum {
    USER_LOCAL = CP0_REGISTER(4, 2),
    HWRENA = CP0_REGISTER(7, 0),
    BAD_ADDRESS = CP0_REGISTER(8, 0),
    COUNT = CP0_REGISTER(9, 0),
    COMPARE = CP0_REGISTER(11, 0),
    STATUS = CP0_REGISTER(12, 0),
    INTCTL = CP0_REGISTER(12, 1),
    SRSCTL = CP0_REGISTER(12, 2),
    CAUSE = CP0_REGISTER(13, 0),
    EPC = CP0_REGISTER(14, 0),
    PRID = CP0_REGISTER(15, 0),
    EBASE = CP0_REGISTER(15, 1),
    CONFIG = CP0_REGISTER(16, 0),
    CONFIG_1 = CP0_REGISTER(16, 1),
    CONFIG_2 = CP0_REGISTER(16, 2),
    CONFIG_3 = CP0_REGISTER(16, 3),
    CONFIG_4 = CP0_REGISTER(16, 4),
    CONFIG_5 = CP0_REGISTER(16, 5),
    TAG_LOW = CP0_REGISTER(28, 0),
    DATA_TAG_LOW = CP0_REGISTER(28, 2),
    TAG_HIGH = CP0_REGISTER(29, 0),
    DATA_TAG_HIGH = CP0_REGISTER(29, 2),
    ERROR_EPC = CP0_REGISTER(30, 0),
};

/* 16 KB each, four ways, lines of 16 bytes (an assumption: the device file does not tell). */
#define CONFIG1 (0x80000000u | 2u << 22 | 3u << 19 | 3u << 16 | 2u << 13 | 3u << 10 | 3u << 7)

uint32_t cp0_count(const struct cpu *cpu)
{
    return (uint32_t)((cpu->now - cpu->count_zero) / 2);
}

/* From now on: a match in this very moment counts as over. */
static void plan_match(struct cpu *cpu)
{
    uint64_t target = (uint64_t)cpu->compare * 2;
    uint64_t left = (target - (cpu->now - cpu->count_zero)) % COUNT_WRAP;

    cpu->match_at = cpu->now + (left ? left : COUNT_WRAP);
}

void cp0_service_timer(struct cpu *cpu)
{
    if (cpu->now < cpu->match_at)
        return;
    cpu->is_timer_due = true;
    cpu->match_at += COUNT_WRAP;
}

static uint32_t cause(const struct cpu *cpu)
{
    return cpu->cause | (cpu->is_timer_due ? CAUSE_TI : 0);
}

bool cp0_read(const struct cpu *cpu, uint32_t address, uint32_t *ret_value)
{
    const struct {
        uint32_t address, value;
    } registers[] = {
        {COUNT, cp0_count(cpu)},
        {COMPARE, cpu->compare},
        {STATUS, cpu->status},
        {CAUSE, cause(cpu)},
        {EPC, cpu->epc},
        {EBASE, cpu->ebase},
        {BAD_ADDRESS, cpu->bad_address},
        {ERROR_EPC, cpu->error_epc},
        {CONFIG, cpu->config},
        {CONFIG_1, CONFIG1},
        {CONFIG_2, 0x80000000u},
        {CONFIG_3, CONFIG3},
        {CONFIG_4, 0x80000000u},
        {CONFIG_5, 0x00000001u},
        {INTCTL, cpu->intctl},
        {SRSCTL, cpu->srsctl},
        {USER_LOCAL, cpu->user_local},
        {HWRENA, cpu->hwrena},
        {PRID, PRID_MICROAPTIV},
    };

    for (uint32_t i = 0; i < sizeof registers / sizeof registers[0]; i++)
        if (registers[i].address == address) {
            *ret_value = registers[i].value;
            return true;
        }
    return false;
}

static uint32_t merge(uint32_t old, uint32_t value, uint32_t writable)
{
    return (old & ~writable) | (value & writable);
}

static bool write_status(struct cpu *cpu, uint32_t value)
{
    if (value & STATUS_REFUSED)
        return false;
    cpu->status = merge(cpu->status, value, STATUS_WRITABLE);
    return true;
}

static bool write_cause(struct cpu *cpu, uint32_t value)
{
    if (value & CAUSE_DC)
        return false;
    cpu->cause = merge(cpu->cause, value, CAUSE_WRITABLE);
    return true;
}

static bool write_timer(struct cpu *cpu, uint32_t address, uint32_t value)
{
    cp0_service_timer(cpu);
    if (address == COMPARE) {
        cpu->compare = value;
        cpu->is_timer_due = false;
    } else {
        cpu->count_zero = cpu->now - (uint64_t)value * 2;
    }
    plan_match(cpu);
    return true;
}

static bool write_plain(struct cpu *cpu, uint32_t address, uint32_t value)
{
    switch (address) {
    case EPC:
        cpu->epc = value;
        return true;
    case ERROR_EPC:
        cpu->error_epc = value;
        return true;
    case EBASE:
        cpu->ebase = merge(cpu->ebase, value, EBASE_WRITABLE);
        return true;
    case CONFIG:
        cpu->config = merge(cpu->config, value, CONFIG_WRITABLE);
        return true;
    case INTCTL:
        cpu->intctl = merge(cpu->intctl, value, INTCTL_WRITABLE);
        return true;
    case USER_LOCAL:
        cpu->user_local = value;
        return true;
    case HWRENA:
        cpu->hwrena = value;
        return true;
    case TAG_LOW:
    case TAG_HIGH:
    case DATA_TAG_LOW:
    case DATA_TAG_HIGH: /* only empty lines are stored */
        return value == 0;
    case SRSCTL: /* the set in use, and the one of exceptions: only the first */
        return (value & 0x0000F3C0u) == 0;
    default:
        return false;
    }
}

bool cp0_write(struct cpu *cpu, uint32_t address, uint32_t value)
{
    switch (address) {
    case STATUS:
        cpu_call(cpu);
        return write_status(cpu, value);
    case CAUSE:
        cpu_call(cpu);
        return write_cause(cpu, value);
    case COUNT:
    case COMPARE:
        cpu_call(cpu);
        return write_timer(cpu, address, value);
    default:
        return write_plain(cpu, address, value);
    }
}

static uint32_t vector_base(const struct cpu *cpu)
{
    return cpu->status & CP0_STATUS_BEV ? 0xBFC00200u : cpu->ebase & 0xFFFFF000u;
}

static void enter(struct cpu *cpu, enum cp0_exception exception, uint32_t offset)
{
    if (!(cpu->status & CP0_STATUS_EXL)) {
        cpu->epc = cpu->is_in_slot ? cpu->pc - 4 : cpu->pc;
        cpu->cause &= ~CP0_CAUSE_BD;
        if (cpu->is_in_slot)
            cpu->cause |= CP0_CAUSE_BD;
    }
    cpu->cause = merge(cpu->cause, (uint32_t)exception << 2, 0x7C);
    cpu->status |= CP0_STATUS_EXL;
    cpu->is_in_slot = false;
    cpu->pc = vector_base(cpu) + offset;
}

void cp0_raise(struct cpu *cpu, enum cp0_exception exception, uint32_t coprocessor)
{
    cpu->cause = merge(cpu->cause, coprocessor << 28, 0x30000000u);
    enter(cpu, exception, 0x180);
}

bool cp0_accepts(const struct cpu *cpu, uint32_t priority)
{
    uint32_t level = cpu->status >> 10 & 0x3F;

    return (cpu->status & (CP0_STATUS_IE | CP0_STATUS_EXL | CP0_STATUS_ERL)) == CP0_STATUS_IE &&
           priority > level;
}

void cp0_interrupt(struct cpu *cpu, uint32_t priority, uint32_t offset)
{
    bool is_vectored = cpu->cause & CP0_CAUSE_IV;

    cpu->cause = merge(cpu->cause, priority << 10, 0xFC00);
    if (is_vectored && (cpu->status & CP0_STATUS_BEV))
        offset = 0x200;
    cpu->is_waiting = false;
    enter(cpu, CP0_INTERRUPT, is_vectored ? offset : 0x180);
}

void cp0_return(struct cpu *cpu)
{
    if (cpu->status & CP0_STATUS_ERL) {
        cpu->status &= ~CP0_STATUS_ERL;
        cpu->pc = cpu->error_epc;
    } else {
        cpu->status &= ~CP0_STATUS_EXL;
        cpu->pc = cpu->epc;
    }
    cpu->is_linked = false;
    cpu_call(cpu);
}
