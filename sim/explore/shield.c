#include "sim/explore/shield.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>

/* What SIGPROF does to a process that has no handler for it, is all that is needed. */
void shield_raise(uint32_t seconds)
{
    const struct itimerval once = {.it_value = {seconds, 0}};

    setitimer(ITIMER_PROF, &once, NULL);
}

void shield_reason(int status, uint32_t seconds, char ret_reason[SHIELD_REASON_MAX])
{
    if (!WIFSIGNALED(status))
        snprintf(ret_reason, SHIELD_REASON_MAX, "the firmware ended the process: %d",
                 WEXITSTATUS(status));
    else if (WTERMSIG(status) == SIGPROF)
        snprintf(ret_reason, SHIELD_REASON_MAX,
                 "the firmware hangs: no end in %u s of processor time", seconds);
    else
        snprintf(ret_reason, SHIELD_REASON_MAX, "the firmware crashed: %s",
                 strsignal(WTERMSIG(status)));
}

bool shield_was_stopped(int status)
{
    return WIFSIGNALED(status) && (WTERMSIG(status) == SIGINT || WTERMSIG(status) == SIGTERM);
}
