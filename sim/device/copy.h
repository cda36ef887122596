#ifndef SIM_DEVICE_COPY_H
#define SIM_DEVICE_COPY_H

#include "sim/device/folder.h"

/* A snapshot of a device is a device: a folder with copies of its files. */

/* Copy the device at from to a folder that must not exist; it appears whole or not at all.
 * false: ret_error says why. */
bool copy_device(const char *from, const char *to, char ret_error[FOLDER_ERROR_SIZE]);

/* Make a device what a snapshot is, in one step: before it the old one is there, behind it the new
 * one. false: ret_error says why, and the device is as it was. */
bool copy_restore(const char *device, const char *snapshot, char ret_error[FOLDER_ERROR_SIZE]);

#endif
