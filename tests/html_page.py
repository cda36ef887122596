#!/usr/bin/env python3
"""usage: html_page.py BROWNOUT: the HTML report in a real browser: it is drawn, without an error,
and its links lead somewhere. Skipped where there is no Chromium."""

import html.parser
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

import report_scenes

brownout = sys.argv[1]
chromium = shutil.which('chromium') or shutil.which('chromium-browser')


class Page(html.parser.HTMLParser):
    """What the browser made of the page."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.tags, self.state = [], [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append(tag)
        if tag == 'html':
            self.state = attributes.get('data-state')
        if 'id' in attributes:
            self.ids.append(attributes['id'])
        if tag == 'a':
            self.links.append(attributes['href'])


def browse(path, profile):
    done = subprocess.run(
        [chromium, '--headless', '--no-sandbox', '--disable-gpu', '--no-first-run',
         '--disable-background-networking', '--disable-component-update', '--disable-sync',
         '--user-data-dir=' + profile, '--enable-logging=stderr', '--virtual-time-budget=5000',
         '--dump-dom', 'file://' + path + '#all'],
        capture_output=True, text=True, timeout=120, check=True)
    errors = [line for line in done.stderr.splitlines() if 'CONSOLE' in line]
    assert not errors, errors
    return done.stdout


# What a reader does: a step to the right in every map, and a click.
USE = """<script>
document.querySelectorAll('canvas[tabindex]').forEach((map) => {
  map.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
});
document.querySelectorAll('#s-fails canvas[tabindex]').forEach((map) => {
  const box = map.getBoundingClientRect();
  const at = { clientX: box.left + 1, clientY: box.top + 1 };
  map.dispatchEvent(new MouseEvent('mousemove', at));
  map.dispatchEvent(new MouseEvent('click', at));
});
document.querySelectorAll('svg').forEach((chart) => {
  chart.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
});
const choice = document.querySelector('#s-fails select');
choice.value = 1;
choice.dispatchEvent(new Event('change'));
</script>"""


def check_use(path, folder, names):
    with open(path, encoding='utf-8') as file:
        text = file.read()
    used = os.path.join(folder, 'used.html')
    with open(used, 'w', encoding='utf-8') as file:
        file.write(text.replace('</body>', USE + '</body>'))
    text = browse(used, os.path.join(folder, 'profile'))
    told = re.findall(r'aria-live="polite">([^<]*)<div class="command"><code>(.*?)</code>', text)
    assert len(told) == len(names) + 2, told
    assert told[0] == (told[0][0], 'brownout replay ' + folder + '/scenarios/bad/fails.json:1t')
    assert told[1][1].endswith('/fails.json:1t.1a'), told[1]
    assert 'after 2 boots' in told[0][0] or 'after 1 boot' in told[0][0], told[0]
    assert len(re.findall(r'operation 1 of \d+: ', text)) == len(names) - 1
    assert 'POWER CUT' in text


def check(text, names):
    page = Page(text)
    assert page.state == 'ready', page.state
    assert len(page.ids) == len(set(page.ids)), 'an id stands twice'
    for link in page.links:
        assert link.startswith('#'), f'{link} leads out of the page'
        assert urllib.parse.unquote(link[1:]) in page.ids, f'{link} leads nowhere'
    assert ['s-' + name for name in names] == [one for one in page.ids if one.startswith('s-')]
    # Of each scenario a strip and two heat maps; of two of them second cuts.
    assert page.tags.count('canvas') == 3 * len(names) + 2, page.tags.count('canvas')
    assert page.tags.count('svg') == len(names)
    assert '4 passed, 1 failed' in text
    assert 'brownout replay ' in text
    assert '&lt;b&gt;&amp; lives&lt;/b&gt;' in text and '<b>& lives' not in text


def main():
    if not chromium:
        print('chromium is not here')
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        names = report_scenes.write(os.path.join(folder, 'scenarios'))
        path = os.path.join(folder, 'report.html')
        done = subprocess.run([brownout, 'run', os.path.join(folder, 'scenarios'), '--html', path],
                              stdout=subprocess.DEVNULL, check=False)
        assert done.returncode == 1, done.returncode
        check(browse(path, os.path.join(folder, 'profile')), names)
        check_use(path, folder, names)


main()
