#!/bin/sh
# Bad input of every kind on the command line: one clear error that names the file, the place and
# the reason, the documented exit status, and nothing lost. A status above 3 is a crash or a hang.
# usage: test_cli_input.sh BROWNOUT GOLDEN_DIR SCENARIO_DIR
. "$(dirname "$0")/shell.sh"
brownout=$(realpath "$1")
golden=$(realpath "$2")
scenarios=$(realpath "$3")
work=$(mktemp -d) || exit 1
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT
cd "$work" || exit 1

# refuses TEXT ARGUMENT...: status 2, exactly one error, which holds the text, and no output.
refuses() {
    text=$1
    shift
    run 2 "$@"
    says err "$text"
    [ "$(grep -c 'error: ' err)" -eq 1 ] || fail "brownout $*: not one error"
    [ ! -s out ] || fail "brownout $*: wrote to stdout"
}

# rejects ARGUMENT...: status 2 and an error, whatever it says.
rejects() {
    run 2 "$@"
    [ "$(grep -c 'error: ' err)" -eq 1 ] || fail "brownout $*: not one error"
}

# --- scenarios ---

# scenario NAME SED-SCRIPT: a good scenario of that name, changed.
scenario() {
    sed "/\"matrix\"/d; /\"shows\"/d; s/\"update\"/\"$1\"/; $2" \
        "$scenarios/update/update.json" >"$1.json"
}

# complains PLACE TEXT: 'check', 'run' and 'explain' find this one thing in bad.json.
complains() {
    for command in check run explain; do
        run 2 $command bad.json
        says err "bad.json:$1 error: $2"
        [ "$(grep -c 'error: ' err)" -eq 1 ] || fail "$command: not one error"
    done
}

test_scenarios() {
    scenario good ''
    run 0 check good.json
    scenario bad 's/"device"/"devcie"/'
    complains 9:3: "unknown key 'devcie'"
    says err "hint: did you mean 'device'?"
    scenario bad 's/"version": 1/"version": "1"/'
    complains 6:24: '/images/v1/version: expected a number from 1, not "1"'
    scenario bad 's/"why"/"name": "x",\n  "why"/'
    complains 4:3: "the key 'name' stands twice in this object"
    says err 'bad.json:3:3: note: first here'
    scenario bad 's/"factory": "v1"/"factory": "v9"/'
    complains 9:26: "/device/factory: no image 'v9'; there are: v1 v2"
    printf '{"name": "bad",\n"why": "x' >bad.json
    complains 2:10: 'the file ends inside a string'
    : >bad.json
    complains 1:1: 'the file is empty'
    printf 'abc\200\201\000\377' >bad.json
    complains 1:4: 'not UTF-8: the byte 0x80'
    printf '{"name": "\377"}' >bad.json
    complains 1:11: 'not UTF-8: the byte 0xFF'
    printf '\377\376{\000' >bad.json
    complains 1:1: 'not UTF-8: this looks like UTF-16'
    printf '{"name": "a\000b"}' >bad.json
    complains 1:12: ''
    head -c 100000 /dev/zero | tr '\0' '[' >bad.json
    complains 1:17: ''
    truncate -s 2000000 bad.json
    complains '' 'is larger than 1 MiB'
}

# All errors of a file at once, and one bad file of two does not hide the other.
test_scenarios_all_errors() {
    scenario bad 's/"version": 1/"version": -1/; s/"64K"/"64Q"/; s/"every"/"evry"/'
    run 2 check bad.json good.json
    [ "$(grep -c '^bad.json:[0-9]*:[0-9]*: error: ' err)" -eq 4 ] || fail "not four errors"
    says out '2 scenarios, 1 with errors'
    mkdir -p folder/twins
    cp good.json folder/good.json
    cp good.json folder/twins/good.json
    rejects check folder
    says err "folder/twins/good.json: error: the name 'good' is taken by folder/good.json"
    rejects run folder
}

test_scenario_files() {
    for command in check run explain list; do
        refuses 'none.json: error: No such file' $command none.json
        mkdir -p empty
        refuses 'empty: error: no scenarios' $command empty
        mkfifo pipe.json 2>err
        run 2 $command pipe.json
        says err 'pipe.json: error: is not a regular file'
    done
    refuses "'x' is not a scenario and a point" replay x
    refuses "':0' is not a scenario and a point" replay :0
    refuses 'none.json: error: No such file' replay ./none.json:0
}

