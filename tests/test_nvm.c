/*
 * The driver against a controller that does what the data sheet says and nothing else: an operation
 * starts only behind the key, with WREN set and the kind chosen before; errors stay until an
 * operation ends well.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hal_pic32/cp0.h"
#include "hal_pic32/mmio.h"
#include "hal_pic32/nvm.h"
#include "hal_pic32/regs.h"
#include "hal_pic32/start.h"

#define SIZE     0x100000u
#define FLASH    0x10000000u
#define LOG_MAX  64
#define PHYSICAL 0x12340u /* where the row is said to be in RAM */

struct operation {
    uint32_t op, offset;
};

static struct {
    uint8_t bytes[SIZE];
    uint32_t con, key_step, address, data[2], source;
    uint32_t low, high, boot; /* write protection */
    struct operation log[LOG_MAX];
    uint32_t count;
    uint32_t errors;  /* bits the next operation ends with */
    bool hangs;       /* WR does not go away */
    bool is_bad_word; /* a read ends in a bus error */
    uint32_t now;
    int depth;     /* of interrupts being off */
    bool was_open; /* the key was written with interrupts on */
    const volatile void *row;
} chip;

static struct nvm nvm;

uint32_t cp0_count(void)
{
    return chip.now += 1000;
}

uint32_t cp0_interrupts_off(void)
{
    chip.depth++;
    return 1;
}

void cp0_interrupts_restore(uint32_t status)
{
    chip.depth -= (int)status;
}

const volatile void *cp0_uncached(uint32_t physical)
{
    return chip.bytes + (physical - FLASH);
}

uint32_t cp0_physical(const volatile void *at)
{
    chip.row = at;
    return PHYSICAL;
}

int start_guarded_copy(void *ret_to, const volatile void *from, uint32_t size)
{
    if (chip.is_bad_word)
        return 1;
    memcpy(ret_to, (const void *)from, size);
    return 0;
}

static void carry_out(uint32_t op)
{
    uint32_t offset = chip.address - FLASH;

    if (chip.count < LOG_MAX)
        chip.log[chip.count++] = (struct operation){op, offset};
    if (op == NVM_NOP) {
        chip.con &= ~(NVMCON_ERR | NVMCON_LVD);
        return;
    }
    if (chip.errors || offset < (chip.low & 0xFFFFFF) || offset >= (chip.high & 0xFFFFFF)) {
        chip.con |= chip.errors ? chip.errors : NVMCON_ERR;
        return;
    }
    if (op == NVM_PAGE_ERASE)
        memset(chip.bytes + offset, 0xFF, 4096);
    else if (op == NVM_ROW && chip.source == PHYSICAL)
        memcpy(chip.bytes + offset, (const void *)chip.row, 1024);
    else if (op == NVM_DOUBLE_WORD)
        memcpy(chip.bytes + offset, chip.data, 8);
}

static void start(void)
{
    bool is_unlocked = chip.key_step == 3;

    chip.key_step = 0;
    if (!is_unlocked || !(chip.con & NVMCON_WREN))
        return;
    if (chip.con & (NVMCON_ERR | NVMCON_LVD) && (chip.con & NVMCON_OP) != NVM_NOP)
        return;
    if (chip.hangs)
        chip.con |= NVMCON_WR;
    else
        carry_out(chip.con & NVMCON_OP);
}

static void put_key(uint32_t value)
{
    static const uint32_t keys[] = {0, UNLOCK_KEY1, UNLOCK_KEY2};

    chip.was_open |= chip.depth == 0;
    if (chip.key_step < 3 && value == keys[chip.key_step])
        chip.key_step++;
    else
        chip.key_step = value == 0;
}

/* A protection register: behind the key, and only while it is open. */
static void put_limit(uint32_t *limit, uint32_t address, uint32_t offset, uint32_t value)
{
    bool is_unlocked = chip.key_step == 3;

    chip.key_step = 0;
    if (!is_unlocked || !(*limit & NVMWP_OPEN))
        return;
    if (offset == address)
        *limit = value;
    else if (offset == address + MMIO_CLR)
        *limit &= ~value;
}

