#ifndef SIM_CLI_HAND_H
#define SIM_CLI_HAND_H

/* brownout device fault | snapshot | restore: what changes a device by hand. argv[0] is the name of
 * the subcommand; each returns enum cli_exit. */
int hand_fault(int argc, char **argv);
int hand_snapshot(int argc, char **argv);
int hand_restore(int argc, char **argv);

#endif
