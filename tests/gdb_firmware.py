#!/usr/bin/env python3
"""gdb-multiarch with the real bootloader on the model of the chip: what the README shows.

usage: gdb_firmware.py BROWNOUT FOLDER_OF_THE_FIRMWARE

Exits 77 where there is no gdb-multiarch, or the firmware is not built.
"""
import os
import shutil
import subprocess
import sys
import tempfile

import gdb_session

# Commands, and what they must print, in this order.
SESSION = (
    ('print/x $pc', r'\$1 = 0xbfc00000'),
    ('break boot_run', r'Breakpoint 1 at 0x9000\w+: file \S*bootloader/boot\.c, line \d+'),
    ('continue', r'Breakpoint 1, boot_run \(boot=0x80\w+ <boot>, hal=0x80\w+ <port>'),
    ('backtrace', r'#0 +boot_run.*#1 +0x9000\w+ in main .*main_bootloader\.c:\d+'),
    ('info registers pc sp', r'pc: 0x9000\w+\s+sp: 0x8000\w+'),
    ('print *options', r'\$2 = \{trials_max = 3, watchdog_ms = 10000\}'),
    ('print *hal->layout', r'\$3 = \{name = 0x\w+ "\w+".* boot_address = 2952925184\}'),
    ('print boot->hal', r'\$4 = \(const struct hal \*\) 0x\w+'),
    ('next', r'\d+\s+boot->hal = hal;'),
    ('next', r'\d+\s+boot->options = \*options;'),
    ('print boot->hal == hal', r'\$5 = 1'),
    ('stepi', r'0x9000\w+'),
    ('ota boot', r'slot  0  the header of a factory image that has not.*newest   none'),
    ('ota store', r'store     \w+'),
    ('ota flash nvm 33', r'nvm page 33, 0x021000: erased \d+ times; \d+ of 512 units of 8 bytes'),
    ('ota flash spi 0x1000', r'spi page 1, 0x001000: erased 0 times; .*0x001000  ff ff'),
    ('ota flash spi 5000', r'spi has pages 0 to 1023'),
    ('ota flash nvm x', r"'x' is no page"),
    ('ota flash', r'usage: ota flash nvm\|spi PAGE'),
    ('monitor ota', r'monitor boot \| flash nvm\|spi PAGE \| store \| trace \[N\]'),
    ('break bootctl_append', r'Breakpoint 2 at'),
    ('continue', r'Breakpoint 2, bootctl_append'),
    ('print *record', r'record 0: version 7, factory, \d+ bytes, valid, 0 trial boots'),
    ('ota trace 3', r'program .*boot: factory backup written, \d+ bytes'),
    ('ota store', r'store     ok.*file      factory_reset.bin +\d+ bytes  version 7, verif'),
    ('delete', r''),
    ('tbreak *0xB0021000', r'Temporary breakpoint 3 at 0xb0021000'),
    ('continue', r'Temporary breakpoint 3, 0xb0021000'),
    ('print boot.bootctl.record.version', r'\$7 = 7'),
    ('print/x $pc', r'\$8 = 0xb0021000'),
    ('print boot.bootctl', r'boot control: slot 0, record 1: version 7, factory'),
    ('ota boot', r'1 of 16 slots used.*slot  0  record 1: version 7, .*newest   slot 0, version 7'),
    ('ota flash nvm 32', r'nvm page 32, 0x020000: erased 1 times'),
    ('ota trace x', r'usage: ota trace \[N\]'),
    ('detach', r'detached'),
)

LINES = ('boot: first start of factory version 7', 'boot: starting version 7')


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def make_device(brownout, firmware):
    """In the current folder."""
    run('openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'key.pem')
    run('openssl', 'pkey', '-in', 'key.pem', '-pubout', '-out', 'pub.pem')
    run(brownout, 'image', 'pack', '--version', '7', f'{firmware}/app.hex', '-o', 'v7.bin')
    run(brownout, 'image', 'sign', '--key', 'key.pem', 'v7.bin')
    run(brownout, 'device', 'new', 'dev', '--factory', 'v7.bin', '--key', 'pub.pem',
        '--bootloader', f'{firmware}/bootloader.hex')


def debug(gdb, brownout, elf):
    """The session, and then the chip on its own until the application runs."""
    command = [brownout, 'device', 'boot', 'dev', '--target', 'pic32', '--gdb', '0',
               '--until', 'version=7']
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          text=True) as device:
        port = device.stdout.readline().strip().rpartition(':')[2]
        try:
            is_fine = gdb_session.talk(gdb, elf, port, SESSION)
            console, _ = device.communicate(timeout=gdb_session.TIMEOUT_S)
        except subprocess.TimeoutExpired as late:
            device.kill()
            print(late, late.output)
            return 1
    missing = [line for line in LINES if line not in console]
    if device.returncode or missing:
        print(f'{console}the device ended with {device.returncode}; missing: {missing}')
    return int(not is_fine or device.returncode != 0 or bool(missing))


def main():
    brownout, firmware = (os.path.abspath(path) for path in sys.argv[1:])
    gdb = shutil.which('gdb-multiarch')
    if not gdb or not os.path.exists(f'{firmware}/bootloader.elf'):
        return 77
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        make_device(brownout, firmware)
        status = debug(gdb, brownout, f'{firmware}/bootloader.elf')
        os.chdir('/')
    return status


if __name__ == '__main__':
    sys.exit(main())
