#ifndef SIM_REPORT_REPORT_PAGE_H
#define SIM_REPORT_REPORT_PAGE_H

/* The files of sim/report/page/ and docs/report.schema.json as texts; embed.py makes them. */
extern const char report_page_head[], report_page_body[], report_page_style[], report_page_script[];
extern const char report_page_schema[];

#endif
