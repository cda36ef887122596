#include "sim/mount/insides.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "sim/device/survey.h"

bool insides_open(struct insides *insides, const char *path, char ret_error[FOLDER_ERROR_SIZE])
{
    memset(insides, 0, sizeof *insides);
    if (!realpath(path, insides->path)) {
        snprintf(ret_error, FOLDER_ERROR_SIZE, "%s: %s", path, strerror(errno));
        return false;
    }
    if (!folder_open(&insides->folder, path, true, ret_error))
        return false;
    flash_nor_init(&insides->spi, &insides->folder.spi.cells, NULL, NULL);
    clock_gettime(CLOCK_REALTIME, &insides->opened);
    return true;
}

void insides_close(struct insides *insides)
{
    json_object_put(insides->survey);
    folder_close(&insides->folder);
}

struct json_object *insides_survey(struct insides *insides)
{
    struct folder *folder = &insides->folder;

    if (!insides->survey)
        insides->survey =
            survey_device(&folder->nvm.cells, &folder->spi.cells, folder->layout, &folder->policy);
    return insides->survey;
}

void insides_note(struct insides *insides, const char *format, ...)
{
    char line[400];
    va_list args;

    json_object_put(insides->survey);
    insides->survey = NULL;
    if (!insides->changed)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    insides->changed(insides->context, line);
}

void insides_poke(struct insides *insides, struct cells *cells, uint32_t offset, const void *data,
                  uint32_t size)
{
    uint32_t unit = cells->mark_size;

    memcpy(cells->bytes + offset, data, size);
    for (uint32_t at = offset - offset % unit; at < offset + size; at += unit)
        cells->marks[at / unit] = bytes_are_erased(cells->bytes + at, unit) ? 0 : CELLS_PROGRAMMED;
    json_object_put(insides->survey);
    insides->survey = NULL;
}
