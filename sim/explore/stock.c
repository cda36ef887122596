#include "sim/explore/stock.h"

#include <string.h>

#include "core/part.h"
#include "core/store.h"

#define PIECE 1024

/* The cells as a flash that nobody can write to. */
struct stock {
    struct flash flash;
    struct judge *judge;
    struct log log;
    struct store store;
    struct store_file file;
};

static enum ota_err stock_read(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    const struct judge *judge = ((const struct stock *)flash)->judge;
    const struct cells *cells = judge->spi;

    power_note_look(judge->use, flash, offset, size);
    memcpy(data, cells->bytes + offset, size);
    return OTA_OK;
}

static enum ota_err stock_program(struct flash *flash, uint32_t offset, const void *data,
                                  uint32_t size)
{
    (void)flash;
    (void)offset;
    (void)data;
    (void)size;
    return OTA_ERR_FLASH;
}

static enum ota_err stock_erase(struct flash *flash, uint32_t offset)
{
    (void)flash;
    (void)offset;
    return OTA_ERR_FLASH;
}

static enum ota_err stock_unlock(struct flash *flash)
{
    (void)flash;
    return OTA_OK;
}

static const struct flash_ops flash_ops = {
    .read = stock_read, .program = stock_program, .erase = stock_erase, .unlock = stock_unlock};

static void stock_event(struct log *log, enum log_event event, uint32_t a, uint32_t b, uint32_t c)
{
    (void)log;
    (void)event;
    (void)a;
    (void)b;
    (void)c;
}

static const struct log_ops log_ops = {.event = stock_event};

static void name_image(const struct stock *stock, uint32_t image, char ret_name[DATABASE_NAME_MAX])
{
    store_name(stock->judge->scenario->images[image].version,
               stock->judge->fixture->images[image].digest, ret_name);
}

/* Is the open file this image, bit for bit? */
static bool is_whole(struct stock *stock, const struct fixture_image *image)
{
    struct image_source *source = &stock->file.source;
    uint8_t piece[PIECE];

    if (source->size != image->size)
        return false;
    for (uint32_t offset = 0, size; offset < image->size; offset += size) {
        size = image->size - offset < PIECE ? image->size - offset : PIECE;
        if (source->read(source, offset, piece, size) ||
            memcmp(piece, image->bytes + offset, size) != 0)
            return false;
    }
    return true;
}

static void check_image(struct stock *stock, uint32_t image)
{
    const struct scenario *scenario = stock->judge->scenario;
    const char *label = scenario->images[image].name;
    bool is_wanted = scenario->has_stored && scenario->stored >> image & 1;
    bool is_unwanted = scenario->has_stored ? !is_wanted : scenario->gone >> image & 1;
    char name[DATABASE_NAME_MAX];

    name_image(stock, image, name);
    if (store_open(&stock->store, name, &stock->file)) {
        if (is_wanted)
            judge_fail(stock->judge, CLAIM_EVENTUALLY, "%s is not in the store", label);
        return;
    }
    if (is_unwanted)
        judge_fail(stock->judge, CLAIM_EVENTUALLY, "%s is still in the store", label);
    else if (is_wanted && !is_whole(stock, &stock->judge->fixture->images[image]))
        judge_fail(stock->judge, CLAIM_EVENTUALLY, "%s in the store is damaged", label);
    store_close(&stock->file);
}

/* Is this the name of one of the scenario's images, or of what a store always has? */
static bool is_known(const struct stock *stock, const char *name)
{
    char known[DATABASE_NAME_MAX];
    size_t length = strlen(name);

    if (length < 4 || strcmp(name + length - 4, ".bin") != 0 || strcmp(name, STORE_FACTORY) == 0)
        return true;
    for (uint32_t i = 0; i < stock->judge->fixture->image_count; i++) {
        name_image(stock, i, known);
        if (strcmp(known, name) == 0)
            return true;
    }
    return false;
}

static void check_others(struct stock *stock)
{
    lfs2_t *lfs = &stock->store.lfs;
    struct lfs2_info info;
    lfs2_dir_t directory;

    if (lfs2_dir_open(lfs, &directory, STORE_DIRECTORY))
        return;
    while (lfs2_dir_read(lfs, &directory, &info) > 0)
        if (info.type == LFS2_TYPE_REG && !is_known(stock, info.name))
            judge_fail(stock->judge, CLAIM_EVENTUALLY, "%.60s is in the store", info.name);
    (void)lfs2_dir_close(lfs, &directory);
}

static void check_begun(struct stock *stock)
{
    struct lfs2_info info;

    if (lfs2_stat(&stock->store.lfs, STORE_DIRECTORY "/" PART_FILE, &info) == 0)
        judge_fail(stock->judge, CLAIM_EVENTUALLY, "%u bytes of a download lie in the store",
                   info.size);
}

/* The last way back: what lies under its name is whole, or not there. */
static void check_factory(struct stock *stock)
{
    const struct judge *judge = stock->judge;

    if (judge_is_backup_excused(judge) || store_open(&stock->store, STORE_FACTORY, &stock->file))
        return;
    if (!is_whole(stock, &judge->fixture->images[judge->scenario->factory]))
        judge_fail(stock->judge, CLAIM_NEVER_BRICKED, "the factory backup is damaged");
    store_close(&stock->file);
}

void stock_check(struct judge *judge)
{
    const struct scenario *scenario = judge->scenario;
    struct stock stock = {.flash = judge->spi->flash, .judge = judge, .log = {&log_ops}};
    bool is_claimed = scenario->has_stored || scenario->gone || scenario->has_nothing_begun;

    stock.flash.ops = &flash_ops;
    if (store_mount(&stock.store, &stock.flash, &stock.log)) {
        if (is_claimed)
            judge_fail(judge, CLAIM_EVENTUALLY, "the store does not mount");
        return;
    }
    check_factory(&stock);
    if (!is_claimed)
        return;
    for (uint32_t i = 0; i < scenario->image_count; i++)
        check_image(&stock, i);
    if (scenario->has_stored)
        check_others(&stock);
    if (scenario->has_nothing_begun)
        check_begun(&stock);
}
