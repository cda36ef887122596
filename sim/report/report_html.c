#include "sim/report/report_html.h"

#include <stdlib.h>
#include <string.h>

#include "sim/report/report_page.h"
#include "sim/report/report_write.h"

void report_html_init(struct report_html *html)
{
    memset(html, 0, sizeof *html);
    html->drawn = report_write_open(&html->drawn_text, &html->drawn_size);
    html->is_empty = true;
}

void report_html_scenario(struct report_html *html, const char *left, size_t size)
{
    fprintf(html->drawn, "%s{", html->is_empty ? "" : ",\n");
    if (left)
        fwrite(left, 1, size, html->drawn);
    fputc('}', html->drawn);
    html->is_empty = false;
}

/* In a script element "</script" would end it; in JSON a '<' stands in strings only. */
static void put_json(FILE *out, struct json_object *report)
{
    const char *text = json_object_to_json_string_ext(report, JSON_C_TO_STRING_PLAIN |
                                                                  JSON_C_TO_STRING_NOSLASHESCAPE);

    for (; *text; text++) {
        if (*text == '<')
            fputs("\\u003c", out);
        else
            fputc(*text, out);
    }
}

char *report_html_end(struct report_html *html, struct json_object *report)
{
    char *text = NULL;
    size_t size;
    FILE *out = report_write_open(&text, &size);

    fclose(html->drawn);
    fprintf(out, "%s<style>\n%s</style>\n%s<script id=\"report\" type=\"application/json\">",
            report_page_head, report_page_style, report_page_body);
    put_json(out, report);
    fprintf(out,
            "</script>\n<script id=\"drawn\" type=\"application/json\">[%s]</script>\n"
            "<script>\n%s</script>\n</body>\n</html>\n",
            html->drawn_text, report_page_script);
    fclose(out);
    free(html->drawn_text);
    return text;
}
