#ifndef SIM_SCENARIO_VOCAB_SCHEMA_H
#define SIM_SCENARIO_VOCAB_SCHEMA_H

/* The JSON schema (draft-07) of scenario files, for editors: the text of scenarios/schema.json. The
 * caller's to free(); NULL: out of memory. */
char *vocab_schema(void);

#endif
