#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hal_pic32/console.h"
#include "hal_pic32/uart.h"

static struct ota ota;
static struct console console;
static char said[2048];
static const char *typed;
static enum ota_request asked;
static uint32_t asked_version, confirmed;
static enum ota_err answer;

/* The other end of the line. */

void uart_put(char c)
{
    size_t size = strlen(said);

    assert_true(size + 1 < sizeof said);
    said[size] = c;
}

void uart_text(const char *text)
{
    while (*text)
        uart_put(*text++);
}

void uart_number(uint32_t value)
{
    char text[16];

    snprintf(text, sizeof text, "%u", value);
    uart_text(text);
}

void uart_hex(uint32_t value)
{
    char text[16];

    snprintf(text, sizeof text, "0x%X", value);
    uart_text(text);
}

int uart_get(void)
{
    return *typed ? (unsigned char)*typed++ : -1;
}

/* The service. */

enum ota_err ota_ask(struct ota *service, enum ota_request request, uint32_t version)
{
    assert_ptr_equal(service, &ota);
    asked = request;
    asked_version = version;
    return answer;
}

enum ota_err ota_confirm(struct ota *service)
{
    assert_ptr_equal(service, &ota);
    confirmed++;
    return answer;
}

uint32_t ota_version(const struct ota *service)
{
    (void)service;
    return 7;
}

bool ota_is_confirmed(const struct ota *service)
{
    (void)service;
    return confirmed != 0;
}

void ota_progress(const struct ota *service, uint32_t *ret_bytes, uint32_t *ret_total)
{
    (void)service;
    *ret_bytes = 1000;
    *ret_total = 5000;
}

static int setup(void **state)
{
    (void)state;
    memset(&ota, 0, sizeof ota);
    memset(&console, 0xA5, sizeof console);
    console_init(&console, &ota);
    asked = OTA_REQUEST_NONE;
    asked_version = confirmed = 0;
    answer = OTA_OK;
    return 0;
}

static void type(const char *text)
{
    memset(said, 0, sizeof said);
    typed = text;
    console_task(&console);
}

static void each_request_has_its_word(void **state)
{
    static const struct {
        const char *line;
        enum ota_request request;
    } cases[] = {
        {"check\r", OTA_REQUEST_CHECK},       {"download\n", OTA_REQUEST_DOWNLOAD},
        {"abort\r\n", OTA_REQUEST_ABORT},     {"reset\r", OTA_REQUEST_RESET},
        {"rollback\r", OTA_REQUEST_ROLLBACK}, {"factory\r", OTA_REQUEST_FACTORY_RESET},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        type(cases[i].line);
        assert_int_equal(asked, cases[i].request);
        assert_string_equal(said, "ok\r\n");
    }
}

static void a_refusal_is_said_with_its_reason(void **state)
{
    (void)state;
    answer = OTA_ERR_STATE;
    type("rollback\r");
    assert_string_equal(said, "refused: not possible in this state\r\n");
}

static void erase_wants_a_version(void **state)
{
    static const char *const bad[] = {"erase\r",    "erase \r",   "erase x\r", "erase 4294967296\r",
                                      "erase -1\r", "erase 1x\r", "erase 0\r"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        type(bad[i]);
        assert_string_equal(said, "erase: which version?\r\n");
        assert_int_equal(asked, OTA_REQUEST_NONE);
    }
    type("erase 4294967295\r");
    assert_int_equal(asked, OTA_REQUEST_ERASE);
    assert_int_equal(asked_version, UINT32_MAX);
}

static void a_line_may_come_in_pieces(void **state)
{
    (void)state;
    type("con");
    type("fi");
    assert_int_equal(confirmed, 0);
    type("rm\r");
    assert_int_equal(confirmed, 1);
}

static void a_line_that_is_too_long_is_dropped_whole(void **state)
{
    char line[200];

    (void)state;
    memset(line, 'x', sizeof line);
    strcpy(line + 190, "\r");
    type(line);
    assert_string_equal(said, "the line is too long\r\n");
    type("confirm\r");
    assert_int_equal(confirmed, 1);
    memset(line, ' ', sizeof line); /* as long as a line may be */
    memcpy(line, "confirm", 7);
    strcpy(line + CONSOLE_LINE_MAX, "\r");
    type(line);
    assert_int_equal(confirmed, 2);
}

static void status_tells_version_state_and_progress(void **state)
{
    (void)state;
    ota.state = OTA_STATE_DOWNLOAD;
    type("status\r");
    assert_string_equal(said,
                        "version 7, on trial; the service is downloading, 1000 of 5000 bytes\r\n");
    confirmed = 1;
    ota.state = OTA_STATE_READY;
    type("status\r");
    assert_string_equal(said, "version 7, confirmed; the service is ready to reset\r\n");
}

static void images_are_listed(void **state)
{
    (void)state;
    type("images\r");
    assert_string_equal(said, "the store is not mounted\r\n");
    ota.store.is_mounted = true;
    ota.store.database.count = 1;
    ota.store.database.rows[0].version = 12;
    ota.store.database.rows[0].status = BOOTCTL_VALID;
    strcpy(ota.store.database.rows[0].name, "v12.bin");
    type("images\r");
    assert_string_equal(said, "version 12, status 0xF8, v12.bin\r\n");
}

static void what_is_not_a_command_is_said_to_be_none(void **state)
{
    (void)state;
    type("chec\r");
    assert_string_equal(said, "not a command; 'help' lists them\r\n");
    type("\r\n\r\n");
    assert_string_equal(said, "");
    type("help\r");
    assert_non_null(strstr(said, "rollback - give up the running image\r\n"));
    assert_int_equal(asked, OTA_REQUEST_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_request_has_its_word, setup),
        cmocka_unit_test_setup(a_refusal_is_said_with_its_reason, setup),
        cmocka_unit_test_setup(erase_wants_a_version, setup),
        cmocka_unit_test_setup(a_line_may_come_in_pieces, setup),
        cmocka_unit_test_setup(a_line_that_is_too_long_is_dropped_whole, setup),
        cmocka_unit_test_setup(status_tells_version_state_and_progress, setup),
        cmocka_unit_test_setup(images_are_listed, setup),
        cmocka_unit_test_setup(what_is_not_a_command_is_said_to_be_none, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
