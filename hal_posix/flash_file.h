#ifndef HAL_POSIX_FLASH_FILE_H
#define HAL_POSIX_FLASH_FILE_H

#include "hal_posix/cells.h"

/*
 * A flash in two mapped files: <path>.bin has the bytes and nothing else, <path>.cells what the
 * bytes do not show (wear, what was programmed, what is torn or weak). Without <path>.cells the
 * wear is 0 and everything that is not 0xFF counts as programmed. What was written stays when the
 * process is killed.
 */
struct flash_file {
    struct cells cells; /* cells.flash is the flash */
    void *side;
};

enum flash_file_mode {
    FLASH_FILE_LOOK,   /* no file changes or is made, whatever is written to the flash */
    FLASH_FILE_USE,    /* <path>.bin must be there */
    FLASH_FILE_CREATE, /* missing files are made, erased */
};

/*
 * Open. cells are those of cells_init_*(). The room on the disk is taken now: a disk that is full
 * is an error here, and never one in the middle of a program operation.
 * OTA_ERR_NOT_FOUND, OTA_ERR_SIZE (a file is shorter or longer than the flash), OTA_ERR_FLASH
 * (the system refused); ret_error then has a sentence with file and reason. Nothing stays open.
 */
OTA_MUST_USE enum ota_err flash_file_open(struct flash_file *file, const struct cells *cells,
                                          const char *path, enum flash_file_mode mode,
                                          char ret_error[256]);
void flash_file_close(struct flash_file *file);

#endif
