#!/usr/bin/env python3
"""A session of gdb-multiarch with the stub of sim/pic32: what a user does, and what must come out.

usage: gdb_session.py GDB_TARGET DEBUGGED.elf DEBUGGED.bin

Exits 77 where there is no gdb-multiarch.
"""
import os
import re
import shutil
import subprocess
import sys

TIMEOUT_S = 60

# Commands, and what they must print, in this order.
SESSION = (
    ('print/x $pc', r'\$1 = 0xbfc00000'),
    ('stepi', r''),
    ('print/x $sp', r'\$2 = 0x80040000'),
    ('break square', r'Breakpoint 1 at 0xbfc0\w+: file .*debugged\.c, line \d+'),
    ('continue', r'Breakpoint 1, square \(value=1\)'),
    ('continue', r'Breakpoint 1, square \(value=2\)'),
    ('backtrace', r'#0 +square \(value=2\)[^#]*#1 +0xbfc0\w+ in main \(\)'),
    ('finish', r'Value returned is \$3 = 4'),
    ('print *(unsigned *) 0x80001000', r'\$4 = 1'),
    ('set var *(unsigned *) 0x80001000 = 1000', r''),
    ('continue', r'Breakpoint 1, square \(value=3\)'),
    ('print *(unsigned *) 0x80001000', r'\$5 = 1004'),
    ('delete', r''),
    ('tbreak square if value == 100', r'Temporary breakpoint 2'),
    ('continue', r'Temporary breakpoint 2, square \(value=100\)'),
    ('x/i $pc', r'=> 0xbfc0\w+ <square'),
    ('info registers pc', r'pc: 0xbfc0|pc +0xbfc0'),
    ('set $pc = 0', r''),
    ('continue', r'brownout: fetch of 4 bytes at 0x00000000: nothing is there.*SIGSEGV'),
    ('detach', r'detached'),
)


def talk(gdb, elf, port, session):
    """Give gdb the commands of a session, and complain of each answer that is not as it should be.

    Returns whether all are."""
    command = [gdb, '-nx', '-batch', '-iex', f'add-auto-load-safe-path {os.path.dirname(elf)}',
               '-ex', 'set pagination off', '-ex',
               'set architecture mips:isa32r2', '-ex', f'target remote 127.0.0.1:{port}']
    for line, _ in session:
        command += ['-ex', f'echo \\n>> {line}\\n', '-ex', line]
    done = subprocess.run(command + [elf], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL, text=True, timeout=TIMEOUT_S, check=False)
    answers = done.stdout.split('\n>> ')[1:]
    failed = [line for (line, pattern), answer in zip(session, answers)
              if not re.search(pattern, answer, re.S)]
    if len(answers) == len(session) and not failed:
        print(f'{len(answers)} answers of gdb as they should be')
        return True
    print(done.stdout)
    print(f'{len(answers)} of {len(session)} answers, not as they should be: {failed}')
    return False


def main():
    target, elf, binary = sys.argv[1:]
    gdb = shutil.which('gdb-multiarch')
    if not gdb:
        return 77
    with subprocess.Popen([target, binary], stdout=subprocess.PIPE, text=True) as stub:
        port = stub.stdout.readline().strip()
        try:
            is_fine = talk(gdb, elf, port, SESSION)
            status = stub.wait(timeout=TIMEOUT_S)
        except subprocess.TimeoutExpired as late:
            stub.kill()
            print(late, late.output)
            return 1
    if status:
        print(f'the stub ended with {status}')
    return int(status != 0 or not is_fine)


if __name__ == '__main__':
    sys.exit(main())
