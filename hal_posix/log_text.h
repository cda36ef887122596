#ifndef HAL_POSIX_LOG_TEXT_H
#define HAL_POSIX_LOG_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/log.h"

/* The sentence of an event with its arguments, cut to size - 1 characters. */
void log_text_format(enum log_event event, const uint32_t args[3], char *ret_text, size_t size);

/* The event that this is the sentence of; arguments that it does not tell are 0. false: of none. */
bool log_text_parse(const char *text, enum log_event *ret_event, uint32_t ret_args[3]);

/* Which argument of an event is an error, 0 to 2; -1: none is. */
int log_text_error_at(enum log_event event);

/* "BOOT_START" and so on. */
const char *log_text_name(enum log_event event);

#endif
