#!/usr/bin/env python3
"""A check that cannot fail is worth nothing: change figures and code, and see it said."""

import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import diagrams  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# (file, what stands there, what takes its place, what is said then)
BROKEN = [
    ('docs/DESIGN.md', '    CHECK --> OFFER', '    CHECK --> OFFERED',
     'service: OFFERED is not in the code'),
    ('core/ota.h', 'OTA_STATE_OFFER,', 'OTA_STATE_OFFER, OTA_STATE_PAUSE,',
     'service: PAUSE of the code is missing'),
    ('core/ota.c', 'ota->state = OTA_STATE_VERIFY', 'ota->state = OTA_STATE_READY',
     'service, reached: VERIFY is not in the code'),
    ('docs/DESIGN.md', 'VALID: 0xF8 VALID', 'VALID: 0xF9 VALID',
     'image, values: 0xF9 VALID is not in the code'),
    ('core/bootctl.h', 'BOOTCTL_BLANK = 0xFF,', 'BOOTCTL_BLANK = 0xFF,\n    BOOTCTL_GONE = 0x00,',
     'image: GONE of the code is missing'),
    ('docs/DESIGN.md', 'end_trial --> agree_with_database', 'end_trial --> agree_with_disk',
     'start: agree_with_disk is not in the code'),
    ('bootloader/boot.c', '        end_trial(boot);\n', '', 'start: end_trial is not in the code'),
    ('bootloader/boot.c', '            err = install_factory(boot);\n',
     '            err = install_factory(boot);\n            keep_installed(boot);\n',
     'start: keep_installed of the code is missing'),
    ('docs/DESIGN.md', '```mermaid\nflowchart', '```\nflowchart', '2 figures, not 3'),
]


def judge(path, old, new):
    """What is said of this tree with a change."""
    def read(name):
        with open(os.path.join(ROOT, name), encoding='utf-8') as file:
            text = file.read()
        if name == path:
            assert old in text, f'{path} has no {old!r}'
            text = text.replace(old, new)
        return text
    return diagrams.judge(read)


class DiagramsTest(unittest.TestCase):
    def test_this_tree_has_no_difference(self):
        self.assertEqual([], judge('', '', ''))

    def test_every_difference_is_said(self):
        for path, old, new, expected in BROKEN:
            with self.subTest(expected=expected):
                said = judge(path, old, new)
                self.assertTrue(any(expected in line for line in said), said)


if __name__ == '__main__':
    unittest.main()
