#!/bin/sh
# One point again: told, stopped, kept, under gdb, pinned.
# usage: test_cli_replay.sh BROWNOUT
. "$(dirname "$0")/shell.sh"
brownout=$(realpath "$1")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# An update that must not find an image without its row, as it does after a cut at the right place.
make_scenario() {
    mkdir -p scenarios/some
    cat >scenarios/some/wrong.json <<END
{
  "name": "wrong",
  "why": "A claim that a device cannot keep when it is cut.",
  "images": { "v1": { "version": 1, "size": "1K" }, "v2": { "version": 2, "size": "1K" } },
  "device": { "factory": "v1" },
  "server": [ { "offers": ["v2"] } ],
  "cuts": [ { "at": "every", "during": "enter" } ],
  "eventually": { "runs": "v2" },
  "never": ["store.adopted"]
}
END
    run 1 run scenarios
    point=$(sed -n 's/^ *replay  brownout replay .*:\([0-9a-z.]*\)$/\1/p' out)
    [ -n "$point" ] || fail "no point is named"
}

tells_every_operation() {
    run 1 replay "wrong:$point" --trace
    says out 'boot         s     op  flash  what     address    size  phase       note'
    says out 'POWER CUT'
    says out 'FAIL  always: store.adopted happened, in boot 2'
    run 0 replay wrong:0 --trace
    says out 'nvm    erase    0x021000   4096  install'
    run 0 replay wrong:0
    says_not out 'erase'
}

stops() {
    run 0 replay "wrong:$point" --stop 1:3
    says out 'STOPPED before it'
    says out 'boot control   version 1, factory, valid'
    says_not out 'POWER CUT'
    run 2 replay "wrong:$point" --stop 1:99999
    says err 'this run has no operation 99999 in boot 1'
    for stop in 3 0:1 1:0 1:x :1 1: 1:2:3; do
        run 2 replay wrong:0 --stop $stop
        says err '--stop: '
    done
}

keeps() {
    run 1 replay "wrong:$point" --keep kept
    run 0 device inspect kept/before
    says out 'database       none'
    run 0 device inspect kept/after
    says out 'version 2     downloaded'
    run 3 replay "wrong:$point" --keep kept
    says err 'kept/before: exists already'
    run 2 replay "wrong:$point" --keep none/kept
    says err 'none/kept: No such file or directory'
}

# has_argument NAME VALUE: gdb shows it in a frame, as NAME=VALUE or NAME=NAME@entry=VALUE.
has_argument() {
    grep -q "[(, ]$1=\($1@entry=\)\{0,1\}$2[,)]" out || fail "gdb does not show $1=$2"
}

# The boot that fails is the second one; its first frame is the firmware's.
stops_in_gdb() {
    command -v gdb >/dev/null || return
    run 0 replay "wrong:$point" --gdb -- -batch -ex 'backtrace 2' -ex 'up 4' -ex 'ota boot' \
        -ex 'info breakpoints'
    has_argument boot 2
    grep -q '^#0  boot_run .*bootloader/boot.c' out || fail "gdb does not stop in the bootloader"
    says out 'newest   slot 0, version 1'
    says out 'judge_claim_failed'
    run 0 replay "wrong:$point" --gdb -- -batch -ex continue -ex 'backtrace 12'
    grep -q 'in store_load .*core/store.c' out || fail "gdb does not stop where the claim fails"
    run 0 replay "wrong:$point" --gdb --stop 1:3 -- -batch -ex 'backtrace 20'
    has_argument number 3
    has_argument boot 1
    grep -q 'core/' out || fail "gdb does not stop in the firmware"
    says_not out 'POWER CUT'
}

has_exclusive_options() {
    run 2 replay wrong:0 --keep x --gdb
    says err 'exclude each other'
    run 2 replay wrong:0 more
    says err 'give one SCENARIO:POINT'
    run 2 replay wrong:0 -- -batch
    says err 'give one SCENARIO:POINT'
    run 2 replay
}

pins() {
    run 0 pin "wrong:$point"
    pinned=scenarios/regress/wrong-$point.json
    says out "$pinned: always: store.adopted happened"
    run 0 check scenarios
    run 1 run $pinned
    says out "$point: always"
    says out "store.adopted happened"
    run 2 pin "wrong:$point"
    says err 'exists already'
    run 1 pin wrong:1a
    says err 'there is nothing to pin'
    run 2 pin wrong:99999a
    says err "the point's cut never happened"
    run 2 pin wrong
    run 2 pin
    run 2 pin "wrong:$point" --to none/of/it
    says err 'No such file or directory'
    sed -i 's/"nth": 1/"nth": 7/' $pinned
    run 1 run $pinned
    says out 'cut 1 never happened'
}

make_scenario
tells_every_operation
stops
keeps
has_exclusive_options
stops_in_gdb
pins
command -v gdb >/dev/null || [ $failures -gt 0 ] || exit 77
ends