uint32_t mmio_get(uint32_t address)
{
    assert_int_equal(address, NVMCON);
    return chip.con;
}

void mmio_put(uint32_t address, uint32_t value)
{
    switch (address) {
    case NVMCON + MMIO_CLR:
        if (value & NVMCON_OP && chip.con & NVMCON_WREN)
            fail_msg("the kind changed while WREN was set");
        chip.con &= ~(value & (NVMCON_WREN | NVMCON_OP));
        break;
    case NVMCON + MMIO_SET:
        if (value & NVMCON_OP && chip.con & NVMCON_WREN)
            fail_msg("the kind changed while WREN was set");
        chip.con |= value & (NVMCON_WREN | NVMCON_OP);
        if (value & NVMCON_WR)
            start();
        break;
    case NVMKEY:
        put_key(value);
        break;
    case NVMADDR:
        chip.address = value;
        break;
    case NVMDATA0:
    case NVMDATA1:
        chip.data[address == NVMDATA1] = value;
        break;
    case NVMSRCADDR:
        chip.source = value;
        break;
    case NVMPWPLT:
    case NVMPWPLT + MMIO_CLR:
        put_limit(&chip.low, NVMPWPLT, address, value);
        break;
    case NVMPWPGTE:
    case NVMPWPGTE + MMIO_CLR:
        put_limit(&chip.high, NVMPWPGTE, address, value);
        break;
    case NVMLBWP + MMIO_CLR:
        put_limit(&chip.boot, NVMLBWP, address, value);
        break;
    case NVMUBWP + MMIO_CLR:
        put_limit(&chip.boot, NVMUBWP, address, value);
        break;
    default:
        fail_msg("no register of the flash controller: %08X", address);
    }
}

static int setup(void **state)
{
    (void)state;
    memset(&chip, 0, sizeof chip);
    memset(chip.bytes, 0xFF, sizeof chip.bytes);
    chip.low = chip.boot = NVMWP_OPEN;
    chip.high = NVMWP_OPEN | 0xFFFFFF;
    nvm_init(&nvm);
    return 0;
}

static void expect_operations(uint32_t count, const struct operation *expected)
{
    assert_int_equal(chip.count, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(chip.log[i].op, expected[i].op);
        assert_int_equal(chip.log[i].offset, expected[i].offset);
    }
}

static void an_erase_is_one_operation(void **state)
{
    const struct operation expected[] = {{NVM_PAGE_ERASE, 0x21000}};

    (void)state;
    memset(chip.bytes + 0x20000, 0, 0x3000);
    assert_int_equal(flash_erase(&nvm.flash, 0x21000), OTA_OK);
    expect_operations(1, expected);
    assert_int_equal(chip.bytes[0x20FFF], 0);
    assert_int_equal(chip.bytes[0x21000], 0xFF);
    assert_int_equal(chip.bytes[0x21FFF], 0xFF);
    assert_int_equal(chip.bytes[0x22000], 0);
}

static void rows_go_where_they_fit_and_double_words_elsewhere(void **state)
{
    const struct operation expected[] = {
        {NVM_DOUBLE_WORD, 0x213F0}, {NVM_DOUBLE_WORD, 0x213F8}, {NVM_ROW, 0x21400},
        {NVM_ROW, 0x21800},         {NVM_DOUBLE_WORD, 0x21C00},
    };
    uint8_t data[2 * 1024 + 24];

    (void)state;
    for (uint32_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);
    assert_int_equal(flash_program(&nvm.flash, 0x213F0, data, sizeof data), OTA_OK);
    expect_operations(5, expected);
    assert_memory_equal(chip.bytes + 0x213F0, data, sizeof data);
    assert_false(chip.was_open);
    assert_int_equal(chip.depth, 0);
}

