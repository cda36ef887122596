#include "sim/scenario/vocab_device.h"

#include "sim/scenario/vocab_table.h"

#define AWAY_MAX_S  1000000
#define PLACE_MAX_K 16384

static const struct vocab_choice store_choices[] = {
    {"4M", "an SST26VF032B, as on the board"},
    {"2M", "half of that, as an SST26VF016B"},
    {"1M", "a quarter, as an SST26VF080A"},
    {NULL, NULL},
};

static const struct vocab_word device_words[] = {
    {.name = "factory",
     .text = "The image it left the factory with.",
     .type = VOCAB_IMAGE,
     .is_required = true,
     FIELD(scenario, factory)},
    {.name = "virgin",
     .text = "It was just programmed and never started.",
     .type = VOCAB_BOOL,
     .fallback = "false",
     FIELD(scenario, is_virgin)},
    {.name = "installed",
     .text = "Updates it went through and confirmed, the oldest first; the last one runs.",
     .type = VOCAB_IMAGES,
     .fallback = "[]",
     .max = SCENARIO_LIST_MAX,
     ARRAY(scenario, installed, installed_count)},
    {.name = "downloaded",
     .text = "An image that is complete in the store and was not started yet; one at most.",
     .type = VOCAB_IMAGES,
     .fallback = "[]",
     .max = 1,
     ARRAY(scenario, downloaded, downloaded_count)},
    {.name = "on-trial",
     .text = "An image it was updated to then, that started once and was not confirmed yet.",
     .type = VOCAB_IMAGE,
     FIELD(scenario, on_trial)},
    {.name = "past",
     .text = "Its first life: the factory's image, then updates. It was programmed anew after it.",
     .type = VOCAB_IMAGES,
     .fallback = "[]",
     .max = SCENARIO_LIST_MAX,
     ARRAY(scenario, past, past_count)},
    {.name = "store",
     .text = "Its external flash.",
     .type = VOCAB_CHOICE,
     .fallback = "\"4M\"",
     .noun = "size",
     .choices = store_choices,
     FIELD(scenario, store_halvings)},
    {.name = "ecc",
     .text = "Flash ECC is on: a torn double word reads as an error.",
     .type = VOCAB_BOOL,
     .fallback = "false",
     FIELD(scenario, has_ecc)},
    {.name = "nil-product",
     .text = "It was provisioned with a vendor and a class that are all zeros.",
     .type = VOCAB_BOOL,
     .fallback = "false",
     FIELD(scenario, has_nil_product)},
    {.name = "images-max",
     .text = "Images kept in the store beside the factory backup.",
     .type = VOCAB_NUMBER,
     .fallback = "2",
     .min = 1,
     .max = 5,
     FIELD(scenario, images_max)},
    {.name = "interval-s",
     .text = "Seconds between update checks.",
     .type = VOCAB_NUMBER,
     .fallback = "60",
     .min = 1,
     .max = 7200,
     FIELD(scenario, interval_s)},
    {.name = "trials",
     .text = "Trial boots an image has to be confirmed in.",
     .type = VOCAB_NUMBER,
     .fallback = "3",
     .min = 1,
     .max = 10,
     FIELD(scenario, trials_max)},
    {.name = "confirm-within-s",
     .text = "Seconds that an image has to be confirmed in, before it is restarted; 0: any time.",
     .type = VOCAB_NUMBER,
     .fallback = "300",
     .max = 86400,
     FIELD(scenario, confirm_within_s)},
    {.name = "slots-used",
     .text = "Slots of boot control, of 16, that are used up; what it lacks is torn records.",
     .type = VOCAB_NUMBER,
     .fallback = "0",
     .max = 16,
     FIELD(scenario, slots_used)},
    {.name = "words-used",
     .text =
         "Status words, of 18, that its newest record has used up; what it lacks is torn words.",
     .type = VOCAB_NUMBER,
     .fallback = "0",
     .max = 18,
     FIELD(scenario, words_used)},
    {.name = "factory-pin",
     .text = "Somebody holds the factory pin at every start.",
     .type = VOCAB_BOOL,
     .fallback = "false",
     FIELD(scenario, is_factory_pin_held)},
    WHY,
    {0},
};

