/*
 * An application: the OTA service, a self-test after which it confirms itself, and a console. The
 * place where a product's own code goes is the loop.
 */
#include "core/ota.h"
#include "hal_pic32/console.h"
#include "hal_pic32/port.h"
#include "hal_pic32/uart.h"

#define SELF_TEST_AFTER_MS 200
#define SLEEP_MAX_MS       1000 /* the watchdog wants to be kicked */

static struct port port;
static struct ota ota;
static struct console console;

/* What an update can break here: the product record, the store, the service itself. */
static bool is_well(enum ota_err product_err, enum ota_err ota_err)
{
    return !product_err && !ota_err && ota.store.is_mounted;
}

/* Returns for how many milliseconds there is nothing to do. */
static uint32_t step(bool is_good, uint64_t started_ms)
{
    uint64_t age_ms = clock_now_ms(port.hal.clock) - started_ms;
    uint32_t sleep_ms = SLEEP_MAX_MS;

    system_watchdog_kick(port.hal.system);
    console_task(&console);
    if (age_ms < SELF_TEST_AFTER_MS)
        sleep_ms = SELF_TEST_AFTER_MS / 4;
    else if (is_good && !ota_is_confirmed(&ota))
        err_ignore(ota_confirm(&ota)); /* tried again in the next round */
    uint32_t idle_ms = ota_service_task(&ota);
    return idle_ms < sleep_ms ? idle_ms : sleep_ms;
}

int main(int handed)
{
    system_pic32_init_with(&port.system, (enum system_cause)handed);
    port_init(&port);
    enum ota_err product_err = port_read_product(&port);
    uint64_t started_ms = clock_now_ms(port.hal.clock);
    enum ota_err err = ota_init(&ota, &port.hal, &ota_config_default, NULL, NULL);
    bool is_good = is_well(product_err, err);

    console_init(&console, &ota);
    uart_text("brownout application " BROWNOUT_VERSION ", version ");
    uart_number(ota_version(&ota));
    uart_text(is_good ? ": self-test passed\r\n" : ": self-test failed\r\n");
    for (;;) {
        uint32_t idle_ms = step(is_good, started_ms);
        if (idle_ms)
            system_idle(port.hal.system, idle_ms);
    }
}
