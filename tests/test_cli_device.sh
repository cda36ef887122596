#!/bin/sh
# End to end: what the README's five minutes show, against Python's HTTP server, nginx with its own
# CA, and 'brownout serve'; and the ways in which it can go wrong.
# usage: test_cli_device.sh BROWNOUT
. "$(dirname "$0")/shell.sh"
brownout=$(realpath "$1")
work=$(mktemp -d) || exit 1
servers=
trap 'kill $servers 2>/dev/null; wait; rm -rf "$work"' EXIT
cd "$work" || exit 1

# refuses TEXT ARGUMENT...: status 2 and an error line with the text.
refuses() {
    text=$1
    shift
    run 2 "$@"
    says err "$text"
}

# wait_for URL [CURL OPTION...]: until something answers there.
wait_for() {
    for _ in $(seq 100); do
        curl -s -o /dev/null "$@" && return
        sleep 0.05
    done
    fail "nothing answers at $1"
}

make_images() {
    openssl ecparam -name prime256v1 -genkey -noout -out key.pem 2>/dev/null
    openssl ec -in key.pem -pubout -out pub.pem 2>/dev/null
    openssl ecparam -name prime256v1 -genkey -noout -out other.pem 2>/dev/null
    openssl ec -in other.pem -pubout -out other_pub.pem 2>/dev/null
    for version in 1 2 3; do
        noise 200000 1 >app.bin
        run 0 image pack --version $version app.bin -o v$version.bin
        run 0 image sign --key key.pem v$version.bin
    done
}

# ends_in DEVICE VERSION: confirmed there, and everything in order.
ends_in() {
    run 0 device inspect "$1"
    says out "boot control   version $2,"
    says out "program flash  version $2, verified"
    run 0 device inspect --json "$1"
    python3 -c '
import json, sys
survey = json.load(open("out"))
assert survey["boot_control"]["version"] == int(sys.argv[1])
assert survey["boot_control"]["status"] == "valid"
assert survey["store"]["database"]["state"] == "ok"
assert survey["wear"]["spi"]["erases"] > 0
' "$2" || fail "inspect --json $1"
}

updates_from_python() {
    mkdir www
    cp v2.bin www
    port=$(free_port)
    python3 -m http.server "$port" --bind 127.0.0.1 --directory www >/dev/null 2>&1 &
    servers="$servers $!"
    url=http://127.0.0.1:$port
    run 0 manifest v2.bin --url-base "$url/" -o www/ota.json
    wait_for "$url/ota.json"
    run 0 device new dev1 --factory v1.bin --key pub.pem
    run 0 device boot dev1 --manifest-url "$url/ota.json" --until version=2 --timeout 60
    says out 'boot: first start of factory version 1'
    says out 'ota: downloading version 2 from byte 0'
    says out 'ota: version 2 entered in the database'
    says out 'boot: installed version 2'
    says out 'boot: version 2, trial boot 1 of 3'
    says out 'app: version 2 confirmed'
    ends_in dev1 2
    run 0 device boot dev1 --until version=2 --timeout 60
    says out 'boot: starting version 2'
    run 0 device new dev0 --factory v1.bin --key pub.pem
    run 0 device boot dev0 --manifest-url "$url/ota.json" --until reset --timeout 60
    says out 'ota: version 2 entered in the database'
    run 0 device inspect dev0
    says out 'boot control   version 1,'
}

# A certificate authority of our own, and nginx with a certificate from it.
start_nginx() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout ca.key \
        -out ca.pem -subj '/CN=Test CA' 2>/dev/null
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls.key -out tls.csr \
        -subj '/CN=localhost' 2>/dev/null
    printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >san
    openssl x509 -req -in tls.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san \
        -out tls.pem 2>/dev/null
    tls_port=$(free_port)
    cat >nginx.conf <<END
daemon off; master_process off; pid $work/nginx.pid; error_log $work/nginx.log;
events {}
http {
    access_log off; client_body_temp_path $work; proxy_temp_path $work;
    fastcgi_temp_path $work; uwsgi_temp_path $work; scgi_temp_path $work;
    server {
        listen 127.0.0.1:$tls_port ssl http2;
        ssl_certificate $work/tls.pem; ssl_certificate_key $work/tls.key;
        root $work/secure;
    }
}
END
    PATH=$PATH:/usr/sbin nginx -c "$work/nginx.conf" -p "$work" 2>/dev/null &
    servers="$servers $!"
    wait_for "https://localhost:$tls_port/" --cacert ca.pem
}

updates_over_https() {
    mkdir secure
    cp v2.bin secure
    start_nginx
    url=https://localhost:$tls_port
    run 0 manifest v2.bin --url-base "$url/" -o secure/ota.json
    run 0 device new dev2 --factory v1.bin --key pub.pem
    run 1 device boot dev2 --manifest-url "$url/ota.json" --until version=2 --timeout 2
    says out 'the server is not trusted'
    run 0 device boot dev2 --manifest-url "$url/ota.json" --ca-file ca.pem --until version=2 \
        --timeout 60
    ends_in dev2 2
    refuses 'none.pem: No such file' device boot dev2 --manifest-url "$url/" --ca-file none.pem
}

