#!/usr/bin/env python3
"""The work that other simulators were measured with, done by this one, beside their figures.

usage: peers.py BROWNOUT FILES SCENARIOS [PREFIX...]

Each piece of work is done with real crypto (each hash and signature computed each time) and with
remembered answers, by one job. Figures are by second of processor time of all processes, the best
of some runs: other load on the machine disturbs them least so. Not a test: machines differ.
"""
import json
import os
import sys
import tempfile

SHORT_RUNS = 5
FILES_SECONDS = "20"

# Points a second of the peers, measured on the kind of machine that CI has: one core.
WORK = [
    ("W1", "w1", "128 KiB overwritten, cut once", "MCUboot overwrite-only 153/s"),
    ("W2", "w2", "416 KiB, two flashes, cut once", "MCUboot 97/s overwrite, 130/s swap"),
    ("W4", "w4", "134 KB, download to confirmed, cut once", "wolfBoot 7.9/s -O0, 34.7/s -O2"),
    ("W6", "w6-clean[0]", "128 KiB, any number of clean cuts", "none closes"),
    ("W6", "w6-clean[1]", "256 KiB", "none closes"),
    ("W6", "w6-clean[2]", "888 KiB, the largest image", "none closes"),
    ("W6", "w6-torn[0]", "128 KiB, any number of cuts, torn too", "none closes"),
    ("W6", "w6-torn[1]", "256 KiB", "none closes"),
    ("W6", "w6-torn[2]", "888 KiB, the largest image", "none closes"),
]
FILES = [("1", "littlefs 1200/s"), ("2", "littlefs 1446/s")]
SIZES = (32, 64, 128, 256, 512)


def measure(command):
    """Output, seconds of processor time, MB resident at most of a process and its children."""
    with tempfile.TemporaryFile() as out:
        pid = os.posix_spawn(command[0], command, os.environ,
                             file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1)])
        _, status, usage = os.wait4(pid, 0)
        if status:
            sys.exit(f"{' '.join(command)}: status {status}")
        out.seek(0)
        return json.load(out), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def best(command):
    runs = [measure(command)]
    while len(runs) < SHORT_RUNS and runs[0][1] < 2:
        runs.append(measure(command))
    return min(runs, key=lambda run: run[1])


def scenario_file(scenarios, name):
    file, bracket, row = name.partition("[")
    return os.path.join(scenarios, file + ".json") + bracket + row


def run(brownout, scenarios, name, real):
    command = [brownout, "run", scenario_file(scenarios, name), "-j1", "--json", "-"]
    return best(command + ["--no-memo"] * real)


def line(label, what, crypto, result, seconds, memory, peer):
    boots = result.get("boots")
    boot_rate = f"{boots / seconds:.0f}" if boots else "-"
    print(f"{label:3} {what:40} {crypto:10} {result['points']:10} {result.get('states', '-'):>7} "
          f"{boots or '-':>7} {seconds:8.2f} {result['points'] / seconds:11.0f} {boot_rate:>8} "
          f"{result['operations'] / seconds:10.0f} {memory:6.0f}  {peer}", flush=True)


def print_work(brownout, scenarios, prefixes):
    for label, name, what, peer in WORK:
        if prefixes and not name.startswith(tuple(prefixes)):
            continue
        for crypto in ("real", "remembered"):
            out, seconds, memory = run(brownout, scenarios, name, crypto == "real")
            line(label, what, crypto, out["scenarios"][0], seconds, memory, peer)


def print_files(files):
    for depth, peer in FILES:
        out, _, memory = measure([files, depth, FILES_SECONDS])
        what = f"128 KiB file replaced, cut {'once' if depth == '1' else 'twice'}"
        line("W5", what + (", not all" if out["is_over"] else ""), "none", out, out["seconds"],
             memory, peer)


def print_curve(brownout, scenarios):
    print("\ncost of a point by size of the image (W1), microseconds of processor time")
    print(f"{'KiB':>6} {'points':>7} {'real':>8} {'remembered':>11}")
    for row, size in enumerate(SIZES):
        costs = []
        for real in (True, False):
            out, seconds, _ = run(brownout, scenarios, f"w1-sizes[{row}]", real)
            points = out["scenarios"][0]["points"]
            costs.append(seconds / points * 1e6)
        print(f"{size:6} {points:7} {costs[0]:8.0f} {costs[1]:11.0f}", flush=True)


def main():
    brownout, files, scenarios, *prefixes = sys.argv[1:]
    print(f"{'':3} {'work':40} {'crypto':10} {'points':>10} {'states':>7} {'boots':>7} "
          f"{'CPU s':>8} {'points/s':>11} {'boots/s':>8} {'ops/s':>10} {'MB':>6}  peers: points/s")
    print_work(brownout, scenarios, prefixes)
    if not prefixes or "files" in prefixes:
        print_files(files)
    if not prefixes or "w1-sizes" in prefixes:
        print_curve(brownout, scenarios)


main()
