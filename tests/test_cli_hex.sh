#!/bin/sh
# End to end: HEX files in 'brownout image', with srec_cat as an independent writer and reader.
# usage: test_cli_hex.sh BROWNOUT
. "$(dirname "$0")/shell.sh"
brownout=$(realpath "$1")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# refuses TEXT ARGUMENT...: status 2, exactly one error line, which holds the text; no x.hex.
refuses() {
    text=$1
    shift
    run 2 "$@"
    says err "$text"
    [ "$(grep -c 'brownout: error: ' err)" -eq 1 ] || fail "brownout $*: not one error line"
    [ ! -e x.hex ] || fail "brownout $*: wrote x.hex"
}

# hex_of FILE.bin ADDRESS FILE.hex
hex_of() {
    srec_cat "$1" -binary -offset "$2" -o "$3" -intel --address-length=4
}

make_inputs() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem 2>/dev/null
    openssl pkey -in key.pem -pubout -out pub.pem
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out other.pem 2>/dev/null
    noise 70001 1 >boot.bin
    noise 900 2 >reset.bin
    noise 130001 3 >app.bin
    printf '\011\000\200\040' >config.bin
    printf '\011\000\201\040' >config2.bin
    srec_cat boot.bin -binary -offset 0x10000000 reset.bin -binary -offset 0x1FC00000 \
        config.bin -binary -offset 0x1FC55F98 -o boot.hex -intel
    hex_of app.bin 0x10021000 app.hex
    hex_of app.bin 0x90021000 virtual.hex
    srec_cat app.bin -binary -offset 0x10021000 config.bin -binary -offset 0x1FC55F98 \
        -o app-config.hex -intel
    srec_cat app.bin -binary -offset 0x10021000 config2.bin -binary -offset 0x1FC55F98 \
        -o app-config2.hex -intel
}

test_pack() {
    run 0 image pack --version 3 -o raw.img app.bin
    for input in app.hex virtual.hex app-config.hex app-config2.hex; do
        run 0 image pack --version 3 -o hex.img $input
        same raw.img hex.img
    done
    hex_of app.bin 0x10021004 moved.hex
    refuses "moved.hex: it has nothing at 0x10021000" image pack --version 3 -o x.hex moved.hex
    refuses "boot.hex: it has a byte at 0x10000000" image pack --version 3 -o x.hex boot.hex
    sed '3s/.$/X/' app.hex >bad.hex
    refuses "bad.hex: line 3: column" image pack --version 3 -o x.hex bad.hex
    sed '$d' app.hex >cut.hex
    refuses "the end record is missing" image pack --version 3 -o x.hex cut.hex
    noise 909117 4 >large.bin
    hex_of large.bin 0x10021000 large.hex
    refuses "large.hex: too large for the slot" image pack --version 3 -o x.hex large.hex
}

test_hex() {
    run 0 image hex -o again.hex boot.hex
    srec_cmp boot.hex -intel again.hex -intel >out 2>err || fail "boot.hex changed"
    run 0 image hex --binary --from 0x10000000 --size 0x100000 -o nvm.bin app.hex
    srec_cat app.hex -intel -offset -0x10000000 -fill 0xFF 0 0x100000 -o srec.bin -binary
    same nvm.bin srec.bin
    run 0 image hex --binary --from 0xB0021000 -o part.bin virtual.hex
    same part.bin app.bin
    run 0 image hex --address 0x90021000 -o made.hex app.bin
    srec_cmp app.hex -intel made.hex -intel >out 2>err || fail "made.hex is not app.hex"
    run 0 image hex --from 0x10000010 --size 0x20 -o piece.hex boot.hex
    srec_cat boot.hex -intel -crop 0x10000010 0x10000030 -o srec.hex -intel
    srec_cmp piece.hex -intel srec.hex -intel >out 2>err || fail "piece.hex is another piece"
    run 0 image hex -o - app.hex
    same out made.hex
    refuses "narrow it with --from and --size" image hex --binary -o x.hex boot.hex
    refuses "nothing is there" image hex --from 0x20000000 -o x.hex boot.hex
    refuses "a binary needs --address A" image hex -o x.hex app.bin
    refuses "--address is for binaries" image hex --address 0 -o x.hex app.hex
    refuses "over the end of the address space" image hex --address 0xFFFFFFFF -o x.hex app.bin
    refuses "-o OUT is needed" image hex app.hex
    refuses "app.hex: is the input, and would be lost" image hex -o app.hex app.hex
    refuses "--from: '1x' is not a number" image hex --from 1x -o x.hex app.hex
}