# What may not be read or written; root may everything, so another user tries.
test_permissions() {
    ordinary=
    if [ "$(id -u)" -eq 0 ]; then
        ordinary='setpriv --reuid=65534 --regid=65534 --clear-groups'
    fi
    mkdir open shut
    cp "$brownout" open/brownout
    cp good.json v1.bin key.pem open
    cp -r good open/dev
    chmod 755 . open open/dev shut
    chmod 0 open/good.json open/v1.bin open/key.pem
    for command in "run good.json" "image info v1.bin" "image sign --key key.pem ../v1.bin" \
        "device boot dev" "image pack --version 1 ../app.bin -o ../shut/x.bin" \
        "run --json ../shut/x.json ../good.json"; do
        chmod a-w open/dev/* shut
        # shellcheck disable=SC2086
        (cd open && $ordinary ./brownout $command) >out 2>err
        status=$?
        [ $status -eq 2 ] || fail "$command: status $status"
        says err ': Permission denied'
    done
}

# --- usage ---

test_usage() {
    run 2
    says err 'usage: brownout COMMAND'
    refuses "'frobnicate' is not a command" frobnicate
    for command in run list check explain replay words schema image manifest device serve; do
        run 0 $command --help
        says out 'Exit status'
        run 2 $command --frobnicate
        says err 'frobnicate'
        [ ! -s out ] || fail "$command --frobnicate wrote to stdout"
    done
    for command in check explain replay image manifest device serve; do
        rejects $command
    done
    for jobs in 0 -1 1001 x "" " 3" 3x 99999999999999999999; do
        refuses "--jobs: '$jobs' is not a number from 1 to 1000" run -j "$jobs" good.json
    done
    for shard in 0/2 3/2 1 /2 1/ 1/0 x/y; do
        refuses '--shard: ' run --shard $shard good.json
    done
    refuses "--version: ' -18446744073709551615' is not a number" \
        image pack --version ' -18446744073709551615' app.bin -o x.bin
    refuses "there is no object 'frob'" words frob
    refuses "'x': no argument is expected" schema x
    refuses '--keep and --gdb exclude each other' replay good.json:0 --keep out --gdb
    refuses '--ca-file means nothing without --manifest-url' device boot dev --ca-file ca.pem
    refuses '--interval means nothing without --manifest-url' device boot dev --interval 5
    refuses "--manifest-url: 'foo' is no http:// or https:// address" \
        device boot dev --manifest-url foo
    refuses "--manifest-url: 'ftp://h/x' is no http" device boot dev --manifest-url ftp://h/x
    refuses '--manifest-url: longer than 511 characters' \
        device boot dev --manifest-url "http://h/$(head -c 5000 /dev/zero | tr '\0' a)"
    refuses 'app.bin: no PEM certificate that can be read' \
        device boot dev --manifest-url https://h/x --ca-file app.bin
    refuses 'nowhere: not a folder that can be read' serve nowhere
    refuses 'app.bin: not a folder that can be read' serve app.bin
    refuses 'nonsense: not an IP address' serve . --address nonsense
    refuses "--port: '65536'" serve . --port 65536
}

# What was printed and did not arrive is an error, whatever the command is.
test_full_disk() {
    for command in --help --version "list good.json" "run good.json" "check good.json" schema \
        words "explain good.json" "replay good.json:0" "image info v1.bin" "image verify v1.bin" \
        "manifest v1.bin --url-base http://h" "device inspect dev" \
        "run --json - good.json"; do
        : >out
        # shellcheck disable=SC2086
        "$brownout" $command >/dev/full 2>err
        status=$?
        [ $status -eq 2 ] || fail "$command >/dev/full: status $status"
        says err 'stdout: '
    done
    "$brownout" run --json report.json good.json >&- 2>err
    status=$?
    [ $status -eq 2 ] || fail "closed stdout: status $status"
    says err 'stdout: '
    python3 -m json.tool report.json >out 2>err || fail "report.json with stdout closed"
    for where in /dev/full no/such/file "$work"; do
        rejects image pack --version 1 app.bin -o "$where"
        rejects image sign --key key.pem v1.bin -o "$where"
        rejects manifest v1.bin --url-base http://h -o "$where"
        [ "$where" = /dev/full ] || refuses "$where: " run --json "$where" good.json
    done
    run 2 run --json /dev/full good.json
    says err '/dev/full: No space left on device'
    refuses 'app.bin: is the input, and would be lost' image pack --version 1 app.bin -o app.bin
    refuses 'v1.bin: is the output too' manifest v1.bin --url-base http://h -o ./v1.bin
    cmp -s app.bin "$golden/app.bin" || fail "app.bin has changed"
}

# --- images and keys ---

# Each reader of images takes the file or says why not; never more than 2.
feed_image() {
    for command in "image info" "image verify" "image sign -o x.bin --key key.pem" \
        "manifest -o x.json --url-base http://h" \
        "device new x.dev --key pub.pem --factory"; do
        # shellcheck disable=SC2086
        timeout 60 "$brownout" $command "$1" >out 2>err </dev/null
        status=$?
        case $status in
        0) ;;
        1) says out "$1: refused: " ;;
        2) says err "error: $1: " ;;
        *) fail "brownout $command $1: status $status" ;;
        esac
        [ "$2" = any ] || [ $status -ne 0 ] || [ "$2 $command" = "form image info" ] ||
            fail "brownout $command $1: accepted"
    done
    rm -rf x.bin x.json x.dev
}

# put FILE OFFSET HEX: overwrite bytes where they are.
put() {
    python3 -c 'import sys
with open(sys.argv[1], "r+b") as file:
    file.seek(int(sys.argv[2], 0))
    file.write(bytes.fromhex(sys.argv[3]))' "$1" "$2" "$3"
}

test_images() {
    size=$(stat -c %s v1.bin)
    for length in 0 1 31 32 4095 4096 $((size / 2)) $((size - 1)); do
        head -c "$length" v1.bin >bad.bin
        feed_image bad.bin none
    done
    noise 10000 1 >bad.bin
    feed_image bad.bin none
    head -c 4096 /dev/zero | tr '\0' '\377' >bad.bin
    feed_image bad.bin none
    for field in 0 4 8 10 12 16; do
        for value in 0000 ffff 0100 ffffffff 00000080; do
            cp v1.bin bad.bin
            put bad.bin $field $value
            cmp -s v1.bin bad.bin || feed_image bad.bin form
        done
    done
    {
        printf '\377\377\377\003\377\377\377\377\001\000\000\000\000\020\002\260'
        head -c 9000 v1.bin
    } >bad.bin
    feed_image bad.bin form
    refuses 'bad.bin: a raw slot of the original OTA service' \
        device new x.dev --key pub.pem --factory bad.bin
    head -c 17000000 /dev/zero >bad.bin
    refuses 'bad.bin: File too large' image info bad.bin
    refuses '/dev/zero: File too large' image info /dev/zero
    refuses '.: Is a directory' image info .
    run 0 image pack --version 1 --class toaster app.bin -o bad.bin
    run 0 image sign --key key.pem bad.bin
    refuses 'bad.bin: the device would refuse this image: made for another product' \
        device new x.dev --key pub.pem --factory bad.bin
    cp v1.bin bad.bin
    put bad.bin $((size - 150)) 2000
    feed_image bad.bin form
}

# One byte of code more than the slot holds, with a right hash.
test_large_image() {
    python3 -c 'import hashlib, struct
code = bytes(0xDE000 - 40 + 1)
header = struct.pack("<IIHHIIBBHII", 0x96F3B83D, 0, 0x1000, 0, len(code), 0, 1, 0, 0, 9, 0)
body = header.ljust(0x1000, b"\xff") + code
tlvs = struct.pack("<HHHH", 0x6907, 40, 0x10, 32) + hashlib.sha256(body).digest()
open("large.bin", "wb").write(body + tlvs)'
    run 0 image info large.bin
    run 1 image verify large.bin
    says out 'large.bin: refused: '
    says out 'larger than the slot'
    refuses 'large.bin: cannot be signed: ' image sign --key key.pem large.bin -o x.bin
    refuses 'large.bin: the device would refuse this image: ' \
        device new x.dev --key pub.pem --factory large.bin
    [ ! -e x.bin ] || fail "x.bin exists"
}

test_keys() {
    openssl ecparam -name secp384r1 -genkey -noout -out p384.pem 2>err
    openssl ec -in p384.pem -pubout -out p384pub.pem 2>err
    openssl pkey -in key.pem -aes256 -passout pass:x -out secret.pem
    openssl rsa -in "$golden/rsa2048.pem" -pubout -out rsapub.pem 2>err
    refuses 'none.pem: No such file' image sign --key none.pem v1.bin
    refuses 'rsa2048.pem: not an EC key' image sign --key "$golden/rsa2048.pem" v1.bin
    refuses 'p384.pem: an EC key on another curve' image sign --key p384.pem v1.bin
    refuses 'pub.pem: a public key; the private key is needed' image sign --key pub.pem v1.bin
    refuses 'app.bin: not a PEM file' image sign --key app.bin v1.bin
    refuses 'secret.pem: an encrypted key' image sign --key secret.pem v1.bin
    refuses '.: Is a directory' image sign --key . v1.bin
    refuses 'rsapub.pem: not an EC key' device new x.dev --factory v1.bin --key rsapub.pem
    refuses 'p384pub.pem: an EC key on another' device new x.dev --factory v1.bin --key p384pub.pem
    refuses 'key.pem: a private key; make its public key' \
        device new x.dev --factory v1.bin --key key.pem
    refuses 'app.bin: not a PEM file' device new x.dev --factory v1.bin --key app.bin
    refuses 'none.pem: No such file' image verify --key none.pem v1.bin
    [ ! -e x.dev ] || fail "x.dev exists"
}

# --- device folders ---

# With the folder dev made anew: refuses_device TEXT, for whoever opens it.
refuses_device() {
    refuses "$1" device inspect dev
    refuses "$1" device boot dev --timeout 1
    rm -rf dev
    cp -r good dev
}

test_devices() {
    run 0 device new good/ --factory v1.bin --key pub.pem
    refuses 'good: exists already' device new good --factory v1.bin --key pub.pem
    refuses 'good: exists already' device new good// --factory v1.bin --key pub.pem
    refuses 'app.bin: exists already' device new app.bin --factory v1.bin --key pub.pem
    refuses 'no/dev: No such file' device new no/dev --factory v1.bin --key pub.pem
    refuses 'the name of the folder is empty' device new '' --factory v1.bin --key pub.pem
    refuses 'nowhere/device.json: not there; is this a device folder?' device inspect nowhere
    refuses 'app.bin/device.json: Not a directory' device boot app.bin
    cp -r good dev
    for file in nvm.bin spi.bin; do
        rm dev/$file && refuses_device "dev/$file: No such file"
        truncate -s -1 dev/$file && refuses_device "dev/$file: "
        truncate -s +1 dev/$file && refuses_device " bytes, and the flash has "
        rm dev/$file && mkdir dev/$file && refuses_device "dev/$file: "
    done
    echo x >dev/nvm.cells && refuses_device 'dev/nvm.cells: 2 bytes'
    rm dev/device.json && refuses_device 'dev/device.json: not there'
    rm dev/device.json && mkfifo dev/device.json && refuses_device 'dev/device.json: not a file'
    sed -i 's/"schema_version": *1/"schema_version": 2/' dev/device.json
    refuses_device 'dev/device.json:2:21: made by a newer version (schema_version 2,'
    head -c 50 good/device.json >dev/device.json && refuses_device 'dev/device.json:4:'
    : >dev/device.json && refuses_device 'dev/device.json:1:1: not JSON: the file is empty'
    noise 500 2 >dev/device.json && refuses_device 'dev/device.json:1:'
    sed -i 's/"mzw1"/"esp32"/' dev/device.json
    refuses_device 'dev/device.json:3:13: profile is not "mzw1"'
    sed -i 's/"key": *"3/"key":"x/' dev/device.json && refuses_device 'dev/device.json:5:'
    sed -i '3p' dev/device.json && refuses_device 'dev/device.json:4:3: this key stands twice'
}

# One process at a time changes a device; the lock goes with it, however it ends.
test_lock() {
    "$brownout" device boot dev >boot.log 2>&1 &
    boot=$!
    for _ in $(seq 100); do
        grep -q 'starting version 1' boot.log && break
        sleep 0.05
    done
    refuses 'dev/device.json: this device is in use by another process' device boot dev --timeout 1
    refuses 'dev/device.json: this device is in use by another process' device inspect dev
    kill -9 $boot
    wait $boot 2>/dev/null
    run 0 device inspect dev
}

# Looking at a device needs no more than to read it, and leaves every byte and date as it is.
test_inspect_changes_nothing() {
    rm dev/nvm.cells
    (cd dev && sha256sum -- * && stat -c '%n %y' -- *) >before
    chmod -R a-w dev
    run 0 device inspect dev
    chmod -R u+w dev
    (cd dev && sha256sum -- * && stat -c '%n %y' -- *) >after
    cmp -s before after || fail "inspect changed the device"
}

: >out
: >err
cp "$golden/app.bin" app.bin
openssl ecparam -name prime256v1 -genkey -noout -out key.pem 2>err
openssl ec -in key.pem -pubout -out pub.pem 2>err
run 0 image pack --version 1 app.bin -o v1.bin
run 0 image sign --key key.pem v1.bin
test_scenarios
test_scenarios_all_errors
test_scenario_files
test_usage
test_images
test_large_image
test_keys
test_devices
test_lock
test_full_disk
test_inspect_changes_nothing
test_permissions
ends
