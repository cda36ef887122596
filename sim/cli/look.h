#ifndef SIM_CLI_LOOK_H
#define SIM_CLI_LOOK_H

/* brownout device inspect | diff: what looks at devices and changes nothing. argv[0] is the name of
 * the subcommand; each returns enum cli_exit. */
int look_inspect(int argc, char **argv);
int look_diff(int argc, char **argv);

#endif
