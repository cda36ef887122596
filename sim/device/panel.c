#include "sim/device/panel.h"

#include <poll.h>
#include <unistd.h>

static const struct {
    char letter;
    enum panel_key key;
    const char *text;
} keys[] = {
    {'r', PANEL_RESET, "press reset"},
    {'p', PANEL_PLUG, "pull the plug, or put it in again"},
    {'f', PANEL_BUTTON, "hold the factory reset button, or let it go; the next start looks"},
    {'t', PANEL_CLOCK, "let an hour pass"},
    {'u', PANEL_CHECK, "ask for an update check"},
    {'c', PANEL_CONFIRM, "confirm the running image"},
    {'b', PANEL_ROLLBACK, "ask to roll back"},
    {'x', PANEL_FACTORY, "ask for a factory reset"},
    {'s', PANEL_STATUS, "what runs"},
    {'h', PANEL_HELP, "this list"},
    {'q', PANEL_QUIT, "switch it off and leave"},
};

#define KEY_COUNT (sizeof keys / sizeof keys[0])

void panel_open(struct panel *panel, int fd)
{
    *panel = (struct panel){.fd = fd};
    panel->is_terminal = isatty(fd) && tcgetattr(fd, &panel->before) == 0;
    if (!panel->is_terminal)
        return;
    struct termios now = panel->before;
    now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
    tcsetattr(fd, TCSANOW, &now);
}

void panel_close(struct panel *panel)
{
    if (panel->is_terminal)
        tcsetattr(panel->fd, TCSANOW, &panel->before);
}

static enum panel_key key_of(char letter)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (keys[i].letter == letter)
            return keys[i].key;
    return PANEL_NONE;
}

enum panel_key panel_look(struct panel *panel, int wait_ms)
{
    struct pollfd input = {.fd = panel->fd, .events = POLLIN};
    char letter;

    while (panel->pressed == PANEL_NONE && poll(&input, 1, wait_ms) > 0)
        panel->pressed = read(panel->fd, &letter, 1) == 1 ? key_of(letter) : PANEL_QUIT;
    return panel->pressed;
}

void panel_take(struct panel *panel)
{
    panel->pressed = PANEL_NONE;
}

void panel_help(FILE *out)
{
    for (size_t i = 0; i < KEY_COUNT; i++)
        fprintf(out, "            %c  %s\n", keys[i].letter, keys[i].text);
    fflush(out);
}
