#!/bin/sh
# What the firmware build makes: the files agree with each other, and hold what they should.
# usage: firmware.sh BROWNOUT NM FOLDER KEY.pem
set -u
export LC_ALL=C
brownout=$(realpath "$1")
nm=$2
folder=$(realpath "$3")
key=$(realpath "$4")
root=$(realpath "$(dirname "$0")/..")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0

fail() {
    echo "not ok: $*"
    failures=$((failures + 1))
}

same() {
    cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

# piece FILE.hex FROM TO OUT.bin
piece() {
    srec_cat "$1" -intel -crop "$2" "$3" -offset "-$2" -fill 0xFF 0 $(($3 - $2)) -o "$4" -binary
}

# word FILE.hex ADDRESS VALUE
word() {
    piece "$1" "$2" $(($2 + 4)) word.bin
    [ "$(od -An -tx4 word.bin | tr -d ' ')" = "$3" ] || fail "$1: no $3 at $2"
}

test_formats_agree() {
    for name in bootloader app; do
        "$brownout" image hex -o $name.hex "$folder/$name.elf" || fail "image hex $name.elf"
        srec_cmp $name.hex -intel "$folder/$name.hex" -intel || fail "$name.hex is not $name.elf"
    done
    "$brownout" image hex --binary -o app.bin "$folder/app.hex" || fail "image hex app.hex"
    same app.bin "$folder/app.bin"
}

test_factory_file() {
    piece "$folder/factory.hex" 0x10000000 0x1001F000 boot1.bin
    piece "$folder/bootloader.hex" 0x10000000 0x1001F000 boot2.bin
    same boot1.bin boot2.bin
    piece "$folder/factory.hex" 0x10020000 0x100FF000 slot.bin
    openssl pkey -in "$key" -pubout -out pub.pem
    "$brownout" image verify --key pub.pem --class pic32mzw1 slot.bin >out ||
        fail "the factory image is refused: $(cat out)"
    word "$folder/factory.hex" 0x1FC55F94 00005c3b
    word "$folder/factory.hex" 0x1FC55F98 20800009
    word "$folder/factory.hex" 0x1FC00000 3c1ab000 # lui k0: on to program flash
    word "$folder/factory.hex" 0x10021000 "$(od -An -tx4 -N4 app.bin | tr -d ' ')"
}

# No heap, no floating point, nothing that the linker would have had to take from elsewhere.
test_symbols() {
    for elf in "$folder/bootloader.elf" "$folder/app.elf"; do
        "$nm" "$elf" >symbols || fail "$nm $elf"
        grep -q ' T main$' symbols || fail "$elf: no main"
        grep -E ' (malloc|calloc|realloc|free|sbrk|__(add|sub|mul|div|fix|float)[a-z]*[sd]f.*)$' \
            symbols && fail "$elf: heap or floating point"
        "$nm" -u "$elf" | grep . && fail "$elf: undefined symbols"
    done
}

test_no_paths() {
    for file in app.bin boot2.bin; do
        grep -aqF "$root" $file && fail "$file names the folder it was built in"
    done
}

test_formats_agree
test_factory_file
test_symbols
test_no_paths
echo "$failures failures"
[ "$failures" -eq 0 ]
