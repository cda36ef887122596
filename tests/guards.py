#!/usr/bin/env python3
"""guards.py [OPTIONS] SOURCE [BUILD] [NAME...]: remove each guard of the device code once.

The lists in tests/guards/ hold one removal an entry:

    # what the guard does
    file: core/store.c
    red: start/database-empty
    -    if (!store->is_mounted)
    -        return OTA_ERR_STATE;
         lines as in a diff: '-' goes, '+' comes, ' ' stays; together they stand there once

Each is compiled and linked alone, and the scenario it names must fail. Where none can, 'kept:' says
why the guard is there all the same, and 'unit:' which test of tests/ must fail then; without it no
test does. Without BUILD only the lists are checked, which takes no time.
Exit code: 0, or 1 when a removal turns nothing red that it names, or its text is not found once.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

FIELDS = ('file', 'red', 'kept', 'unit')
FAILED = 1  # brownout: a verdict failed
# No names for a debugger, and the fastest linker: five hundred times it matters.
COMPILE = ['-w', '-g0']
LINK = ['-Wl,-s'] + (['-fuse-ld=gold'] if shutil.which('ld.gold') else [])
HANG_S = '3'


class BadList(Exception):
    pass


class Guard:
    def __init__(self, name, place):
        self.name, self.place, self.fields, self.lines = name, place, {}, []

    def take(self, line):
        key, colon, value = line.partition(': ')
        if not self.lines and colon and key in FIELDS:
            if key in self.fields and key != 'kept':  # a reason may take several lines
                raise BadList(f'{self.place}: {self.name}: two of "{key}"')
            self.fields[key] = f'{self.fields.get(key, "")} {value}'.strip()
        elif line[:1] in ('-', '+', ' ', ''):
            self.lines.append(line or ' ')
        else:
            raise BadList(f'{self.place}: {self.name}: cannot read "{line}"')

    def text(self, marks):
        return ''.join(line[1:] + '\n' for line in self.lines if line[0] in marks)

    def end(self):
        while self.lines and not self.lines[-1].strip():
            self.lines.pop()
        if 'file' not in self.fields or ('red' in self.fields) == ('kept' in self.fields):
            raise BadList(f'{self.place}: {self.name}: needs "file", and "red" or "kept"')
        if 'unit' in self.fields and 'kept' not in self.fields:
            raise BadList(f'{self.place}: {self.name}: "unit" is for what is "kept"')
        if self.text(' -') == self.text(' +'):
            raise BadList(f'{self.place}: {self.name}: removes nothing')

    def removed(self, source):
        """The file without the guard."""
        path = source / self.fields['file']
        text, old = path.read_text(), self.text(' -')
        count = ('\n' + text).count('\n' + old)
        if count != 1:
            raise BadList(f'{self.place}: {self.name}: its text stands {count} times in {path}')
        at = ('\n' + text).index('\n' + old)
        return text[:at] + self.text(' +') + text[at + len(old):]


def read_lists(source):
    guards, names = [], set()
    for path in sorted((source / 'tests/guards').glob('*.txt')):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line.startswith('# '):
                guards.append(Guard(line[2:], f'{path.name}:{number}'))
                if line in names:
                    raise BadList(f'{path.name}:{number}: "{line[2:]}" is there twice')
                names.add(line)
            elif guards and guards[-1].place.startswith(path.name):
                guards[-1].take(line)
            elif line:
                raise BadList(f'{path.name}:{number}: stands before the first "# name"')
    for guard in guards:
        guard.end()
        for name in guard.fields.get('red', '').split():
            if not (source / 'scenarios' / f'{name}.json').is_file():
                raise BadList(f'{guard.place}: {guard.name}: no scenario "{name}"')
        for name in guard.fields.get('unit', '').split():
            if not (source / 'tests' / f'{name}.c').is_file():
                raise BadList(f'{guard.place}: {guard.name}: no test "{name}"')
    return guards


class Builder:
    """Compiles and links as the build does, but one file of it from elsewhere."""

    def __init__(self, source, build, is_built):
        self.source, self.build = source, build
        if not is_built:
            subprocess.run(['ninja', '-C', build], check=True, stdout=subprocess.DEVNULL)
        self.compile = {(build / entry['file']).resolve(): shlex.split(entry['command'])
                        for entry in json.loads((build / 'compile_commands.json').read_text())
                        if '/lib' in entry['output']}
        self.link = {}

    def link_line(self, target):
        if target not in self.link:
            lines = subprocess.run(['ninja', '-C', self.build, '-t', 'commands', target],
                                   check=True, capture_output=True, text=True).stdout
            self.link[target] = shlex.split(lines.splitlines()[-1])
        return self.link[target]

    def make(self, guard, folder, target='brownout'):
        """A program of the build without the guard; raises CalledProcessError."""
        code, thing, program = folder / 'guard.c', folder / 'guard.o', folder / 'program'
        code.write_text(guard.removed(self.source))
        line = self.compile[(self.source / guard.fields['file']).resolve()]
        line = line[:line.index('-MD')] + COMPILE + ['-o', str(thing), '-c', str(code)]
        subprocess.run(line, cwd=self.build, check=True, capture_output=True, text=True)
        link = self.link_line(target)
        at = link.index('-o')
        line = link[:at] + ['-o', str(program), str(thing)] + link[at + 2:] + LINK
        subprocess.run(line, cwd=self.build, check=True, capture_output=True, text=True)
        return program


def turns_red(program, path, seconds):
    try:
        run = subprocess.run([program, 'run', '-j1', '--hang', HANG_S, path],
                             capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == FAILED


def fails(program, seconds):
    try:
        return subprocess.run([program], capture_output=True, timeout=seconds).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def likely_first(source, guards):
    """The names of all scenarios, those first that many guards need."""
    needs = collections.Counter(n for g in guards for n in g.fields.get('red', '').split())
    folder = source / 'scenarios'
    names = [path.relative_to(folder).with_suffix('').as_posix()
             for path in folder.glob('*/*.json')]
    return sorted(names, key=lambda name: (-needs[name], name))


def try_units(builder, guard, options):
    """What came of a guard that no scenario shows, and the test that failed, if one did."""
    named = guard.fields.get('unit', '').split()
    with tempfile.TemporaryDirectory(prefix='guard.') as folder:
        for name in named + [n for n in options.units or () if n not in named]:
            try:
                program = builder.make(guard, pathlib.Path(folder), f'tests/{name}')
            except subprocess.CalledProcessError as error:
                if name not in named:
                    continue  # a test that has no use for the file
                return 'BROKEN', error.stderr.splitlines()[0]
            if fails(program, options.seconds):
                return 'UNIT' if name in named else 'FOUND', name
    return ('GREEN', ' '.join(named)) if named else ('KEPT', '')


def try_guard(builder, guard, options, every):
    """What came of it, and the scenario that turned red, if one did."""
    scenarios = builder.source / 'scenarios'
    named = guard.fields.get('red', '').split()
    if not named and not options.search:
        return try_units(builder, guard, options)
    with tempfile.TemporaryDirectory(prefix='guard.') as folder:
        try:
            program = builder.make(guard, pathlib.Path(folder))
        except subprocess.CalledProcessError as error:
            return 'BROKEN', error.stderr.splitlines()[0]
        for name in named + [n for n in every if options.search and n not in named]:
            if turns_red(program, scenarios / f'{name}.json', options.seconds):
                return 'RED' if name in named else 'FOUND', name
    return ('KEPT', '') if 'kept' in guard.fields else ('GREEN', ' '.join(named))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('source', type=pathlib.Path)
    parser.add_argument('build', type=pathlib.Path, nargs='?')
    parser.add_argument('names', nargs='*', help='only those that have one of these in their name')
    parser.add_argument('-j', '--jobs', type=int, default=os.cpu_count())
    parser.add_argument('--no-build', action='store_true', help='BUILD is up to date')
    parser.add_argument('--search', action='store_true',
                        help='where the named scenario is not red, try all others')
    parser.add_argument('--units', nargs='+', metavar='TEST',
                        help='where nothing is named, try these tests')
    parser.add_argument('--seconds', type=float, default=120, help='for one scenario (%(default)s)')
    options = parser.parse_args()
    source = options.source.resolve()
    try:
        guards = read_lists(source)
        for guard in guards:
            guard.removed(source)
    except BadList as error:
        print(f'guards: {error}')
        return 1
    if not options.build:
        print(f'guards: {len(guards)} removals, each stands once')
        return 0
    every = likely_first(source, guards)
    if options.names:
        guards = [g for g in guards if any(name in g.name for name in options.names)]
    builder = Builder(source, options.build.resolve(), options.no_build)
    count = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for guard, (word, by) in zip(guards, pool.map(
                lambda guard: try_guard(builder, guard, options, every), guards)):
            count[word] = count.get(word, 0) + 1
            print(f'{word:6} {guard.fields["file"]}: {guard.name}' + (f' | {by}' if by else ''),
                  flush=True)
    print('guards:', ', '.join(f'{n} {word}' for word, n in sorted(count.items())))
    return 1 if set(count) - {'RED', 'UNIT', 'KEPT'} or not guards else 0


if __name__ == '__main__':
    sys.exit(main())
