#include "core/layout.h"

const struct layout layout_mzw1 = {
    .name = "mzw1",
    .product_offset = 0x1F000,
    .bootctl_offset = 0x20000,
    .app_offset = 0x21000,
    .app_size = 0xDE000,
    .boot_address = 0xB0021000,
};
