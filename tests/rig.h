#ifndef TESTS_RIG_H
#define TESTS_RIG_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "bootloader/boot.h"
#include "core/hal.h"
#include "core/ota.h"
#include "hal_posix/crypto_openssl.h"
#include "hal_posix/flash_ram.h"
#include "sim/device/power.h"

/*
 * Everything a firmware stands on, for tests: both flashes in RAM with the data sheet's rules and a
 * supply that can fail, a clock that only moves when told, a system whose reset comes back, a log,
 * a server that answers by script, and signed images. What the firmware does is written down in
 * order. A broken data sheet rule fails the test at its end.
 */
#define RIG_STEPS_MAX    16384
#define RIG_IMAGES_MAX   16
#define RIG_REQUESTS_MAX 64
#define RIG_EVENTS_MAX   256
#define RIG_URL          "http://host/image.bin"
#define RIG_MANIFEST_URL "http://host/manifest.json"

/* One thing the firmware did. */
enum rig_kind { RIG_PROGRAM, RIG_ERASE, RIG_LOG, RIG_PROTECT, RIG_WATCHDOG, RIG_VERIFY };

struct rig_step {
    enum rig_kind kind;
    bool is_nvm;           /* of a flash operation */
    uint32_t offset, size; /* of a flash operation, or from and to of RIG_PROTECT */
    enum log_event event;
    uint32_t args[3]; /* of RIG_LOG; args[0]: milliseconds of RIG_WATCHDOG, result of RIG_VERIFY */
};

/* A flash that can stop to answer. */
struct rig_flash {
    struct flash flash;
    struct flash *below;
    struct rig *rig;
    bool is_dead;             /* every call fails */
    bool is_read_only;        /* programs and erases fail */
    uint32_t fail_read_in;    /* this read from now on fails; 0: none */
    uint32_t fail_reads_more; /* and so many behind it */
    uint32_t bad_page;        /* programs of this erase unit fail; UINT32_MAX: none */
    uint32_t bad_times;       /* so many of them */
};

struct rig_image {
    uint8_t *bytes;
    uint32_t size;
    uint32_t version;
    uint8_t digest[CRYPTO_SHA256_SIZE]; /* of the file */
    uint8_t hash[CRYPTO_SHA256_SIZE];   /* its own */
    char name[DATABASE_NAME_MAX];       /* in the store */
};

/* How to make one; zero is a good image of counter 0. */
struct rig_recipe {
    uint32_t version, code_size, counter, seed;
    bool is_unsigned, has_other_key, has_other_product;
    uint32_t erased_from, erased_to; /* this part of the code is 0xFF */
};

/* One answer of the server, in order of the requests. */
struct rig_answer {
    enum ota_err open_err;
    uint16_t status;
    bool has_no_length; /* chunked */
    uint64_t length;    /* Content-Length; 0: what the body has */
    bool has_range;
    uint64_t range_from, range_total;
    uint32_t retry_after_s;
    const char *validator;
    const void *body;
    uint32_t body_size;
    enum ota_err end; /* after the body; OTA_OK: it was all */
    uint32_t waits;   /* polls without news before the response */
    bool is_endless;  /* never says more, never ends */
};

struct rig_request {
    char url[64];
    uint32_t range_from;
    bool has_validator;
    char validator[TRANSPORT_VALIDATOR_MAX];
};

struct rig_server {
    struct transport transport;
    const struct rig_answer *answers;
    uint32_t answer_count, answered;
    uint32_t request_count;
    struct rig_request requests[RIG_REQUESTS_MAX];
    struct rig_answer now;
    bool is_open;
    uint32_t waited, sent;
    uint32_t segment; /* bytes that one read gives at most */
    struct transport_response response;
};

struct rig_event {
    enum ota_event event;
    uint32_t version;
    enum ota_err error;
};

/* How a run ended. */
enum rig_end { RIG_DONE, RIG_CUT, RIG_RESET };

struct rig {
    struct flash_ram nvm_ram, spi_ram;
    struct flash_nor nvm_nor, spi_nor;
    struct power nvm_power, spi_power;
    struct rig_flash nvm, spi;
    struct power_supply supply;
    struct crypto_openssl openssl;
    struct crypto crypto; /* the same, and what it verifies is written down */
    struct clock clock;
    struct system system;
    struct log log;
    struct rig_server server;
    struct image_policy policy;
    struct hal hal;

