#ifndef SIM_EXPLORE_SHIELD_H
#define SIM_EXPLORE_SHIELD_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Firmware runs in processes that it may crash or hang. It hangs when it uses so much time of the
 * processor: other programs that are busy, and a machine that sleeps, do not count.
 */
#define SHIELD_HANG_S     60
#define SHIELD_REASON_MAX 80

/* This process ends itself when it has used so many seconds more; 0: not any longer. */
void shield_raise(uint32_t seconds);

/* A process with firmware has ended, with this status of waitpid(): how, in words. seconds: of its
 * shield. */
void shield_reason(int status, uint32_t seconds, char ret_reason[SHIELD_REASON_MAX]);

/* Somebody wanted it to end; it is not the firmware's fault. */
bool shield_was_stopped(int status);

#endif
