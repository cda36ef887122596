#include "sim/report/report_write.h"

#include <stdlib.h>
#include <string.h>

void *report_write_need(void *memory)
{
    if (memory)
        return memory;
    fputs("brownout: out of memory\n", stderr);
    abort();
}

FILE *report_write_open(char **ret_text, size_t *ret_size)
{
    return report_write_need(open_memstream(ret_text, ret_size));
}

void report_write_text(FILE *to, const char *text)
{
    fputc('"', to);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < ' ' || c == '<' || c == 0x7F)
            fprintf(to, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            fprintf(to, "\\%c", c);
        else
            fputc(c, to);
    }
    fputc('"', to);
}

void report_write_xml(FILE *to, const char *text)
{
    static const char special[] = "<>&\"\n\t";
    static const char *const names[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#10;", "&#9;"};

    for (; *text; text++) {
        const char *at = strchr(special, *text);
        if (at)
            fputs(names[at - special], to);
        else
            fputc((unsigned char)*text < ' ' ? '?' : *text, to);
    }
}
