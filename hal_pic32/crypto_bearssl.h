#ifndef HAL_PIC32_CRYPTO_BEARSSL_H
#define HAL_PIC32_CRYPTO_BEARSSL_H

#include "core/crypto.h"

/* The crypto seam on BearSSL: no heap, constant time. Accepts exactly what the OpenSSL port does:
 * the one DER form of key and signature. */
void crypto_bearssl_init(struct crypto *crypto);

#endif
