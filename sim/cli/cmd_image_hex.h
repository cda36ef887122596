#ifndef SIM_CLI_CMD_IMAGE_HEX_H
#define SIM_CLI_CMD_IMAGE_HEX_H

/* 'brownout image hex'; argv[0] is "hex". Returns enum cli_exit. */
int cmd_image_hex_run(int argc, char **argv);

#endif
