#ifndef HAL_POSIX_CRYPTO_OPENSSL_H
#define HAL_POSIX_CRYPTO_OPENSSL_H

#include "core/crypto.h"

/* The crypto seam by OpenSSL 3 (libcrypto). It keeps no state and allocates nothing that outlives
 * a call, so one may serve many devices and threads, and there is nothing to tear down. */

struct crypto_openssl {
    struct crypto crypto;
};

void crypto_openssl_init(struct crypto_openssl *openssl);

#endif
