"""Scenarios for the tests of reports: one that passes, one with two cuts that fails, and rows."""

import json
import os

PASSES = {
    'name': 'passes', 'why': 'A device that updates itself <b>& lives</b>.',
    'images': {'v1': {'version': 1, 'size': '16K'}, 'v2': {'version': 2, 'size': '16K'}},
    'device': {'factory': 'v1'},
    'server': [{'offers': ['v2']}],
    'cuts': [{'at': 'every'}],
    'eventually': {'runs': 'v2', 'within-boots': 4},
}
CHANGES = {
    'passes': {},
    'fails': {'budget': {'wear': 1},
              'cuts': [{'at': 'every'}, {'at': 'every', 'moments': 'after'}]},
    'rows': {'matrix': {'/device/ecc': [False, True]},
             'device': {'factory': 'v1', 'ecc': False},
             'cuts': [{'at': 'every', 'during': 'install', 'moments': 'after'}]},
    'closes': {'cuts': [{'at': 'every', 'during': 'install', 'moments': 'after', 'times': 'any'}]},
}


def write(folder):
    """Write them below a folder, in two themes; returns the names, rows included."""
    for name, change in CHANGES.items():
        theme = os.path.join(folder, 'good' if name != 'fails' else 'bad')
        os.makedirs(theme, exist_ok=True)
        with open(os.path.join(theme, name + '.json'), 'w', encoding='utf-8') as file:
            json.dump(dict(PASSES, name=name, **change), file)
    return ['fails', 'closes', 'passes', 'rows[0]', 'rows[1]']
