#!/usr/bin/env python3
"""Scenarios with more cuts than they ask for, for the nightly run.

usage: deeper.py SCENARIOS OUT TIMES [THEME...]

Copies each scenario that cuts the power at every operation to OUT, with TIMES of its last cut, a
number or "any", and with images of 16 KiB at most. What says how large an image is or where in it
something happens is left out of that: those scenarios are copied with their sizes or not at all.
Prints how many there are.
"""
import json
import pathlib
import sys

SIZE = 16 * 1024
# A second cut comes before the fault that these are about, which then never happens.
EXCEPT = {"range-ignored-after-a-cut"}


def size_of(value):
    if isinstance(value, int):
        return value
    return int(value[:-1]) * 1024 if value.endswith("K") else int(value, 16)


def shrink(scenario):
    for image in scenario["images"].values():
        image["size"] = min(size_of(image["size"]), SIZE)


def deepen(scenario, times):
    """False: it has no cut at every operation, or is about sizes."""
    cuts = scenario.get("cuts", [])
    matrix = scenario.get("matrix", {})
    if not cuts or cuts[-1]["at"] != "every" or "times" in cuts[-1]:
        return False
    if any("/images" in place or "/cuts" in place for place in matrix):
        return False
    if "at" in json.dumps([stage.get("faults") for stage in scenario.get("server", [])]):
        return False
    cuts[-1]["times"] = times if times == "any" else int(times)
    shrink(scenario)
    return True


def main():
    source, out, times, *themes = sys.argv[1:]
    count = 0
    for path in sorted(pathlib.Path(source).glob("*/*.json")):
        theme = path.parent.name
        if path.stem in EXCEPT or theme == "canary" or (themes and theme not in themes):
            continue
        scenario = json.loads(path.read_text(encoding="utf-8"))
        if not deepen(scenario, times):
            continue
        target = pathlib.Path(out) / theme / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(scenario, indent=2), encoding="utf-8")
        count += 1
    print(f"{count} scenarios with {times} cuts")


main()
