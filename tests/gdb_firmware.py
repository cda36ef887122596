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
    ('delete', r''),
    ('tbreak *0xB0021000', r'Temporary breakpoint 2 at 0xb0021000'),
    ('continue', r'Temporary breakpoint 2, 0xb0021000'),
    ('print boot.bootctl.record.version', r'\$6 = 7'),
    ('print/x $pc', r'\$7 = 0xb0021000'),
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