const struct vocab_object vocab_device_object = {
    .name = "device",
    .text = "The device as it is when the scenario begins.",
    .words = device_words,
};

static void set_absent(void *to, uint32_t value)
{
    ((struct scenario *)to)->network.air.absent_ms = value * 1000;
}

static void set_no_address(void *to, uint32_t value)
{
    ((struct scenario *)to)->network.air.no_address_ms = value * 1000;
}

static void set_away(void *to, uint32_t value)
{
    ((struct station_drop *)to)->for_ms = value * 1000;
}

static void set_drop_time(void *to, uint32_t value)
{
    ((struct station_drop *)to)->at_ms = value * 1000;
}

static const struct vocab_word drop_words[] = {
    {.name = "at",
     .text = "Once the device received so many bytes of bodies, manifests and images.",
     .type = VOCAB_SIZE,
     .min = 1,
     .max = PLACE_MAX_K * 1024,
     FIELD(station_drop, at_byte)},
    {.name = "at-s",
     .text = "So many seconds after the start.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = AWAY_MAX_S,
     .set = set_drop_time},
    {.name = "for-s",
     .text = "So many seconds the access point is out of reach then.",
     .type = VOCAB_NUMBER,
     .is_required = true,
     .min = 1,
     .max = AWAY_MAX_S,
     .set = set_away},
    WHY,
    {0},
};

const struct vocab_object vocab_device_drop_object = {
    .name = "drop",
    .text = "The network goes away once, and comes back.",
    .words = drop_words,
    .either = {"at", "at-s"},
};

static const struct vocab_word air_words[] = {
    {.name = "ssid",
     .text = "The name of the access point; without it: the one the device looks for.",
     .type = VOCAB_TEXT,
     .min = 1,
     .max = STATION_NAME_MAX - 1,
     FIELD(scenario, network.air.ssid)},
    {.name = "passphrase",
     .text = "What the access point wants to hear; without it: what the device says.",
     .type = VOCAB_TEXT,
     .min = 8,
     .max = 63,
     FIELD(scenario, network.air.passphrase)},
    {.name = "absent-s",
     .text = "Seconds until the access point is switched on.",
     .type = VOCAB_NUMBER,
     .fallback = "0",
     .max = AWAY_MAX_S,
     .set = set_absent},
    {.name = "no-address-s",
     .text = "Seconds until it gives addresses.",
     .type = VOCAB_NUMBER,
     .fallback = "0",
     .max = AWAY_MAX_S,
     .set = set_no_address},
    {.name = "drops",
     .text = "When the network goes away, one after the other.",
     .type = VOCAB_LIST,
     .max = STATION_DROPS_MAX,
     .object = &vocab_device_drop_object,
     ARRAY(scenario, network.air.drops, network.air.drop_count)},
    WHY,
    {0},
};

const struct vocab_object vocab_device_air_object = {
    .name = "air",
    .text = "The access point that is there.",
    .words = air_words,
};

static const struct vocab_word network_words[] = {
    {.name = "ssid",
     .text = "The name of the network that the device looks for.",
     .type = VOCAB_TEXT,
     .is_required = true,
     .min = 1,
     .max = STATION_NAME_MAX - 1,
     FIELD(scenario, network.ssid)},
    {.name = "passphrase",
     .text = "What the device says to be let in.",
     .type = VOCAB_TEXT,
     .is_required = true,
     .min = 8,
     .max = 63,
     FIELD(scenario, network.passphrase)},
    {.name = "air",
     .text = "The access point; without it: the right one, always there.",
     .type = VOCAB_OBJECT,
     .object = &vocab_device_air_object},
    WHY,
    {0},
};

const struct vocab_object vocab_device_network_object = {
    .name = "network",
    .text = "The Wi-Fi network that the device was configured for.",
    .words = network_words,
};
