#include "sim/explore/look.h"

#include <string.h>

#include "sim/device/survey.h"

static struct json_object *look(const struct device *device)
{
    return survey_running(device->nvm_nor.below, device->spi_nor.below, device->config.layout,
                          &device->config.policy);
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
