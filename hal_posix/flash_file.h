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

/*
 * Open; create: make missing files, erased. cells are those of cells_init_*().
 * OTA_ERR_NOT_FOUND, OTA_ERR_SIZE (a file is shorter or longer than the flash), OTA_ERR_FLASH
 * (the system refused); ret_error then has a sentence with file and reason. Nothing stays open.
 */
OTA_MUST_USE enum ota_err flash_file_open(struct flash_file *file, const struct cells *cells,
                                          const char *path, bool create, char ret_error[256]);
void flash_file_close(struct flash_file *file);

#endif
