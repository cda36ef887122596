#!/usr/bin/env python3
"""The style law as a test (docs/DESIGN.md 1).

usage: style.py SOURCE_ROOT BUILD_ROOT

BUILD_ROOT is a plain build with every target built, of the simulator or of the firmware: symbols
are read from its objects. Prints each violation as "file:line: message"; exits 1 when there is one.
tests/test_style.py breaks every rule.
"""

import collections
import concurrent.futures
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

LAYERS = ('core', 'bootloader', 'hal_posix', 'sim')
FIRMWARE_LAYERS = ('core', 'bootloader', 'hal_pic32')
FOLDERS = LAYERS + ('hal_pic32', 'tests', 'bench', 'scenarios', '.ci')
SKIPPED_FOLDERS = {'golden', 'vectors', 'corpus', '__pycache__'}

ANY = None
FREESTANDING = {'stdint.h', 'stddef.h', 'stdbool.h', 'string.h'}
LIBRARIES = {'lfs2.h', 'jsmn.h'}
# layer: (layers it may include, system headers it may include)
INCLUDES = {
    'core': ({'core'}, FREESTANDING),
    'bootloader': ({'core', 'bootloader'}, FREESTANDING),
    'hal_posix': ({'core', 'hal_posix'}, ANY),
    'hal_pic32': ({'core', 'hal_pic32'}, FREESTANDING | {'bearssl.h'}),
    'sim': ({'core', 'bootloader', 'hal_posix', 'sim'}, ANY),
    'tests': ({'core', 'bootloader', 'hal_posix', 'hal_pic32', 'sim', 'tests'}, ANY),
    'bench': ({'core', 'bootloader', 'hal_posix', 'sim', 'bench'}, ANY),
}

ON_CHIP = 'runs on the model of the chip'

# Sources that need no tests/test_<stem>.c, with the reason. Commands (sim/cli) are tested by use.
NO_TEST = {
    'core/layout.c': 'one table of numbers',
    'hal_pic32/clock_cp0.c': ON_CHIP,
    'hal_pic32/config_words.c': 'one table of numbers',
    'hal_pic32/main_app.c': ON_CHIP,
    'hal_pic32/main_bootloader.c': ON_CHIP,
    'hal_pic32/port.c': ON_CHIP,
    'hal_pic32/spi.c': ON_CHIP,
    'hal_pic32/system_pic32.c': ON_CHIP,
    'hal_pic32/trap.c': ON_CHIP,
    'hal_pic32/uart.c': ON_CHIP,
    'hal_posix/log_none.c': 'does nothing',
}

# The C library's and the compiler's names are not ours to choose.
FOREIGN_NAMES = 'hal_pic32/libc/'

# For the chip, and compiled for it alone.
CROSS_COMPILED = ('tests/mips/', 'tests/canary/nvm_deaf.c')

# Declarations that need no Power: line although they take a flash or what is built on one.
NO_POWER = {
    'flash_read': 'reads, as it says',
    'image_flash_init': 'keeps the pointer and calls nothing',
}

COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 700

COMMENT = r'/\*.*?\*/|//[^\n]*'
STRING = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''


def blank(text, match):
    return re.sub(r'[^\n]', ' ', match.group())


def without_comments(text):
    def replace(match):
        return match.group() if match.group()[0] in '"\'' else blank(text, match)
    return re.sub(COMMENT + '|' + STRING, replace, text, flags=re.S)


def code_only(text):
    """The text without comments, strings and preprocessor lines; positions stay what they are."""
    text = re.sub(COMMENT + '|' + STRING, lambda match: blank(text, match), text, flags=re.S)
    return re.sub(r'^[ \t]*#(?:\\\n|[^\n])*', lambda match: blank(text, match), text, flags=re.M)


def line_at(text, position):
    return text.count('\n', 0, position) + 1


def layer_of(path):
    return path.split('/')[0]


def stem_of(path):
    return os.path.splitext(os.path.basename(path))[0]


Command = collections.namedtuple('Command', 'path directory arguments object')


