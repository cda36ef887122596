#!/bin/sh
# The rows of a matrix and the features of scenarios, as the commands show them.
# usage: test_cli_rows.sh BROWNOUT
. "$(dirname "$0")/shell.sh"
brownout=$(realpath "$1")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# json PROGRAM: holds of the last output, which is in the variable j.
json() {
    python3 -c "
import json
j = json.load(open('out'))
$1" || fail "json: $1"
}

# scenario FILE NAME WITHIN: an update with two rows, which fails unless it may take two boots.
scenario() {
    cat >"$1" <<END
{
  "name": "$2",
  "why": "A scenario of two rows, to look at the commands with.",
  "shows": ["install"],
  "matrix": { "/device/ecc": [false, true] },
  "images": { "v1": { "version": 1, "size": "1K" }, "v2": { "version": 2, "size": "1K" } },
  "device": { "factory": "v1", "ecc": false },
  "server": [ { "offers": ["v2"] } ],
  "eventually": { "runs": "v2", "within-boots": $3 },
  "sometimes": ["boot.installed"]
}
END
}

make_scenarios() {
    mkdir -p scenarios/some scenarios/other
    scenario scenarios/some/two.json two 2
    scenario scenarios/other/short.json short 1
    sed -e '/matrix/d' -e 's/"two"/"plain"/' scenarios/some/two.json >scenarios/some/plain.json
}

lists_rows_by_theme() {
    run 0 list
    says out 'other: 1 scenario, 2 rows'
    says out 'some: 2 scenarios, 3 rows'
    says out '[0] /device/ecc false'
    says out '[1] /device/ecc true'
    says out '2 themes, 3 scenarios, 5 rows'
    run 0 list scenarios/some/plain.json
    says out '1 theme, 1 scenario'
    says_not out 'scenario, '
    run 0 list --json
    json 'assert j["totals"] == {"scenarios": 3, "rows": 5}
assert [t["name"] for t in j["themes"]] == ["other", "some"]
assert j["themes"][1] == {"name": "some", "scenarios": 2, "rows": 3}
assert [s["name"] for s in j["scenarios"]] == ["short[0]", "short[1]", "plain", "two[0]", "two[1]"]
assert j["scenarios"][4]["row"] == "[1]" and j["scenarios"][4]["shows"] == ["install"]
assert "row" not in j["scenarios"][2]'
}

runs_rows() {
    run 0 check scenarios
    says out '3 scenarios, 5 rows, no errors'
    run 0 run scenarios/some
    says out 'two[0]'
    says out 'two[1]'
    says out '3 passed, 0 failed: 3 scenarios'
    run 0 run 'scenarios/some/two.json[1]' --json -
    json 'assert [s["name"] for s in j["scenarios"]] == ["two[1]"]
assert j["scenarios"][0]["setting"] == "/device/ecc true"'
    run 0 explain 'scenarios/some/two.json[1]'
    says out 'Row [1]: /device/ecc true.'
    says_not out 'two[0]'
    run 2 run 'scenarios/some/two.json[2]'
    says err 'scenarios/some/two.json: there is no row [2]'
    run 2 run 'scenarios/some/plain.json[0]'
    says err 'scenarios/some/plain.json: there is no row [0]'
}

replays_rows() {
    run 0 replay 'scenarios/some/two.json[1]:0'
    says out 'two[1]: A scenario'
    run 0 replay 'two[0]:17t'
    says out 'two[0]: A scenario'
    run 0 replay plain:0
    run 2 replay two:0
    says err "'two' has rows; name one, such as 'two[0]:0'"
    run 2 replay scenarios/some/two.json:0
    says err "such as 'scenarios/some/two.json[0]:0'"
    run 2 replay 'two[7]:0'
    says err "'two[7]' is neither a file nor a scenario"
}

# What a failure says to type is what shows it again.
replays_a_failure_as_it_is_told() {
    run 1 run scenarios/other/short.json
    says out 'row: /device/ecc true'
    command=$(sed -n "s/^ *replay *brownout \(replay 'scenarios.*\)/\1/p" out | tail -n 1)
    eval "run 1 $command"
    says out 'FAIL'
    says out 'short[1]: A scenario'
}

shows_features() {
    run 1 features
    says out '[two](../scenarios/some/two.json)'
    says out '| **unproved** |'
    grep -q 'short.json), \[plain\](.*plain.json), \[two\](.*two.json) |$' out ||
        fail "features: a file stands more than once, or not at all"
    run 2 features none.json
    says err 'none.json'
}

refuses_a_second_file_of_a_name() {
    mkdir more
    cp scenarios/some/two.json more/two.json
    run 2 list more scenarios/some
    says err "a second scenario named 'two'"
    run 2 check more scenarios/some
    says err "the name 'two' is taken by"
}

# A record of points and operations tells when the device does more or less than it did.
counts() {
    run 2 run scenarios/some --counts scenarios/counts.json
    says err 'counts.json: No such file'
    run 2 run scenarios/some --counts-strict
    says err 'need --counts FILE'
    run 1 run scenarios/some --counts scenarios/counts.json --counts-update --counts-strict
    says out 'recorded: nothing'
    run 0 run scenarios/some --counts scenarios/counts.json --counts-strict
    says_not out 'note'
    sed -i '/"plain"/s/"operations": /"operations": 1/' scenarios/counts.json
    run 0 run scenarios/some --counts scenarios/counts.json
    says out 'note   plain'
    run 1 run scenarios/some --counts scenarios/counts.json --counts-strict
    run 0 run scenarios/some --counts scenarios/counts.json --json -
    says err 'note   plain'
    echo nothing >scenarios/counts.json
    run 2 run scenarios/some --counts scenarios/counts.json
    says err 'not a record of points and operations'
    run 0 list scenarios
}

make_scenarios
lists_rows_by_theme
runs_rows
replays_rows
replays_a_failure_as_it_is_told
shows_features
counts
refuses_a_second_file_of_a_name
ends
