#!/usr/bin/env python3
"""usage: reports.py BROWNOUT: every report of a run is read back by what it is made for."""

import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

import report_scenes

try:
    import jsonschema
except ImportError:
    print('python3-jsonschema is not here')
    sys.exit(77)

brownout = sys.argv[1]


def run(*arguments, status=None):
    done = subprocess.run([brownout, *arguments], capture_output=True, text=True, check=False)
    if status is not None:
        assert done.returncode == status, (arguments, done.returncode, done.stderr)
    return done


def forbid_more(schema):
    """Programs must bear new words; this test must know them all."""
    if isinstance(schema, dict):
        for value in list(schema.values()):
            forbid_more(value)
        if schema.get('type') == 'object':
            schema['additionalProperties'] = False
    elif isinstance(schema, list):
        for value in schema:
            forbid_more(value)


def check_json(report, names):
    schema = json.loads(run('schema', '--report', status=0).stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    forbid_more(schema)
    jsonschema.validate(report, schema)
    scenarios = report['scenarios']
    assert [scenario['name'] for scenario in scenarios] == names
    assert report['totals']['failed'] == 1
    for word in ('points', 'states', 'skipped', 'boots', 'operations'):
        assert report['totals'][word] == sum(scenario[word] for scenario in scenarios), word
    closes = scenarios[names.index('closes')]
    assert closes['closed'] is True and 'closed' not in scenarios[0]
    failure = scenarios[0]['failures'][0]
    assert failure['steps'] and failure['points'] >= 1
    assert sum(failure['points'] for failure in scenarios[0]['failures']) == \
        scenarios[0]['points_failed']


def check_replay(report):
    """The command of a failure shows it again, in the same words."""
    for failure in report['scenarios'][0]['failures']:
        done = run(*failure['replay'].split()[1:], status=1)
        assert f"{failure['claim']}: {failure['text']}" in done.stdout, done.stdout


def check_junit(text, report):
    suites = xml.fromstring(text)
    cases = list(suites.iter('testcase'))
    points = sum(len(scenario['failures']) for scenario in report['scenarios'])
    assert len(cases) == len(report['scenarios']) + points == int(suites.get('tests'))
    assert int(suites.get('tests')) == sum(int(suite.get('tests')) for suite in suites)
    failed = [case for case in cases if case.find('failure') is not None]
    assert len(failed) == 1 + points == int(suites.get('failures'))
    assert [suite.get('name') for suite in suites] == ['bad', 'good']
    assert failed[1].find('failure').text.endswith(report['scenarios'][0]['failures'][0]['replay'])


def check_tap(text, names):
    lines = text.splitlines()
    assert lines[0] == 'TAP version 13' and lines[1] == f'1..{len(names)}'
    points = [re.fullmatch(r'(not ok|ok) (\d+) - (\w+): (\S+), \d+ points', line)
              for line in lines if re.match('(not )?ok', line)]
    assert [point.group(4) for point in points] == names
    assert [int(point.group(2)) for point in points] == list(range(1, len(names) + 1))
    assert [point.group(1) for point in points] == ['not ok'] + ['ok'] * (len(names) - 1)


def check_html(text, report):
    drawn = json.loads(re.search(r'<script id="drawn"[^>]*>(.*?)</script>', text, re.S).group(1))
    inside = json.loads(re.search(r'<script id="report"[^>]*>(.*?)</script>', text, re.S).group(1))
    assert inside['scenarios'] == report['scenarios']
    for scenario, left in zip(report['scenarios'], drawn, strict=True):
        runs = [one['point'] for one in left['runs'] if one]
        assert runs == ['0'] + [failure['point'] for failure in scenario['failures']]
        assert left['map']['first']


def check_errors(folder):
    assert run('run', folder, '--tap', '--json', '-', status=2).stdout == ''
    run('run', folder, '--html', '/nonexistent/x.html', status=2)
    run('schema', 'report', status=2)


def main():
    with tempfile.TemporaryDirectory() as work:
        folder = work + '/scenarios'
        names = report_scenes.write(folder)
        files = {name: f'{work}/out.{name}' for name in ('json', 'junit', 'html')}
        text = run('run', folder, *[part for name, path in files.items()
                                    for part in ('--' + name, path)], status=1).stdout
        for name, path in files.items():
            with open(path, encoding='utf-8') as file:
                files[name] = file.read()
        report = json.loads(files['json'])
        check_json(report, names)
        check_replay(report)
        check_junit(files['junit'], report)
        check_html(files['html'], report)
        check_tap(run('run', folder, '--tap', status=1).stdout, names)
        check_errors(folder)
        assert 'closed: ' in text and 'any number of cuts: 1 of 1 scenarios closed' in text
        assert 'power cut inside' in text and '  replay  brownout replay ' in text


main()
