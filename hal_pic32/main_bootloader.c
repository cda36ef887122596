#include "bootloader/boot.h"
#include "hal_pic32/port.h"
#include "hal_pic32/uart.h"

#define STAY_MS 1000

static struct port port;
static struct boot boot;

int main(int handed)
{
    (void)handed; /* nothing comes before the bootloader */
    system_pic32_init(&port.system);
    port_init(&port);
    uart_text("brownout bootloader " BROWNOUT_VERSION "\r\n");
    for (;;) {
        /* Without a product record nothing can be verified, so nothing is touched. */
        if (port_read_product(&port) == OTA_OK &&
            boot_run(&boot, &port.hal, &boot_options_default) == BOOT_START) {
            nvm_lock();
            system_jump(port.hal.system, boot.bootctl.record.boot_address);
        }
        system_idle(port.hal.system, STAY_MS);
    }
}
