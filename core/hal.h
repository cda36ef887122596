#ifndef CORE_HAL_H
#define CORE_HAL_H

#include "core/clock.h"
#include "core/crypto.h"
#include "core/flash.h"
#include "core/image.h"
#include "core/layout.h"
#include "core/link.h"
#include "core/log.h"
#include "core/system.h"
#include "core/transport.h"

/* Everything a firmware stands on, put together in its main() and passed in. */
struct hal {
    struct flash *nvm; /* internal program flash */
    struct flash *spi; /* external flash with the image store */
    struct crypto *crypto;
    struct clock *clock;
    struct system *system;
    struct log *log;
    struct transport *transport; /* NULL in the bootloader */
    struct link *link;           /* NULL: the network is always up */
    const struct layout *layout;
    const struct image_policy *policy; /* key and product; counter_floor comes from boot control */
};

#endif
