#include "sim/explore/look.h"

#include <stdlib.h>
#include <string.h>

#include "sim/device/survey.h"

/* A weak unit that is read settles, so the reader has cells of its own, in which none is weak. */
static bool copy(const struct cells *from, struct cells *ret_copy)
{
    uint32_t units = from->flash.size / from->flash.erase_size;
    uint32_t marks = from->flash.size / from->mark_size;

    *ret_copy = *from;
    ret_copy->ghosts = 0;
    ret_copy->before_change = NULL;
    ret_copy->reads_otherwise = NULL;
    ret_copy->bytes = malloc(from->flash.size);
    ret_copy->marks = malloc(marks);
    ret_copy->units = calloc(units, sizeof *ret_copy->units);
    if (!ret_copy->bytes || !ret_copy->marks || !ret_copy->units)
        return false;
    memcpy(ret_copy->bytes, from->bytes, from->flash.size);
    memcpy(ret_copy->marks, from->marks, marks);
    for (uint32_t i = 0; i < units; i++)
        ret_copy->units[i].erases = from->units[i].erases;
    return true;
}

static void drop(struct cells *cells)
{
    free(cells->bytes);
    free(cells->marks);
    free(cells->units);
}

static struct json_object *look(const struct device *device)
{
    struct cells nvm = {0}, spi = {0};
    struct json_object *survey = NULL;

    if (copy(device->nvm_nor.below, &nvm) && copy(device->spi_nor.below, &spi))
        survey = survey_device(&nvm, &spi, device->config.layout, &device->config.policy);
    drop(&nvm);
    drop(&spi);
    return survey;
}

void look_print(const struct device *device, FILE *out)
{
    struct json_object *survey = look(device);

    if (survey)
        survey_print(survey, out);
    json_object_put(survey);
}

char *look_json(const struct device *device)
{
    struct json_object *survey = look(device);
    char *text = survey ? strdup(json_object_to_json_string(survey)) : NULL;

    json_object_put(survey);
    return text;
}