class Tree:
    """What the checks look at: sources as text by path from the root, and how they were built."""

    def __init__(self, root, build):
        self.root = root
        self.texts = {path: self.read(path) for path in sorted(self.walk())}
        self.commands = list(self.read_commands(build))
        self.is_firmware = all(layer_of(command.path) != 'sim' for command in self.commands)
        self.built = FIRMWARE_LAYERS if self.is_firmware else LAYERS

    def read(self, path):
        with open(os.path.join(self.root, path), encoding='utf-8') as file:
            return file.read()

    def walk(self):
        for name in os.listdir(self.root):
            if name == 'dev' or re.search(r'^meson|\.md$', name):
                yield name
        for top in FOLDERS:
            for folder, folders, names in os.walk(os.path.join(self.root, top)):
                folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
                for name in names:
                    path = os.path.relpath(os.path.join(folder, name), self.root)
                    if path == '.ci/run' or re.search(r'\.([chS]|py|json|md|sh)$|^meson', name):
                        yield path

    def read_commands(self, build):
        with open(os.path.join(build, 'compile_commands.json'), encoding='utf-8') as file:
            entries = json.load(file)
        for entry in entries:
            source = os.path.realpath(os.path.join(entry['directory'], entry['file']))
            path = os.path.relpath(source, os.path.realpath(self.root))
            if path in self.texts:
                yield Command(path, entry['directory'], shlex.split(entry['command']),
                              os.path.join(entry['directory'], entry['output']))

    def sources(self, layers, pattern):
        for path, text in self.texts.items():
            if layer_of(path) in layers and re.search(pattern, path):
                yield path, text


def check_includes(tree):
    """Each layer includes what is below it, by its name from the root."""
    for path, text in tree.sources(INCLUDES, r'\.[chS]$'):
        layers, system = INCLUDES[layer_of(path)]
        if path.startswith('hal_pic32/main'):
            layers = layers | {'bootloader'}
        for number, line in enumerate(without_comments(text).splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line)
            if not match or match.group(2) in LIBRARIES and not path.startswith('hal_'):
                continue
            is_system, name = match.group(1) == '<', match.group(2)
            if is_system:
                if system is not ANY and name not in system:
                    yield path, number, f'<{name}> may not be included in {layer_of(path)}/'
            elif '/' not in name or not os.path.exists(os.path.join(tree.root, name)):
                yield path, number, f'"{name}" does not name a file from the root'
            elif layer_of(name) not in layers:
                yield path, number, f'"{name}" may not be included in {layer_of(path)}/'


Symbol = collections.namedtuple('Symbol', 'name kind type section')


