#include "core/err.h"

static const char *const names[] = {
#define X(name, text) "OTA_" #name,
    OTA_ERR_LIST(X)
#undef X
};

static const char *const texts[] = {
#define X(name, text) text,
    OTA_ERR_LIST(X)
#undef X
};

static enum ota_err known(enum ota_err err)
{
    return (unsigned)err < sizeof names / sizeof names[0] ? err : OTA_ERR_UNKNOWN;
}

bool err_is_verdict(enum ota_err err)
{
    return err == OTA_ERR_FORMAT || err == OTA_ERR_SIZE || err == OTA_ERR_HASH ||
           err == OTA_ERR_SIGNATURE || err == OTA_ERR_KEY || err == OTA_ERR_PRODUCT ||
           err == OTA_ERR_COUNTER || err == OTA_ERR_VERSION || err == OTA_ERR_CORRUPT;
}

const char *err_name(enum ota_err err)
{
    return names[known(err)];
}

const char *err_text(enum ota_err err)
{
    return texts[known(err)];
}