# FILE.hex holds these bytes at this place, as srec_cat reads it.
holds() {
    size=$(wc -c <"$3")
    srec_cat "$1" -intel -crop "$2" $(($2 + size)) -offset "-$2" -o held.bin -binary
    same held.bin "$3"
}

test_factory() {
    run 0 image pack --version 1 -o v1.bin app.bin
    run 0 image sign --key key.pem v1.bin
    run 0 image factory --key key.pem --version 1 -o factory.hex boot.hex app-config.hex
    holds factory.hex 0x10000000 boot.bin
    holds factory.hex 0x10020000 v1.bin
    holds factory.hex 0x1FC00000 reset.bin
    holds factory.hex 0x1FC55F98 config.bin
    run 0 image factory --key pub.pem -o same.hex boot.hex v1.bin
    same factory.hex same.hex
    { cat v1.bin && printf junk; } >behind.bin
    run 0 image factory --key pub.pem -o same.hex boot.hex behind.bin
    same factory.hex same.hex
    srec_cat factory.hex -intel -crop 0x1001F008 0x1001F063 -offset -0x1001F008 -o key.der -binary
    openssl pkey -pubin -inform DER -in key.der -out key.der.pem
    same key.der.pem pub.pem
}

test_factory_refusals() {
    words="configuration word 0x20800009 in boot.hex, 0x20810009 in app-config2.hex"
    refuses "data conflict at 0x1FC55F98: $words" \
        image factory --key key.pem --version 1 -o x.hex boot.hex app-config2.hex
    refuses "moved.hex: it has nothing at 0x10021000" \
        image factory --key key.pem --version 1 -o x.hex boot.hex moved.hex
    hex_of reset.bin 0x1001F000 product.hex
    srec_cat boot.hex -intel product.hex -intel -o over.hex -intel
    refuses "over.hex: it has a byte at 0x1001F000, where no bootloader may be" \
        image factory --key key.pem -o x.hex over.hex v1.bin
    refuses "app.hex: it has a byte at 0x1" image factory --key key.pem -o x.hex app.hex v1.bin
    refuses "v1.bin: the device would refuse it: signed by another key" \
        image factory --key other.pem -o x.hex boot.hex v1.bin
    refuses "made for another product" \
        image factory --key key.pem --class toaster -o x.hex boot.hex v1.bin
    refuses "app.bin: the device would refuse it: " \
        image factory --key key.pem -o x.hex boot.hex app.bin
    refuses "a private key is needed" \
        image factory --key pub.pem --version 1 -o x.hex boot.hex app.hex
    refuses "--version N is needed" image factory --key key.pem -o x.hex boot.hex app.hex
    refuses "--version is for those" \
        image factory --key key.pem --version 2 -o x.hex boot.hex v1.bin
    refuses "the bootloader is neither" image factory --key key.pem -o x.hex boot.bin v1.bin
    refuses "no.pem" image factory --key no.pem -o x.hex boot.hex v1.bin
    refuses "no.hex: No such file" image factory --key key.pem -o x.hex no.hex v1.bin
    refuses "name the bootloader and the application" image factory --key key.pem -o x.hex boot.hex
    refuses "--key KEY.pem is needed" image factory -o x.hex boot.hex v1.bin
    refuses "boot.hex: is the input" image factory --key key.pem -o boot.hex boot.hex v1.bin
    refuses "v1.bin: is the input" image factory --key key.pem -o v1.bin boot.hex v1.bin
    refuses "-o OUT.hex is needed" image factory --key key.pem boot.hex v1.bin
}

test_help() {
    for command in hex factory; do
        run 0 image $command --help
        says out "Usage: brownout image $command"
        run 2 image $command --nonsense
        says err "--help'"
    done
}

: >out
: >err
make_inputs
test_pack
test_hex
test_factory
test_factory_refusals
test_help
ends
