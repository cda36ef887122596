#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdint.h>

/*
 * The log seam: numbered events with up to three integers, no strings on the device. The texts
 * belong to whoever shows them (hal_posix/log_text.c); each uses its arguments in order: %u, %x, %e
 * (an enum ota_err in words), %c (an enum system_cause) or %r (an enum ota_request).
 */
#define LOG_EVENT_LIST(X)                                                                          \
    X(BOOT_START, "boot: started by %c")                                                           \
    X(BOOT_NO_STORE, "boot: the image store does not mount: %e")                                   \
    X(BOOT_NO_RECORD, "boot: boot control is unreadable: %e; looking for what is installed")       \
    X(BOOT_RECORD_REBUILT, "boot: boot control rebuilt for version %u")                            \
    X(BOOT_NOT_RECORDED, "boot: boot control does not take version %u: %e")                        \
    X(BOOT_FIRST, "boot: first start of factory version %u")                                       \
    X(BOOT_BACKUP, "boot: factory backup written, %u bytes")                                       \
    X(BOOT_BACKUP_FAILED, "boot: factory backup not possible: %e")                                 \
    X(BOOT_BAD_FLASH, "boot: program flash does not hold version %u: %e")                          \
    X(BOOT_CANDIDATE, "boot: candidate version %u")                                                \
    X(BOOT_REFUSED, "boot: version %u refused: %e")                                                \
    X(BOOT_INSTALL, "boot: installing version %u, %u bytes")                                       \
    X(BOOT_INSTALLED, "boot: installed version %u, %u pages written, %u already right")            \
    X(BOOT_INSTALL_FAILED, "boot: installing version %u failed: %e")                               \
    X(BOOT_TRIAL, "boot: version %u, trial boot %u of %u")                                         \
    X(BOOT_DISABLED, "boot: version %u was not confirmed in %u trial boots; disabled")             \
    X(BOOT_JUMP, "boot: starting version %u")                                                      \
    X(BOOT_STAY, "boot: nothing that may run: waiting for a factory image")                        \
    X(STORE_FORMATTED, "store: formatted: %e")                                                     \
    X(STORE_REBUILT, "store: database rebuilt: %e; %u images found")                               \
    X(STORE_ADOPTED, "store: version %u had no row; entered")                                      \
    X(STORE_DROPPED, "store: version %u had no file; row dropped")                                 \
    X(STORE_EVICTED, "store: version %u removed to make room")                                     \
    X(APP_CONFIRMED, "app: version %u confirmed")                                                  \
    X(APP_UNCONFIRMED, "app: version %u not confirmed within %u s; restarting")                    \
    X(OTA_CHECK, "ota: asking for the manifest")                                                   \
    X(OTA_CHECK_FAILED, "ota: update check failed: %e; next in %u s")                              \
    X(OTA_ENTRY_REFUSED, "ota: version %u not taken: %e")                                          \
    X(OTA_NOTHING_NEW, "ota: nothing newer than version %u")                                       \
    X(OTA_AVAILABLE, "ota: version %u is available")                                               \
    X(OTA_DOWNLOAD, "ota: downloading version %u from byte %u")                                    \
    X(OTA_RESTART, "ota: the download starts again: %e")                                           \
    X(OTA_PROGRESS, "ota: %u of %u bytes")                                                         \
    X(OTA_DOWNLOAD_FAILED, "ota: download failed: %e; next try in %u s")                           \
    X(OTA_VERIFIED, "ota: version %u verified")                                                    \
    X(OTA_REFUSED, "ota: version %u refused: %e")                                                  \
    X(OTA_ENTERED, "ota: version %u entered in the database")                                      \
    X(OTA_ERASED, "ota: version %u erased")                                                        \
    X(OTA_ERASE_FAILED, "ota: version %u not erased: %e")                                          \
    X(OTA_NO_LINK, "ota: waiting for the network")                                                 \
    X(OTA_LINK, "ota: the network is there")                                                       \
    X(OTA_OFFER, "ota: version %u waits for the application's word")                               \
    X(OTA_READY, "ota: version %u waits for the application to reset")                             \
    X(OTA_REQUEST, "ota: request: %r")                                                             \
    X(OTA_REQUEST_REFUSED, "ota: request refused: %r: %e")                                         \
    X(OTA_ABORTED, "ota: aborted")                                                                 \
    X(OTA_ROLLBACK, "ota: version %u given up on request")                                         \
    X(OTA_FACTORY_RESET, "ota: factory reset at the next start")                                   \
    X(BOOT_FACTORY_RESET, "boot: factory reset, %u images removed")                                \
    X(OTA_RESET, "ota: reset to start version %u")

enum log_event {
#define X(name, text) LOG_##name,
    LOG_EVENT_LIST(X)
#undef X
        LOG_EVENT_COUNT
};

struct log;

struct log_ops {
    void (*event)(struct log *log, enum log_event event, uint32_t a, uint32_t b, uint32_t c);
};

struct log {
    const struct log_ops *ops;
};

static inline void log_event(struct log *log, enum log_event event, uint32_t a, uint32_t b,
                             uint32_t c)
{
    log->ops->event(log, event, a, b, c);
}

#endif
