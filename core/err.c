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

const char *err_name(enum ota_err err)
{
    return names[known(err)];
}

const char *err_text(enum ota_err err)
{
    return texts[known(err)];
}