def read_symbols(path):
    lines = subprocess.run(['nm', '--format=sysv', path], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    for line in lines:
        fields = [field.strip() for field in line.split('|')]
        if len(fields) == 7 and fields[2] != 'Class':
            yield Symbol(fields[0], fields[2], fields[3], fields[6])


def symbols_of(tree, layers):
    for command in tree.commands:
        if layer_of(command.path) in layers and os.path.exists(command.object):
            for symbol in read_symbols(command.object):
                name = symbol.name.split('.')[0]
                found = re.search(rf'\b{re.escape(name)}\b', code_only(tree.texts[command.path]))
                line = line_at(tree.texts[command.path], found.start()) if found else 1
                yield command.path, line, symbol


def check_objects(tree):
    """Every source is compiled, so that the checks on objects see all of it."""
    built = {command.path for command in tree.commands if os.path.exists(command.object)}
    layers = tree.built if tree.is_firmware else tree.built + ('tests',)
    for path, _ in tree.sources(layers, r'\.c$'):
        if path not in built and not path.startswith(CROSS_COMPILED):
            yield path, 1, 'not built: no object of it in the build folder'


def check_symbols(tree):
    """A global symbol says its file."""
    for path, line, symbol in symbols_of(tree, tree.built):
        stem = stem_of(path)
        if not symbol.kind.isupper() or symbol.kind == 'U' or stem == 'main':
            continue
        if path.startswith(FOREIGN_NAMES) or symbol.name == 'main' and stem.startswith('main_'):
            continue
        if symbol.name != stem and not symbol.name.startswith(stem + '_'):
            yield path, line, f'global symbol {symbol.name} does not start with {stem}_'


def check_globals(tree):
    """Device code keeps its state in structs it is given: a reset must lose it."""
    for path, line, symbol in symbols_of(tree, ('core', 'bootloader')):
        is_writable = re.match(r'\.[ts]?(data|bss)\b(?!\.rel\.ro)|\*COM\*', symbol.section)
        if is_writable and symbol.type in ('OBJECT', 'TLS'):
            yield path, line, f'mutable global or static {symbol.name}'


def header_command(tree, header):
    """The compiler call that checks a header: as the source beside it, or one of its layer."""
    def nearness(command):
        return (os.path.splitext(command.path)[0] == os.path.splitext(header)[0],
                os.path.dirname(command.path) == os.path.dirname(header),
                layer_of(command.path) == layer_of(header))

    command = max(tree.commands, key=nearness)
    kept = re.findall(r'(?:^|\n)(-isystem\n[^\n]+|-(?:I|D|U|std=|isystem|idirafter|m)[^\n]+|'
                      r'--target=[^\n]+|-EL|-nostdinc|-ffreestanding|-fno-pi[ce])',
                      '\n'.join(command.arguments))
    options = [word for option in kept for word in option.split('\n')]
    return command.directory, [command.arguments[0], *options, '-Wall', '-Werror',
                               '-fsyntax-only', '-x', 'c', '-']


def check_headers(tree):
    """Each header compiles alone."""
    def compile_alone(header):
        directory, command = header_command(tree, header)
        return subprocess.run(command, cwd=directory, input=f'#include "{header}"\n', text=True,
                              capture_output=True, check=False)

    headers = [path for path, _ in tree.sources(tree.built, r'\.h$')]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for header, result in zip(headers, pool.map(compile_alone, headers)):
            if result.returncode:
                error = re.search(r'[^\n]*error:[^\n]*', result.stderr)
                yield header, 1, ('does not compile alone: ' +
                                  (error.group() if error else result.stderr.strip()))


POWERED = re.compile(r'(?<!const )\bstruct (?:flash|bootctl|store|install|boot|fetch|ota) \*')
WRITING_MEMBER = re.compile(r'program|erase|write|append|format|remove|install')


def declarations(text):
    """(position, name, parameters, is_member) of each function and function pointer member."""
    code = re.sub(r'__attribute__\s*\(\(.*?\)\)', lambda match: blank(text, match),
                  code_only(text), flags=re.S)
    depth = start = 0
    for end in re.finditer(r'[;{}]', code):
        statement = code[start:end.start()]
        match = None
        if depth == 0 and end.group() in ';{':
            match = re.search(r'\b(\w+)\s*\((.*)\)', statement, re.S)
        elif depth == 1 and end.group() == ';':
            match = re.search(r'\(\s*\*\s*(\w+)\s*\)\s*\((.*)\)', statement, re.S)
        if match:
            first = start + len(statement) - len(statement.lstrip())
            yield first, match.group(1), match.group(2), depth == 1
        depth += {'{': 1, '}': -1, ';': 0}[end.group()]
        start = end.end()


def comment_above(text, position):
    """The last comment above, with nothing but declarations between; '' when there is none."""
    above = [match for match in re.finditer(COMMENT, text, re.S) if match.end() <= position]
    if not above or re.search(r'[{}]', code_only(text)[above[-1].end():position]):
        return ''
    return above[-1].group()


def check_power(tree):
    """What a power cut leaves behind is said where a function that may write is declared."""
    for path, text in tree.sources(('core', 'bootloader'), r'\.h$'):
        for position, name, parameters, is_member in declarations(text):
            if not POWERED.search(parameters) or name in NO_POWER:
                continue
            if is_member and not WRITING_MEMBER.search(name):
                continue
            if not re.search(r'\bPower:', comment_above(text, position)):
                yield path, line_at(text, position), f'no Power: line above {name}'


def check_text(tree):
    """No tabs, no trailing space, lines that fit."""
    for path, text in tree.texts.items():
        has_long_lines = path.endswith(('.json', '.md'))
        if text and not text.endswith('\n'):
            yield path, text.count('\n') + 1, 'no newline at the end of the file'
        for number, line in enumerate(text.splitlines(), 1):
            if '\t' in line:
                yield path, number, 'tab'
            if line != line.rstrip():
                yield path, number, 'trailing space'
            if len(line) > COLUMNS_MAX and not has_long_lines:
                yield path, number, f'{len(line)} columns, more than {COLUMNS_MAX}'


def check_lengths(tree):
    """A function fits on a screen or two, a file in a head."""
    for path, text in tree.sources(FOLDERS, r'\.([ch]|py)$'):
        lines = text.splitlines()
        if len(lines) > FILE_LINES_MAX:
            yield path, FILE_LINES_MAX, f'{len(lines)} lines, more than {FILE_LINES_MAX}'
        if path.endswith('.py'):
            continue
        start = None
        for number, line in enumerate(lines, 1):
            if line == '{':
                start = number
            elif line == '}' and start:
                if number - start + 1 > FUNCTION_LINES_MAX:
                    yield path, start, (f'function of {number - start + 1} lines, '
                                        f'more than {FUNCTION_LINES_MAX}')
                start = None


def check_conditionals(tree):
    """What differs is data or another file, never an #if."""
    for path, text in tree.sources(('core', 'bootloader'), r'\.[ch]$'):
        code = without_comments(text)
        guard = re.match(r'\s*#ifndef (\w+)\n#define \1\n', code) if path.endswith('.h') else None
        for match in re.finditer(r'^[ \t]*#[ \t]*(?:el)?if\w*', code, re.M):
            if not guard or match.start() >= guard.end():
                yield path, line_at(code, match.start()), '#if in device code'


def check_tests(tree):
    """A source with logic has its test file."""
    tested = {stem_of(path) for path, _ in tree.sources(('tests',), r'\btest_\w+\.c$')}
    for path, _ in tree.sources(LAYERS + ('hal_pic32',), r'\.c$'):
        has_test = 'test_' + stem_of(path) in tested
        if path.startswith('sim/cli/') or has_test or path in NO_TEST:
            continue
        yield path, 1, f'no tests/test_{stem_of(path)}.c'
    for path in NO_TEST:
        if path not in tree.texts:
            yield 'tests/style.py', 1, f'NO_TEST names {path}, which does not exist'


def unique_keys(pairs):
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f'key "{key}" twice')
    return dict(pairs)