# A new image is offered as soon as it lies in the folder.
updates_from_serve() {
    mkdir images
    cp v2.bin images
    "$brownout" serve images --port 0 >serve.log 2>&1 &
    server=$!
    servers="$servers $server"
    for _ in $(seq 100); do
        grep -q manifest serve.log && break
        sleep 0.05
    done
    url=$(sed -n 's/.*manifest at //p' serve.log)
    run 0 device new dev3 --factory v1.bin --key pub.pem --ecc
    run 0 device boot dev3 --manifest-url "$url" --until version=2 --timeout 60
    cp v3.bin images
    run 0 device boot dev3 --manifest-url "$url" --until version=3 --timeout 60
    ends_in dev3 3
    says serve.log 'GET /v3.bin'
    kill $server
    wait $server || fail "serve: status $? after SIGTERM"
}

# presses DEVICE KEY...: each a moment after the one before, then q.
presses() {
    device=$1
    shift
    for key in "$@" q; do
        sleep 0.5
        printf %s "$key"
    done | "$brownout" device boot --interactive "$device" >out 2>err || fail "keys: status $?"
}

is_driven_by_hand() {
    run 0 device snapshot dev2 by_hand
    presses by_hand s r t u p p c b
    says out 'by hand: version 2 runs, confirmed'
    says out 'boot: started by the reset pin'
    says out 'by hand: an hour passes'
    says out 'ota: request: check'
    says out 'by hand: the power is off'
    [ "$(grep -c 'started by power-on' out)" -eq 2 ] || fail "the plug: power-on"
    says out 'by hand: confirm'
    says by_hand/console.log 'by hand: reset'
    presses by_hand p f p s
    says out 'by hand: the factory reset button is held'
    says out 'by hand: version 1 runs, confirmed'
}

looks_and_damages() {
    run 0 device inspect --width 80 --why dev2
    says out 'v2 installed and confirmed.'
    says out 'nvm, 1024 KiB, a sign is 4 KiB'
    says out 'boot: starting version 2'
    says out 'so it would start version 2'
    run 0 device inspect --json --why dev2
    says out '"outcome":"start"'
    run 0 device snapshot dev2 before
    refuses 'before: File exists' device snapshot dev2 before
    run 0 device diff dev2 before
    run 0 device fault dev2 --flip nvm:0x20010.3 --torn nvm:0x21000 --wear spi:0x1000=999
    says out 'by hand: nvm 0x020010: bit 3 flipped'
    run 1 device diff before dev2
    says out 'record 00      v1 factory valid, 0 trials, 0 words  ->  damaged'
    run 0 device inspect dev2
    says out '999 of the busiest of 1024 units'
    run 0 device restore dev2 before
    run 0 device diff dev2 before
    run 0 device new dev4 --factory v1.bin --key pub.pem
    run 0 device fault dev4 --cut 40t
    says out 'by hand: the power went at 40t'
    run 0 device inspect --why dev4
    says out 'so it would start version 1'
    says dev4/console.log 'by hand: the power went at 40t'
    refuses "'nvm:9' is not nvm:OFFSET.BIT" device fault dev2 --flip nvm:9
    refuses "'8' is not a number" device fault dev2 --flip nvm:9.8
    refuses "'40' is not the number of an operation" device fault dev2 --cut 40
    refuses 'has no operation 1t' device fault dev2 --cut 1t
    refuses 'say --flip, --wear, --torn or --cut' device fault dev2
    refuses 'give two device folders' device diff dev2
}

refuses_bad_input() {
    refuses 'give one folder' device new --factory v1.bin --key pub.pem
    refuses 'dev1: exists already' device new dev1 --factory v1.bin --key pub.pem
    refuses 'none.bin: No such file' device new dev9 --factory none.bin --key pub.pem
    refuses 'none.pem:' device new dev9 --factory v1.bin --key none.pem
    refuses 'signed by another key' device new dev9 --factory v1.bin --key other_pub.pem
    refuses 'app.bin:' device new dev9 --factory app.bin --key pub.pem
    refuses 'made for another product' device new dev9 --factory v1.bin --key pub.pem \
        --class toaster
    [ ! -e dev9 ] || fail "dev9 exists"
    refuses 'is this a device folder?' device inspect dev9
    refuses "'version2' is neither version=N nor reset" device boot dev1 --until version2
    refuses "'arm' is not posix or pic32" device boot dev1 --target arm
    refuses '--gdb is for --target pic32' device boot dev1 --gdb 0
    refuses '--console is for --target pic32' device boot dev1 --console
    refuses "'65536' is not a number" device boot dev1 --target pic32 --gdb 65536
    refuses 'the firmware has no network' device boot dev1 --target pic32 \
        --manifest-url http://127.0.0.1:9/ota.json
    refuses "dev1/boot.hex: not there; a device has it from 'device new --bootloader'" \
        device boot dev1 --target pic32
    refuses 'v1.bin: ' device new dev9 --factory v1.bin --key pub.pem --bootloader v1.bin
    refuses 'none.hex: No such file' device new dev9 --factory v1.bin --key pub.pem \
        --bootloader none.hex
    refuses "'0' is not a number" device boot dev1 --until version=0
    refuses 'is not new, boot, inspect' device explode dev1
    refuses "'frobnicate' is not a command" frobnicate
    refuses 'none: ' serve none
    truncate -s 1000 dev1/nvm.bin
    refuses 'dev1/nvm.bin: 1000 bytes' device inspect dev1
    printf '{"schema_version": 99}' >dev1/device.json
    refuses 'made by a newer version' device inspect dev1
    printf '{"schema' >dev1/device.json
    refuses 'device.json:1:9: not JSON' device inspect dev1
}

make_images
updates_from_python
updates_over_https
updates_from_serve
is_driven_by_hand
looks_and_damages
refuses_bad_input
ends