    uint64_t now_ms;
    uint32_t random;
    enum system_cause cause;
    bool is_factory_pin_held;
    uint32_t violations;
    uint32_t cut_at; /* the operation that is cut, from 1; 0: none */
    enum power_moment cut_moment;
    jmp_buf out;
    uint32_t nvm_mark, spi_mark;

    uint32_t step_count;
    struct rig_step steps[RIG_STEPS_MAX];
    uint32_t event_count;
    struct rig_event events[RIG_EVENTS_MAX];
    uint32_t image_count;
    struct rig_image images[RIG_IMAGES_MAX];

    union {
        struct boot boot;
        struct ota ota;
        struct store store;
    };
    struct bootctl bootctl;
    uint8_t buffer[IMAGE_BUFFER_SIZE];
};

/* Setup and teardown of a CMocka test whose state is a struct rig. */
int rig_setup(void **state);
int rig_teardown(void **state);

/* The same with an NVM whose torn double words cannot be read. */
int rig_setup_ecc(void **state);

/* Power on: flashes locked, operations counted from 1, steps forgotten, RAM full of garbage. */
void rig_power_on(struct rig *rig);

/* Do it until it is done, resets, or the power goes; then the power is off. */
enum rig_end rig_run(struct rig *rig, void (*act)(struct rig *rig));

/* Remember both flashes, and go back to what was remembered last. */
void rig_mark(struct rig *rig);
void rig_rollback(struct rig *rig);

/* An image; it stays the rig's. */
const struct rig_image *rig_make(struct rig *rig, const struct rig_recipe *recipe);
const struct rig_image *rig_image(struct rig *rig, uint32_t version, uint32_t code_size);

/* What the programmer does in the factory: the file as it is, header page included. */
void rig_program_factory(struct rig *rig, const struct rig_image *image);

/* Program flash and boot control hold this image; nothing else changes. */
void rig_install(struct rig *rig, const struct rig_image *image, enum bootctl_type type,
                 enum bootctl_status status);

/* Make an empty file system; enter an image under its name or another one; the factory image. */
void rig_format(struct rig *rig);
void rig_store(struct rig *rig, const struct rig_image *image, enum bootctl_status status);
void rig_store_file(struct rig *rig, const char *name, const void *bytes, uint32_t size);

/* Spoil a byte of a file in the store where it lies; offset 0 is in the header page. */
void rig_spoil(struct rig *rig, const struct rig_image *image, uint32_t offset);

/* Mount and load rig->store, power on; judged by rig->bootctl, which is opened too. */
enum ota_err rig_load(struct rig *rig);

/* rig_load() and the table as text: "1:F8 2:F0-" is version 1 confirmed, 2 failed and its file
 * gone.
 */
#define RIG_TEXT_MAX 256
void rig_describe(struct rig *rig, char ret_text[RIG_TEXT_MAX]);

/* boot_run() after a power-on. */
enum boot_outcome rig_boot(struct rig *rig);

/* Does program flash hold exactly this image, and 0xFF behind? */
bool rig_holds(const struct rig *rig, const struct rig_image *image);

/* Which image rig->boot starts next; 0: none. Fails the test when program flash does not hold it.
 */
uint32_t rig_boot_version(struct rig *rig);

/* Steps of this kind since the power came on; of one flash. */
uint32_t rig_operations(const struct rig *rig, bool is_nvm);
uint32_t rig_erases(const struct rig *rig, bool is_nvm);
/* The first step of this kind; with this log event; UINT32_MAX: there is none. */
uint32_t rig_find(const struct rig *rig, enum rig_kind kind);
uint32_t rig_find_log(const struct rig *rig, enum log_event event);
uint32_t rig_count_log(const struct rig *rig, enum log_event event);

void rig_answers(struct rig *rig, const struct rig_answer *answers, uint32_t count);

/* The manifest that announces an image at RIG_URL. */
void rig_manifest(const struct rig_image *image, uint32_t version, char ret_text[512]);

/* Callback of the OTA service that writes events down. */
void rig_on_event(void *context, enum ota_event event, const struct ota_event_data *data);

#endif
