#ifndef CORE_ADMIT_H
#define CORE_ADMIT_H

#include "core/ota.h"

/* Which request is possible in which state of the service: the table of core/ota.h as code. Asked
 * when a request is made, and again when its turn has come. Errors as ota_ask().
 * Power: reads only. */
OTA_MUST_USE enum ota_err admit_request(struct ota *ota, enum ota_request request,
                                        uint32_t version);

/* Does the factory image verify? Only while nothing is transferred. OTA_ERR_NOT_FOUND: there is
 * none; others as image_check(). Power: reads only. */
OTA_MUST_USE enum ota_err admit_factory(struct ota *ota);

/* Does one of the images verify that the bootloader would go back to, were the running one given
 * up? Only while nothing is transferred. Errors as admit_factory(). Power: reads only. */
OTA_MUST_USE enum ota_err admit_fallback(struct ota *ota);

/* A transfer is under way, or about to be judged. Power: touches no flash. */
bool admit_is_transferring(const struct ota *ota);

#endif
