#!/usr/bin/env python3
"""The figures of docs/DESIGN.md have the names of the code, all of them and no others.

usage: diagrams.py SOURCE_ROOT

Prints each difference; exits 1 when there is one. tests/test_diagrams.py breaks each figure once.
"""

import os
import re
import sys

DESIGN = 'docs/DESIGN.md'
SERVICE, STATUS, START = range(3)  # the figures in their order

# Functions that a start calls and that are no steps of it: they tell, read or set up.
NO_STEP = {'say', 'bootctl_open', 'bootctl_counter_floor', 'flash_unlock', 'flash_protect'}


def figures(design):
    return re.findall(r'^```mermaid\n(.*?)^```$', design, re.M | re.S)


def without_comments(code):
    return re.sub(r'/\*.*?\*/', '', code, flags=re.S)


def enumerators(code, enum):
    """{name: value or None} of an enum."""
    body = re.search(rf'enum {enum} \{{(.*?)\}}', without_comments(code), re.S).group(1)
    return {name: value or None
            for name, value in re.findall(r'(\w+)(?:\s*=\s*(\w+))?\s*(?:,|$)', body)}


def function_body(code, name):
    return re.search(rf'^(?:static )?[\w ]+[ *]{name}\([^;{{]*\)\n\{{\n(.*?)^\}}', code,
                     re.M | re.S).group(1)


def states(figure):
    """Names at the ends of the arrows of a state diagram."""
    ends = re.findall(r'^\s*(\S+) --> (\S+?)(?::|$)', figure, re.M)
    return {end for pair in ends for end in pair} - {'[*]'}


def arrows(figure):
    return re.findall(r'^\s*(\S+) --> (\S+?)(?::|$)', figure, re.M)


def steps(figure):
    """Node names of a flowchart: 'a{text} -- label --> b[text]'."""
    bare = re.sub(r'\(\[.*?\]\)|\[.*?\]|\{.*?\}|-- .*? -->', lambda match:
                  '-->' if match.group().startswith('--') else '', figure)
    return set(re.findall(r'\b([A-Za-z_]\w+)\b', re.sub(r'^flowchart TD', '', bare)))


def compare(what, in_figure, in_code):
    for name in sorted(in_figure - in_code):
        yield f'{DESIGN}: {what}: {name} is not in the code'
    for name in sorted(in_code - in_figure):
        yield f'{DESIGN}: {what}: {name} of the code is missing'


def check_service(design, read):
    code = enumerators(read('core/ota.h'), 'ota_state')
    figure = figures(design)[SERVICE]
    yield from compare('service', states(figure), {name[len('OTA_STATE_'):] for name in code})
    # Each state that the service can be put into is reached by an arrow, and the other way round.
    entered = set(re.findall(r'state = (?:[^;]*? \? )?OTA_STATE_(\w+)', read('core/ota.c')))
    entered |= set(re.findall(r'state = [^;]*? : OTA_STATE_(\w+)', read('core/ota.c')))
    yield from compare('service, reached', {to for _, to in arrows(figure)} - {'[*]'}, entered)


def check_status(design, read):
    code = enumerators(read('core/bootctl.h'), 'bootctl_status')
    figure = figures(design)[STATUS]
    named = {f'{value} {name[len("BOOTCTL_"):]}' for name, value in code.items()}
    yield from compare('image', states(figure), {name.split()[1] for name in named})
    shown = set(re.findall(r'^\s*\w+: (0x\w+ \w+)$', figure, re.M))
    yield from compare('image, values', shown, named)


def check_start(design, read):
    code = without_comments(read('bootloader/boot.c'))
    defined = set(re.findall(r'^static [\w ]+[ *](\w+)\(', code, re.M))
    defined |= set(re.findall(r'\b(factory_\w+)\(', read('bootloader/factory.h')))
    called = set()
    for function in ('boot_run', 'choose'):
        called |= set(re.findall(r'\b(\w+)\(', function_body(code, function))) & defined
    outcomes = set(enumerators(read('bootloader/boot.h'), 'boot_outcome'))
    figure = steps(figures(design)[START]) - {'power'}
    yield from compare('start', figure, (called | outcomes) - NO_STEP)


CHECKS = (check_service, check_status, check_start)


def judge(read):
    """The differences; read(path) gives the text of a file."""
    design = read(DESIGN)
    if len(figures(design)) != len(CHECKS):
        return [f'{DESIGN}: {len(figures(design))} figures, not {len(CHECKS)}']
    return [line for check in CHECKS for line in check(design, read)]


def main():
    if len(sys.argv) != 2:
        sys.exit('usage: diagrams.py SOURCE_ROOT')

    def read(path):
        with open(os.path.join(sys.argv[1], path), encoding='utf-8') as file:
            return file.read()

    found = judge(read)
    for line in found:
        print(line)
    print(f'diagrams: {len(CHECKS)} figures, {len(found)} differences')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
