#ifndef SIM_EXPLORE_STOCK_H
#define SIM_EXPLORE_STOCK_H

#include "sim/explore/judge.h"

/*
 * What lies in the image store of a device at the end of its run: read from the cells by the
 * device's own file system, and compared with the scenario's images byte by byte. The cells stay as
 * they are. What is not as the scenario says fails the judge, and so does a factory backup that is
 * not whole, where nothing excuses it.
 */
void stock_check(struct judge *judge);

#endif
