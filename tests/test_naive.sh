#!/bin/sh
# A bootloader of somebody else under the same scenarios: what the report says it gets wrong.
# usage: test_naive.sh BROWNOUT BROWNOUT-NAIVE SCENARIOS
. "$(dirname "$0")/shell.sh"
brownout=$(realpath "$1")
naive=$(realpath "$2")
scenarios=$(realpath "$3")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# gets_wrong SCENARIO TEXT...: it fails there, the report says each text, and ours passes.
gets_wrong() {
    scenario=$1
    shift
    "$naive" run "$scenarios/$scenario.json" >out 2>err </dev/null
    [ $? -eq 1 ] || fail "$scenario: the naive bootloader does not fail"
    for text in "$@"; do
        grep -qF -e "$text" out || fail "$scenario: no '$text'"
    done
    "$brownout" run "$scenarios/$scenario.json" >out 2>err </dev/null ||
        fail "$scenario: our bootloader fails"
}

# What it was written for works.
"$naive" run "$scenarios/boot/nothing-to-do.json" "$scenarios/refuse/other-product.json" \
    >out 2>err </dev/null || fail "what works on every desk"

gets_wrong update/first-boot 'never bricked (I1)' 'the bootloader finds nothing to start'
gets_wrong update/update 'atomic (I2)' 'what starts is none of the images'
gets_wrong rollback/never-confirms 'eventually: not settled after 12 boots, with v2 running'
gets_wrong rollback/crashes-at-start 'eventually: not settled after 12 boots, with v2 running'
gets_wrong store/boot-control-lost 'never bricked (I1)' 'the bootloader finds nothing to start'
gets_wrong store/best-image-damaged 'atomic (I2)' 'what starts is none of the images'
gets_wrong reset/factory-reset-on-request 'eventually: v3 runs, not v1'
ends
