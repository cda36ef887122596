#ifndef HAL_PIC32_PORT_H
#define HAL_PIC32_PORT_H

#include "core/hal.h"
#include "hal_pic32/clock_cp0.h"
#include "hal_pic32/network_none.h"
#include "hal_pic32/nvm.h"
#include "hal_pic32/sst26.h"
#include "hal_pic32/system_pic32.h"

/* All seams of this chip together: what both main() functions begin with. */
struct port {
    struct hal hal;
    struct nvm nvm;
    struct sst26 sst26;
    struct crypto crypto;
    struct clock_cp0 clock;
    struct system_pic32 system; /* made by main(), which knows the cause */
    struct log log;
    struct network_none network;
    struct image_policy policy;
};

/* Make console, flashes, clock, crypto, log and network. The policy accepts nothing yet. */
void port_init(struct port *port);

/* Read the product record into the policy. Errors as product_read(), said on the console. */
OTA_MUST_USE enum ota_err port_read_product(struct port *port);

#endif
