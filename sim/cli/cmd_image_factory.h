#ifndef SIM_CLI_CMD_IMAGE_FACTORY_H
#define SIM_CLI_CMD_IMAGE_FACTORY_H

/* 'brownout image factory'; argv[0] is "factory". Returns enum cli_exit. */
int cmd_image_factory_run(int argc, char **argv);

#endif
