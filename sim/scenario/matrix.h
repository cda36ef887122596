#ifndef SIM_SCENARIO_MATRIX_H
#define SIM_SCENARIO_MATRIX_H

#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include "sim/scenario/value.h"

/*
 * The word "matrix" of a scenario file: places in the same file, named by JSON pointers, each with
 * the values it takes one after the other. A row is one value for each place, and a scenario of its
 * own. Rows are numbered from [0,0]; the last place changes first.
 */
#define MATRIX_PLACES_MAX 4
#define MATRIX_ROWS_MAX   64

struct matrix_place {
    char pointer[96];
    uint32_t target; /* node of the place */
    uint32_t list;   /* node of its values */
    uint32_t count;  /* of its values */
};

struct matrix {
    uint32_t place_count; /* 0: the file has none, and one row */
    uint32_t row_count;
    struct matrix_place places[MATRIX_PLACES_MAX];
};

/* false: something is wrong with it, and all of that was complained about. What the values are is
 * not looked at: that is for who reads the rows. */
bool matrix_read(struct value_reader *reader, struct matrix *ret_matrix);

/*
 * Put the values of a row into their places, in reader->locate and below root, the values of the
 * same text. A complaint about such a value is then about its place in the list. Any row may follow
 * any other. false: no memory.
 */
bool matrix_apply(const struct matrix *matrix, uint32_t row, struct value_reader *reader,
                  struct json_object *root);

/* Say in the scenario which row it is: name, row and setting. */
void matrix_label(const struct matrix *matrix, uint32_t row, const struct value_reader *reader,
                  struct scenario *scenario);

#endif
