#ifndef SIM_SCENARIO_STRICT_H
#define SIM_SCENARIO_STRICT_H

#include <stddef.h>
#include <stdint.h>

#include "sim/scenario/locate.h"

/* The reader behind locate_scan(): RFC 8259 to the letter, characters and bytes. */

/* As locate_scan(), but keys that stand twice are not looked for. */
enum locate_result strict_scan(const char *text, size_t size, struct locate *ret_locate,
                               struct locate_fault *ret_fault);

/* Bytes of the UTF-8 character that text begins with; 0: these bytes are none. */
uint32_t strict_utf8(const char *text, size_t size);

/* The next character, decoded, of a string that strict_scan() took; *at goes behind it. */
uint32_t strict_character(const char **at);

#endif