static void an_error_is_told_and_does_not_stay(void **state)
{
    static const uint32_t errors[] = {NVMCON_ERR, NVMCON_LVD, NVMCON_ERR | NVMCON_LVD};
    uint8_t data[16] = {0};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        chip.errors = errors[i];
        assert_int_equal(flash_erase(&nvm.flash, 0x21000), OTA_ERR_FLASH);
        assert_int_equal(flash_program(&nvm.flash, 0x21000, data, 8), OTA_ERR_FLASH);
        chip.errors = 0;
        assert_int_equal(flash_erase(&nvm.flash, 0x21000), OTA_OK);
        assert_int_equal(flash_program(&nvm.flash, 0x21000, data, 8), OTA_OK);
        assert_int_equal(chip.con & (NVMCON_WREN | NVMCON_WR), 0);
    }
}

static void what_fails_in_the_middle_is_not_gone_on_with(void **state)
{
    uint8_t data[32] = {0};

    (void)state;
    chip.errors = NVMCON_ERR;
    assert_int_equal(flash_program(&nvm.flash, 0x21000, data, sizeof data), OTA_ERR_FLASH);
    assert_int_equal(chip.count, 2); /* the double word, and the empty operation */
    assert_int_equal(chip.log[1].op, NVM_NOP);
}

static void an_operation_without_end_is_an_error(void **state)
{
    (void)state;
    chip.hangs = true;
    assert_int_equal(flash_erase(&nvm.flash, 0x21000), OTA_ERR_FLASH);
    assert_int_equal(flash_unlock(&nvm.flash), OTA_ERR_FLASH);
}

static void protection_narrows_and_the_controller_keeps_to_it(void **state)
{
    (void)state;
    flash_protect(&nvm.flash, 0x20000, 0xFF000);
    assert_int_equal(flash_erase(&nvm.flash, 0x1F000), OTA_ERR_FLASH);
    assert_int_equal(flash_erase(&nvm.flash, 0xFF000), OTA_ERR_FLASH);
    assert_int_equal(flash_erase(&nvm.flash, 0x20000), OTA_OK);
    assert_int_equal(flash_erase(&nvm.flash, 0xFE000), OTA_OK);
    flash_protect(&nvm.flash, 0, 0x21000);
    assert_int_equal(flash_erase(&nvm.flash, 0x1F000), OTA_ERR_FLASH);
    assert_int_equal(flash_erase(&nvm.flash, 0x21000), OTA_ERR_FLASH);
    assert_int_equal(flash_erase(&nvm.flash, 0x20000), OTA_OK);
}

static void a_locked_protection_holds(void **state)
{
    (void)state;
    flash_protect(&nvm.flash, 0x20000, 0x21000);
    nvm_lock();
    assert_int_equal(chip.low, 0x20000);
    assert_int_equal(chip.high, 0x21000);
    assert_int_equal(chip.boot & NVMWP_OPEN, 0);
    nvm_init(&nvm);
    flash_protect(&nvm.flash, 0, SIZE);
    assert_int_equal(flash_erase(&nvm.flash, 0x1F000), OTA_ERR_FLASH);
    assert_int_equal(flash_erase(&nvm.flash, 0x21000), OTA_ERR_FLASH);
}

static void a_word_that_ends_in_a_bus_error_is_an_ecc_error(void **state)
{
    uint8_t data[8];

    (void)state;
    memcpy(chip.bytes + 0x21001, "content", 8);
    assert_int_equal(flash_read(&nvm.flash, 0x21001, data, 8), OTA_OK);
    assert_memory_equal(data, "content", 8);
    chip.is_bad_word = true;
    assert_int_equal(flash_read(&nvm.flash, 0x21001, data, 8), OTA_ERR_ECC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_erase_is_one_operation, setup),
        cmocka_unit_test_setup(rows_go_where_they_fit_and_double_words_elsewhere, setup),
        cmocka_unit_test_setup(an_error_is_told_and_does_not_stay, setup),
        cmocka_unit_test_setup(what_fails_in_the_middle_is_not_gone_on_with, setup),
        cmocka_unit_test_setup(an_operation_without_end_is_an_error, setup),
        cmocka_unit_test_setup(protection_narrows_and_the_controller_keeps_to_it, setup),
        cmocka_unit_test_setup(a_locked_protection_holds, setup),
        cmocka_unit_test_setup(a_word_that_ends_in_a_bus_error_is_an_ecc_error, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
