#!/usr/bin/env python3
"""A check that cannot fail is worth nothing: break every rule of style.py once and see it said."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import style  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

SOURCE = '#include "{0}/{1}.h"\n\nint {1}_run(void)\n{{\n    return 1;\n}}\n'
HEADER = '#ifndef A\n#define A\n\n#include <stdint.h>\n\nint {0}_run(void);\n\n#endif\n'
TEST = 'int main(void)\n{\n    return 0;\n}\n'
FLASH = '#ifndef A\n#define A\n\nstruct flash;\n\n%s\n#endif\n'

CLEAN = {
    'core/layout.c': 'const int layout_one = 1;\n',
    'core/part.h': HEADER.format('part'),
    'core/part.c': SOURCE.format('core', 'part'),
    'bootloader/boot.h': HEADER.format('boot'),
    'bootloader/boot.c': SOURCE.format('bootloader', 'boot'),
    'hal_posix/file.h': HEADER.format('file'),
    'hal_posix/file.c': SOURCE.format('hal_posix', 'file'),
    'sim/device/device.h': HEADER.format('device'),
    'sim/device/device.c': SOURCE.format('sim/device', 'device'),
    'sim/cli/main.c': 'int anything = 1;\n' + TEST,
    'tests/test_part.c': TEST,
    'tests/test_boot.c': TEST,
    'tests/test_file.c': TEST,
    'tests/test_device.c': TEST,
    'scenarios/sunny.json': '{"why": "it works"}\n',
    **{path: '' for path in style.NO_TEST if not path.startswith('core/')},
}

BODY = '\n\nint part_run(void)\n{\n    return 1;\n}\n'
LONG = 'int part_run(void)\n{\n' + '    part_run();\n' * 69 + '    return 1;\n}\n'

# rule: what breaks it (file, content, what is said of it)
BROKEN = {
    'check_includes': [
        ('core/part.c', '#include <stdio.h>' + BODY, 'core/part.c:1: <stdio.h> may not'),
        ('core/part.c', '#include "bootloader/boot.h"' + BODY, 'core/part.c:1: "bootloader/boot'),
        ('core/part.c', '#include "part.h"' + BODY, 'core/part.c:1: "part.h" does not name'),
        ('core/part.h', '#include "sim/device/device.h"\n', 'core/part.h:1: "sim/device/device.h"'),
        ('bootloader/boot.h', '#include <stdlib.h>\n', 'bootloader/boot.h:1: <stdlib.h> may not'),
        ('bootloader/boot.h', '#include "hal_posix/file.h"\n', 'bootloader/boot.h:1: "hal_posix/'),
        ('hal_posix/file.h', '#include "sim/device/device.h"\n', 'hal_posix/file.h:1: "sim/'),
        ('hal_posix/file.h', '#include "bootloader/boot.h"\n', 'hal_posix/file.h:1: "bootloader/'),
        ('hal_pic32/nvm.h', '#include "hal_posix/file.h"\n', 'hal_pic32/nvm.h:1: "hal_posix/'),
        ('hal_pic32/nvm.h', '#include "bootloader/boot.h"\n', 'hal_pic32/nvm.h:1: "bootloader/'),
        ('hal_pic32/nvm.h', '#include <xc.h>\n', 'hal_pic32/nvm.h:1: <xc.h> may not'),
        ('sim/device/device.h', '#include "hal_pic32/nvm.h"\n', 'sim/device/device.h:1: "hal_'),
    ],
    'check_objects': [
        ('sim/device/unbuilt.c', '', 'sim/device/unbuilt.c:1: not built'),
    ],
    'check_symbols': [
        ('core/part.c', 'int other_run(void)\n{\n    return 1;\n}\n', 'core/part.c:1: global'),
        ('sim/device/device.c', 'int x;\nint devices;\n', 'sim/device/device.c:2: global symbol'),
    ],
    'check_globals': [
        ('core/part.c', 'int part_state;\n', 'core/part.c:1: mutable global or static part_state'),
        ('core/part.c', 'int part_state = 1;\n', 'core/part.c:1: mutable global'),
        ('core/part.c', '_Thread_local int part_state;\n', 'core/part.c:1: mutable global'),
        ('bootloader/boot.c',
         'int boot_run(void)\n{\n    static int count;\n    return ++count;\n}\n',
         'bootloader/boot.c:3: mutable global or static count'),
    ],
    'check_headers': [
        ('core/part.h', 'uint32_t part_run(void);\n', 'core/part.h:1: does not compile alone'),
    ],
    'check_power': [
        ('core/part.h', FLASH % '/* Says nothing. */\nint part_run(struct flash *flash);\n',
         'core/part.h:7: no Power: line above part_run'),
        ('core/part.h', FLASH % 'int part_run(struct flash *flash);\n',
         'core/part.h:6: no Power: line above part_run'),
        ('bootloader/boot.h',
         FLASH % 'struct x {\n    /* No. */\n    int (*erase)(struct flash *flash);\n};\n',
         'bootloader/boot.h:8: no Power: line above erase'),
        ('core/part.h', FLASH % ('struct x {\n    int a; /* Power: of a. */\n};\n\n'
                                 'int part_run(struct flash *flash);\n'),
         'core/part.h:10: no Power: line above part_run'),
    ],
    'check_text': [
        ('core/part.h', '\tint part_run(void);\n', 'core/part.h:1: tab'),
        ('core/part.h', 'int part_run(void); \n', 'core/part.h:1: trailing space'),
        ('tests/a.py', '#' * 101 + '\n', 'tests/a.py:1: 101 columns'),
        ('tests/a.py', '#', 'tests/a.py:1: no newline at the end'),
    ],
    'check_lengths': [
        ('core/part.c', LONG, 'core/part.c:2: function of 72 lines'),
        ('tests/a.py', '#\n' * 701, 'tests/a.py:700: 701 lines'),
    ],
    'check_conditionals': [
        ('core/part.c', '#if 1\n#endif' + BODY, 'core/part.c:1: #if in device code'),
        ('core/part.c', '#ifdef A\n#endif' + BODY, 'core/part.c:1: #if in device code'),
        ('core/part.h', FLASH % '#ifndef B\n#endif\n', 'core/part.h:6: #if in device code'),
    ],
    'check_tests': [
        ('tests/test_part.c', None, 'core/part.c:1: no tests/test_part.c'),
        ('core/layout.c', None, 'tests/style.py:1: NO_TEST names core/layout.c'),
    ],
    'check_scenarios': [
        ('scenarios/sunny.json', '{"why": "x",\n}\n', 'scenarios/sunny.json:2: not valid JSON'),
        ('scenarios/sunny.json', '{"why": NaN}\n', 'scenarios/sunny.json:1: not valid JSON'),
        ('scenarios/sunny.json', '{"why": "x", "why": "y"}\n', 'scenarios/sunny.json:1: not valid'),
        ('scenarios/sunny.json', '{"why": " "}\n', 'scenarios/sunny.json:1: no "why"'),
        ('scenarios/deep/a.json', '[]\n', 'scenarios/deep/a.json:1: no "why"'),
    ],
    'check_leftovers': [
        ('core/part.h', '/* TO' 'DO: later */\n', 'core/part.h:1: leftover'),
        ('tests/a.py', '# FIX' 'ME\n', 'tests/a.py:1: leftover'),
    ],
    'check_format': [
        ('core/part.h', 'int  part_run( void );\n', 'core/part.h:1: not as clang-format'),
    ],
}

FINE = {
    'core/part.h': FLASH % ('struct x {\n    int (*read)(struct flash *flash);\n'
                            '    /* Power: lost. */\n    int (*erase)(struct flash *flash);\n};\n\n'
                            '/* Power: of a group. */\nint part_run(struct flash *flash);\n'
                            'int part_stop(struct flash *flash);\n\n'
                            'int part_size(const struct flash *flash);\n'),
    'core/part.c': ('static const char *const part_names[] = {"#if 1"};\n\n'
                    'const char *part_name(int i)\n{\n    return part_names[i];\n}\n'),
    'sim/device/device.c': ('#include <stdio.h>\n\n#include "bootloader/boot.h"\n'
                            '#include "lfs2.h"\n'),
    'subprojects/lfs2.h': '',
}


# What only reads sources needs no objects.
READ_OBJECTS = {style.check_objects, style.check_symbols, style.check_globals}


def compile_tree(root, paths, has_objects):
    build = os.path.join(root, 'build')
    os.mkdir(build)
    entries = []
    for path in paths:
        if not path.endswith('.c') or 'unbuilt' in path:
            continue
        output = path.replace('/', '_') + '.o'
        command = ['cc', '-fPIC', '-std=c11', f'-I{root}', f'-I{root}/subprojects',
                   '-c', f'../{path}', '-o', output]
        # A source broken on purpose may not compile; the object of another one is then missing.
        if has_objects:
            subprocess.run(command, cwd=build, capture_output=True, check=False)
        entries.append({'directory': build, 'command': ' '.join(command), 'file': f'../{path}',
                        'output': output})
    with open(os.path.join(build, 'compile_commands.json'), 'w', encoding='utf-8') as file:
        json.dump(entries, file)
    return build


def judge(changes, *checks):
    """What these checks say of the clean tree with these changes."""
    files = {path: text for path, text in {**CLEAN, **changes}.items() if text is not None}
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), 'w', encoding='utf-8') as file:
                file.write(text)
        shutil.copy(os.path.join(ROOT, '.clang-format'), root)
        has_objects = not READ_OBJECTS.isdisjoint(checks)
        tree = style.Tree(root, compile_tree(root, files, has_objects))
        return [f'{path}:{line}: {message}' for check in checks
                for path, line, message in check(tree)]


class StyleTest(unittest.TestCase):
    def test_clean_tree_has_no_violation(self):
        for changes in ({}, FINE):
            self.assertEqual([], judge(changes, *style.CHECKS))

    def test_every_rule_is_broken_here(self):
        self.assertEqual({check.__name__ for check in style.CHECKS}, set(BROKEN))

    def test_every_violation_is_reported(self):
        for rule, cases in BROKEN.items():
            if rule == 'check_format' and not style.has_clang_format():
                continue
            for path, text, expected in cases:
                with self.subTest(rule=rule, expected=expected):
                    said = judge({path: text}, getattr(style, rule))
                    self.assertTrue(any(line.startswith(expected) for line in said), said)


if __name__ == '__main__':
    unittest.main()
