#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hal_pic32/network_none.h"

static void no_transfer_starts_and_the_reason_is_the_network(void **state)
{
    const struct transport_request request = {.url = "http://host/ota.json"};
    struct network_none none;
    uint8_t byte;

    (void)state;
    network_none_init(&none);
    assert_false(link_is_up(&none.link));
    assert_int_equal(transport_open(&none.transport, &request), OTA_ERR_NET);
    assert_int_equal(transport_poll(&none.transport), TRANSPORT_FAILED);
    assert_int_equal(transport_failure(&none.transport), OTA_ERR_NET);
    assert_int_equal(transport_read(&none.transport, &byte, 1), 0);
    transport_close(&none.transport);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_transfer_starts_and_the_reason_is_the_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
