/* For a program that is built with a canary to look at it: it never sleeps. */
#include "tests/canary/canary.h"

bool canary_is_awake = true;
