/* A driver of the chip's flash controller that does not look whether an operation failed. */
#include "hal_pic32/regs.h"

#undef NVMCON_ERR
#define NVMCON_ERR 0u

#include "hal_pic32/nvm.c"
