#!/usr/bin/env python3
"""docs/DEBUGGING.md does what it says.

usage: debugging.py SOURCE_ROOT BUILD_ROOT

Each line "$ ..." in a block of the page is run from the source folder, with the build's folder in
place of build/ and a new folder in place of OUT; each line below it must be in what it prints, in
that order. "..." stands for anything. Exits 77 where there is no gdb.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

PAGE = 'docs/DEBUGGING.md'


def commands(text):
    """(line number, command, expected lines) of each command of the page."""
    number, expected = 0, None
    is_inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith('```'):
            is_inside = line == '```console'
        elif is_inside and line.startswith('$ '):
            expected = []
            yield number, line[2:], expected
        elif is_inside and line != '...':
            expected.append(line)


def pattern(line):
    return re.compile('.*'.join(re.escape(part) for part in line.split('...')))


def missing(expected, output):
    """The first of the lines that is not in the output behind those before it, or None."""
    lines = iter(output.splitlines())
    for wanted in expected:
        wanted_re = pattern(wanted)
        if not any(wanted_re.match(line) for line in lines):
            return wanted
    return None


def main(root, build):
    if not shutil.which('gdb'):
        print('gdb is not installed')
        return 77
    folder = tempfile.mkdtemp()
    with open(os.path.join(root, PAGE), encoding='utf-8') as file:
        found = list(commands(file.read()))
    failures = 0
    for number, command, expected in found:
        real = re.sub(r'\bbuild/', build + '/', command).replace('OUT', folder)
        result = subprocess.run(real, shell=True, cwd=root, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        output = result.stdout.decode(errors='replace').replace(folder, 'OUT')
        wanted = missing(expected, output)
        if wanted is not None:
            failures += 1
            print(f'{PAGE}:{number}: {command}\n  does not print: {wanted}\n{output}')
    shutil.rmtree(folder)
    print(f'{len(found)} commands, {failures} wrong')
    return 1 if failures or not found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], os.path.abspath(sys.argv[2])))
