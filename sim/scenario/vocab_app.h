#ifndef SIM_SCENARIO_VOCAB_APP_H
#define SIM_SCENARIO_VOCAB_APP_H

#include "sim/scenario/vocab.h"

/* The words of the application: how it uses the service, and what it is asked for. */
extern const struct vocab_object vocab_app_object;
extern const struct vocab_object vocab_app_request_object;

/* "check", "factory-reset", "configure": what a request asks for. */
const char *vocab_app_ask(enum ota_request request);

/* The words that only a "configure" has, each of which says what changes; NULL behind the last. */
const char *vocab_app_setting(uint32_t index);

#endif
