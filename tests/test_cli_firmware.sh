#!/bin/bash
# Scenarios on the firmware's bootloader, as a developer runs them.
# usage: test_cli_firmware.sh BROWNOUT FIRMWARE_FOLDER SCENARIOS
brownout=$(realpath "$1")
firmware=$2
scenarios=$(realpath "$3")
[[ -f $firmware/bootloader.elf ]] || exit 77
firmware=$(realpath "$firmware")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
ln -s "$scenarios" scenarios

fail() {
    echo "$*"
    sed 's/^/    out: /' out
    sed 's/^/    err: /' err
    exit 1
}

# run STATUS ARGUMENT...
run() {
    local expected=$1 status=0
    shift
    "$brownout" "$@" >out 2>err </dev/null || status=$?
    [[ $status -eq $expected ]] || fail "brownout $*: exit $status, not $expected"
}

says() {
    grep -qF -e "$2" "$1" || fail "$1 does not say '$2'"
}

# Where ./dev firmware puts it is where it is looked for.
run 2 run --target pic32 scenarios/erase
says err 'build-pic32/hal_pic32/bootloader.elf: No such file or directory; ./dev firmware makes it'
mkdir build-pic32
ln -s "$firmware" build-pic32/hal_pic32

# One-cut sweeps over several themes, boot by boot the same on both.
run 0 run --target pic32 scenarios/store/{best-image-damaged,program-flash-damaged}.json \
    scenarios/store/boot-control-lost.json scenarios/start/row-without-boot-control.json \
    scenarios/start/file-system-lost-then-update.json scenarios/network/no-manifest.json \
    scenarios/erase/erase-on-request.json scenarios/flash/record-loses-bits-1.json \
    scenarios/flash/page-refuses-twice.json scenarios/refuse/bad-signature.json --json one.json
says out ' passed, 0 failed'
points=$(python3 -c 'import json; print(json.load(open("one.json"))["totals"]["points"])')
[[ $points -gt 2000 ]] || fail "only $points points"

# A point of it, step by step.
run 0 replay --target pic32 best-image-damaged:0 --trace
says out 'boot: version 3 refused: content does not match its hash'

# What the firmware does not have is said, and counts as not run.
run 4 run --target pic32 scenarios/reset/pin-with-a-damaged-factory-image.json
says out 'not for the firmware: its board has no factory reset button'

# A bug in its flash driver.
deaf=$firmware/bootloader_deaf.elf
run 1 run --target pic32 --bootloader "$deaf" --json deaf.json \
    scenarios/flash/page-refuses-twice.json
says out 'the firmware does what the PC build does'
says out 'the firmware: program nvm'
says out 'page-refuses-twice.json:0 --target pic32'
says deaf.json '"target":"pic32"'
run 1 replay --target pic32 --bootloader "$deaf" page-refuses-twice:0
says out 'FAIL  the firmware does what the PC build does'
run 0 replay page-refuses-twice:0

# Bad usage.
run 2 run --target mips scenarios/erase
says err "--target: 'mips' is not posix or pic32"
run 2 run --bootloader "$deaf" scenarios/erase
says err '--bootloader is for --target pic32'
run 2 run --target pic32 --bootloader scenarios/schema.json scenarios/erase
says err 'scenarios/schema.json: line 1: '
run 2 replay --target pic32 --bootloader /dev/null page-refuses-twice:0
says err '/dev/null: '
run 2 replay --target pic32 --gdb page-refuses-twice:0
says err 'gdb sees this program, not the firmware'
exit 0
