#!/usr/bin/env python3
"""Say what the firmware takes of its flash and RAM.

usage: sizes.py NM BOOTLOADER.elf APP.elf

The linker scripts set the limits, and the linker holds to them; this prints how near they are, and
exits 1 when one is passed all the same.
"""

import subprocess
import sys

PHYSICAL = 0x1FFFFFFF


def symbols_of(nm, path):
    lines = subprocess.run([nm, path], check=True, capture_output=True, text=True).stdout
    fields = [line.split() for line in lines.splitlines()]
    return {name: int(value, 16) for value, _, name in (f for f in fields if len(f) == 3)}


def report(name, area, used, limit):
    print(f'{name:<10} {area:<14} {used:>7} of {limit:>7} bytes  {100 * used / limit:5.1f} %')
    return used <= limit


def check(nm, path):
    symbol = symbols_of(nm, path)
    name = path.rsplit('/', 1)[-1]
    start = symbol['start_entry'] & PHYSICAL
    end = (symbol['_data_load'] & PHYSICAL) + symbol['_data_end'] - symbol['_data']
    ram = symbol['_bss_end'] - symbol['ram_start']
    is_good = report(name, 'program flash', end - start, symbol['flash_end'] - start)
    is_good &= report(name, 'RAM', ram, symbol['_stack_top'] - symbol['ram_start'])
    stack = symbol['_stack_top'] - symbol['_bss_end']
    print(f'{name:<10} {"stack":<14} {stack:>7} bytes left, {symbol["stack_min"]} wanted')
    return is_good and stack >= symbol['stack_min']


def main():
    if len(sys.argv) != 4:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    results = [check(sys.argv[1], path) for path in sys.argv[2:]]
    return 0 if all(results) else 1


if __name__ == '__main__':
    sys.exit(main())
