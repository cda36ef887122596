#include "hal_pic32/port.h"

#include <string.h>

#include "core/product.h"
#include "hal_pic32/crypto_bearssl.h"
#include "hal_pic32/log_uart.h"
#include "hal_pic32/uart.h"

void port_init(struct port *port)
{
    uart_init();
    nvm_init(&port->nvm);
    sst26_init(&port->sst26);
    crypto_bearssl_init(&port->crypto);
    clock_cp0_init(&port->clock);
    log_uart_init(&port->log);
    network_none_init(&port->network);
    memset(&port->policy, 0, sizeof port->policy);
    port->hal = (struct hal){
        .nvm = &port->nvm.flash,
        .spi = &port->sst26.flash,
        .crypto = &port->crypto,
        .clock = &port->clock.clock,
        .system = &port->system.system,
        .log = &port->log,
        .transport = &port->network.transport,
        .link = &port->network.link,
        .layout = &layout_mzw1,
        .policy = &port->policy,
    };
}

enum ota_err port_read_product(struct port *port)
{
    enum ota_err err = product_read(port->hal.nvm, port->hal.layout, &port->policy);
    if (err) {
        uart_text("product record: ");
        uart_text(err_text(err));
        uart_text("\r\n");
    }
    return err;
}