def refuse_constant(name):
    raise ValueError(f'{name} is not JSON')


def check_scenarios(tree):
    """A scenario is strict JSON and says why it is there."""
    for path, text in tree.sources(('scenarios',), r'\.json$'):
        try:
            scenario = json.loads(text, object_pairs_hook=unique_keys,
                                  parse_constant=refuse_constant)
        except ValueError as error:
            yield path, getattr(error, 'lineno', 1), f'not valid JSON: {error}'
            continue
        if path in ('scenarios/schema.json', 'scenarios/counts.json'):
            continue
        why = scenario.get('why') if isinstance(scenario, dict) else None
        if not isinstance(why, str) or not why.strip():
            yield path, 1, 'no "why"'


# Written apart, or this file would break its own rule.
LEFTOVER = re.compile(r'\b(TO' r'DO|FIX' r'ME|XX' r'X)\b')


def check_leftovers(tree):
    """Nothing is left for later without anybody knowing."""
    for path, text in tree.texts.items():
        for match in LEFTOVER.finditer(text):
            yield path, line_at(text, match.start()), f'leftover {match.group()}'


def has_clang_format():
    if not shutil.which('clang-format'):
        return False
    version = subprocess.run(['clang-format', '--version'], capture_output=True, text=True,
                             check=True).stdout
    return ' version 14.' in version


def check_format(tree):
    """Sources are as clang-format 14 writes them."""
    paths = [path for path, _ in tree.sources(INCLUDES, r'\.[ch]$')]
    if not paths or not has_clang_format():
        return
    result = subprocess.run(['clang-format', '--dry-run', '--style=file', *paths], cwd=tree.root,
                            capture_output=True, text=True, check=False)
    for match in re.finditer(r'^([^\n:]+):(\d+):\d+: (?:warning|error): ', result.stderr, re.M):
        yield match.group(1), int(match.group(2)), 'not as clang-format writes it: ./dev format'
    if result.returncode:
        yield '.clang-format', 1, result.stderr.strip()


CHECKS = (check_includes, check_objects, check_symbols, check_globals, check_headers, check_power,
          check_text, check_lengths, check_conditionals, check_tests, check_scenarios,
          check_leftovers, check_format)


def violations(tree):
    return sorted({violation for check in CHECKS for violation in check(tree)})


def main():
    if len(sys.argv) != 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    tree = Tree(sys.argv[1], sys.argv[2])
    found = violations(tree)
    for path, line, message in found:
        print(f'{path}:{line}: {message}')
    if not has_clang_format():
        print('style: no clang-format 14: format check skipped')
    print(f'style: {len(tree.texts)} files, {len(found)} violations')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
