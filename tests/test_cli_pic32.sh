#!/bin/sh
# The real bootloader and application in a device folder, on the model of the chip: they install,
# try and confirm what the device code of this machine downloaded, also when the power goes.
# usage: test_cli_pic32.sh BROWNOUT FOLDER_OF_THE_FIRMWARE
# Ends with 77 where the firmware is not built.
. "$(dirname "$0")/shell.sh"
brownout=$(realpath "$1")
[ -e "$2/bootloader.hex" ] && [ -e "$2/app.hex" ] || exit 77
firmware=$(realpath "$2")
work=$(mktemp -d) || exit 1
server=
trap 'kill $server 2>/dev/null; wait; rm -rf "$work"' EXIT
cd "$work" || exit 1

sign() {
    run 0 image pack --version "$1" "$2" -o "v$1.bin"
    run 0 image sign --key key.pem "v$1.bin"
}

# Version 2 is the same code, with more behind it to install.
make_images() {
    openssl ecparam -name prime256v1 -genkey -noout -out key.pem 2>/dev/null
    openssl pkey -in key.pem -pubout -out pub.pem
    sign 1 "$firmware/app.hex"
    run 0 image hex --binary -o app.bin "$firmware/app.hex"
    noise 20000 1 >>app.bin
    sign 2 app.bin
}

start_server() {
    mkdir www
    cp v2.bin www
    "$brownout" serve www --port 0 --quiet >serve.log 2>&1 </dev/null &
    server=$!
    for _ in $(seq 100); do
        url=$(sed -n 's/.*manifest at //p' serve.log 2>/dev/null)
        [ -n "$url" ] && return
        sleep 0.05
    done
    fail "the server does not start"
}

starts_for_the_first_time() {
    run 0 device new dev --factory v1.bin --key pub.pem --bootloader "$firmware/bootloader.hex"
    run 0 device boot dev --target pic32 --until version=1 --timeout 20
    says out 'boot: first start of factory version 1'
    printf 'status\n' | "$brownout" device boot dev --target pic32 --console --timeout 1 >out 2>err
    [ $? -eq 1 ] || fail "it ends before its time"
    says out 'version 1: self-test passed'
    says out 'version 1, confirmed; the service is'
}

# ends_in FOLDER: version 2 there, and everything in order.
ends_in() {
    run 0 device inspect "$1"
    says out 'boot control   version 2,'
    says out 'program flash  version 2, verified'
    run 0 device inspect --json "$1"
    says out '"status":"valid"'
}

# The device code of this machine downloads, and stops where it would start the bootloader.
downloads() {
    run 0 device boot dev --manifest-url "$url" --until reset --timeout 60
    says out 'ota: version 2 entered in the database'
    run 0 device inspect dev
    says out 'boot control   version 1,'
}

updates() {
    cp -r dev whole
    run 0 device boot whole --target pic32 --until version=2 --timeout 20
    says out 'boot: candidate version 2'
    says out 'boot: installed version 2'
    says out 'boot: version 2, trial boot 1 of 3'
    says out 'version 2: self-test passed'
    ends_in whole
    run 0 device boot whole --until version=2 --timeout 20
    says out 'boot: starting version 2'
}

# Killed after so many seconds, which is a power cut, and switched on again.
updates_when_killed() {
    for seconds in 0.1 0.2 0.25 0.3 0.35 0.4 0.5 0.7; do
        rm -rf cut
        cp -r dev cut
        "$brownout" device boot cut --target pic32 </dev/null >out 2>&1 &
        sleep $seconds
        kill -KILL $! # and wait: its lock goes with it
        wait $! 2>/dev/null
        run 0 device boot cut --target pic32 --until version=2 --timeout 20
        ends_in cut
    done
}

# Two instructions that load from a register which nobody has.
stops_with_the_reason() {
    cp -r dev other
    printf ':020000041FC01B\n:080000008FBF083C0000098DD0\n:00000001FF\n' >other/boot.hex
    run 3 device boot other --target pic32 --timeout 2
    says err 'other: the model stopped at 0xBFC00004: load of 4 bytes of the register at 0xBF8F0000'
}

make_images
start_server
starts_for_the_first_time
downloads
if [ "$failures" -eq 0 ]; then # else nothing is there to install
    updates
    updates_when_killed
fi
stops_with_the_reason
ends
