#ifndef SIM_REPORT_REPORT_WRITE_H
#define SIM_REPORT_REPORT_WRITE_H

#include <stddef.h>
#include <stdio.h>

/* Writing text of a format, with memory that is always there: without it the program ends. */

/* Returns memory, which is not NULL. */
void *report_write_need(void *memory);

/* open_memstream(). */
FILE *report_write_open(char **ret_text, size_t *ret_size);

/* A JSON string, quotes included. No '<' stands in it as such, so that it may stand in HTML. */
void report_write_text(FILE *to, const char *text);

/* Text of XML: content or an attribute's value. What XML cannot hold is '?'. */
void report_write_xml(FILE *to, const char *text);

#endif
