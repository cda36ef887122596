#ifndef HAL_POSIX_LOG_NONE_H
#define HAL_POSIX_LOG_NONE_H

#include "core/log.h"

/* A log that nobody reads: struct log silent = {&log_none_ops}. */
extern const struct log_ops log_none_ops;

#endif
