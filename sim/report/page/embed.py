#!/usr/bin/env python3
"""usage: embed.py OUTPUT.c NAME=FILE...: each file as a C string of that name."""

import sys


def literal(text):
    """A character array: ISO C promises no string literal of more than 4095 characters."""
    numbers = [str(byte) for byte in text.encode('utf-8')] + ['0']
    lines = [', '.join(numbers[i:i + 24]) for i in range(0, len(numbers), 24)]
    return ',\n    '.join(lines)


def main():
    with open(sys.argv[1], 'w', encoding='utf-8') as output:
        output.write('#include "sim/report/report_page.h"\n')
        for argument in sys.argv[2:]:
            name, path = argument.split('=', 1)
            with open(path, encoding='utf-8') as file:
                text = file.read()
            assert text.isascii(), f'{path}: only ASCII, as a char may be signed'
            output.write(f'\nconst char {name}[] = {{\n    {literal(text)}}};\n')


main()
