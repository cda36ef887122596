#!/usr/bin/env python3
"""usage: manual.py BROWNOUT COMPLETION: the manual pages and the completion know every command,
option and word; man reads the pages without a complaint, where there is one."""

import re
import shutil
import subprocess
import sys

brownout, completion = sys.argv[1:]


def output(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=True, **more).stdout


def plain(page):
    """The text of a page as a reader sees it."""
    return page.replace('\\-', '-').replace('\\e', '\\').replace('\\(aq', "'").replace('\\&', '')


def commands():
    return re.findall(r'^  ([a-z]+) ', output(brownout, '--help'), re.M)


def check_pages():
    page = plain(output(brownout, 'man'))
    for command in commands():
        assert f'.SS {command}\n' in page, command
        assert output(brownout, command, '--help').rstrip('\n') in page, command
    page = plain(output(brownout, 'man', 'scenario'))
    assert output(brownout, 'words').rstrip('\n') in page


def check_with_man():
    for name in ('brownout', 'scenario'):
        done = subprocess.run(['man', '--warnings', '-l', '-'], input=output(brownout, 'man', name),
                              capture_output=True, text=True, check=True)
        assert not done.stderr, done.stderr


def complete(*words):
    script = (f'source "{completion}"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _brownout; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    return output('bash', '-c', script, 'bash', brownout, *words).split()


def check_completion():
    assert complete('') == commands()
    assert complete('ma') == ['man', 'manifest']
    assert '--junit' in complete('run', '--')
    assert complete('run', '--js') == ['--json']
    assert 'cut' in complete('words', '')


check_pages()
check_completion()
if shutil.which('man') and shutil.which('groff'):
    check_with_man()
