#include "sim/device/console_log.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

FILE *console_log_open(const char *folder)
{
    char path[4200];
    struct stat status;

    if ((size_t)snprintf(path, sizeof path, "%s/" CONSOLE_LOG_FILE, folder) >= sizeof path) {
        errno = ENAMETOOLONG;
        return NULL;
    }
    return fopen(path, stat(path, &status) == 0 && status.st_size > CONSOLE_LOG_MAX ? "we" : "ae");
}

void console_log_print(FILE *console, const char *line)
{
    char date[32];
    struct timespec now;
    struct tm local;

    if (!console)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &local);
    strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S", &local);
    fprintf(console, "%s.%03ld  %s\n", date, now.tv_nsec / 1000000, line);
    fflush(console); /* a device is killed at any moment */
}

void console_log_close(FILE *console)
{
    if (console)
        fclose(console);
}
