#!/bin/sh
# End to end: 'brownout image' and 'brownout manifest', with OpenSSL's own command as the judge.
# usage: test_cli_image.sh BROWNOUT GOLDEN_DIR
. "$(dirname "$0")/shell.sh"
brownout=$(realpath "$1")
golden=$(realpath "$2")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# refuses TEXT ARGUMENT...: status 2, exactly one error line, which holds the text; no output.
refuses() {
    text=$1
    shift
    run 2 "$@"
    says err "$text"
    [ "$(grep -c 'brownout: error: ' err)" -eq 1 ] || fail "brownout $*: not one error line"
    [ ! -s out ] || fail "brownout $*: wrote to stdout"
}

# refuses_usage ARGUMENT...: status 2, and it points to --help.
refuses_usage() {
    run 2 "$@"
    says err "--help'"
}

no_file() {
    [ ! -e "$1" ] || fail "$1 exists"
}

make_keys() {
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem 2>/dev/null
    openssl pkey -in key.pem -pubout -out pub.pem
    openssl ecparam -name prime256v1 -genkey -out sec1.pem # with an EC PARAMETERS block
    openssl pkey -in sec1.pem -pubout -out sec1.pub.pem
    openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384.pem 2>/dev/null
    openssl pkey -in key.pem -aes256 -passout pass:x -out secret.pem
    openssl ec -in key.pem -aes256 -passout pass:x -out secret1.pem 2>/dev/null
    openssl pkey -in key.pem -outform DER -out key.der
}

test_help() {
    for command in "image" "image pack" "image sign" "image verify" "image info" "manifest"; do
        # shellcheck disable=SC2086
        run 0 $command --help
        says out "Usage: brownout $command"
        says out "Exit status:"
        # shellcheck disable=SC2086
        run 0 $command -h
        # shellcheck disable=SC2086
        refuses_usage $command --nonsense
    done
    refuses_usage image
    says err "error: image: pack, sign, verify, info, factory or hex?"
    refuses_usage image nonsense
    says err "no subcommand 'nonsense'"
}

test_pack() {
    run 0 image pack --version 7 --semver 3.0.0 "$golden/app.bin" -o v7.bin
    run 0 image verify --vendor microchip --class pic32mzw1 v7.bin
    says out "v7.bin: ok, version 7 (3.0.0), security counter 0, no ECDSA signature"
    run 0 image pack "$golden/app.bin" -o - --version=7 --semver=3.0.0
    same out v7.bin
    run 0 image pack --version 4294967295 --semver 255.255.65535 --security-counter 4294967295 \
        --vendor 2b66ac11-9e25-5d24-9316-1340bdbfd241 --class thermostat app.bin -o max.bin
    run 0 image verify --class thermostat --min-security-counter 4294967295 max.bin
    says out "version 4294967295 (255.255.65535), security counter 4294967295"
    run 1 image verify --vendor microchip max.bin
    says out "max.bin: refused: made for another product"
    run 1 image verify --vendor other --class thermostat max.bin
}

test_pack_refusals() {
    refuses "none.bin: No such file or directory" image pack --version 1 none.bin -o x.bin
    refuses "$work: Is a directory" image pack --version 1 "$work" -o x.bin
    : >empty.bin
    refuses "empty.bin: empty" image pack --version 1 empty.bin -o x.bin
    # The slot's 0xDE000 bytes, less 4 + 20 + 20 and 4 + 36 + 36 + 76 bytes of TLVs.
    noise $((909312 - 44 - 152)) 1 >fits.bin
    run 0 image pack --version 1 fits.bin -o x.bin
    run 0 image sign --key key.pem x.bin
    run 0 image verify --key pub.pem x.bin
    rm x.bin
    { cat fits.bin && printf x; } >large.bin
    refuses "large.bin: too large for the slot: 909117 bytes of code, at most 909116 fit" \
        image pack --version 1 large.bin -o x.bin
    refuses "at most 909108 fit" image pack --version 1 --security-counter 0 large.bin -o x.bin
    refuses "v7.bin: already an image" image pack --version 1 v7.bin -o x.bin
    printf '\177ELF\1\1' >app.elf
    refuses "app.elf: the ELF header is cut off" image pack --version 1 app.elf -o x.bin
    printf ':020000040000FA\n' >app.hex
    refuses "app.hex: line 1: the end record is missing" image pack --version 1 app.hex -o x.bin
    refuses "--version N is needed" image pack app.bin -o x.bin
    refuses "-o OUT.bin is needed" image pack --version 1 app.bin
    refuses "name the file" image pack --version 1 -o x.bin
    refuses "there is 'b.bin' too" image pack --version 1 -o x.bin app.bin b.bin
    for version in 0 -1 4294967296 1x "" 99999999999999999999; do
        refuses "--version: '$version' is not a number" \
            image pack --version "$version" app.bin -o x.bin
    done
    for version in 1 1.2 1.2.3.4 256.0.0 0.256.0 0.0.65536 a.b.c 1..2 "" " 1.2.3" 1.2.3x -1.2.3; do
        refuses "--semver: '$version' is not" \
            image pack --version 1 --semver "$version" app.bin -o x.bin
    done
    refuses "with --version" image pack --version 1 --semver 1.2.3+4 app.bin -o x.bin
    refuses "--vendor" image pack --version 1 --vendor "" app.bin -o x.bin
    refuses "--class" image pack --version 1 --class "" app.bin -o x.bin
    refuses "no/x.bin: No such file" image pack --version 1 app.bin -o no/x.bin
    refuses "$work: Is a directory" image pack --version 1 app.bin -o "$work"
    refuses "/dev/full: No space left on device" image pack --version 1 app.bin -o /dev/full
    no_file x.bin
}

# OpenSSL itself checks what lies at the end of the file against what is signed.
openssl_accepts() {
    run 0 image info --json "$1"
    signed=$(sed -n 's/.*"signed_size": \([0-9]*\).*/\1/p' out)
    length=$(grep -A1 '"ECDSA signature"' out | sed -n 's/.*"size": \([0-9]*\).*/\1/p')
    head -c "$signed" "$1" >payload
    tail -c "$length" "$1" >signature
    openssl dgst -sha256 -verify "$2" -signature signature payload >out 2>err
    says out "Verified OK"
}

test_sign() {
    cp v7.bin s.bin
    chmod 640 s.bin
    run 0 image sign --key key.pem s.bin
    [ "$(stat -c %a s.bin)" = 640 ] || fail "mode of s.bin"
    openssl_accepts s.bin pub.pem
    run 0 image sign --key key.pem v7.bin -o s2.bin
    same s.bin s2.bin
    run 0 image sign -k key.pem s.bin -o -
    same s.bin out
    run 0 image sign --key sec1.pem s2.bin
    openssl_accepts s2.bin sec1.pub.pem
    run 0 image verify --key pub.pem s.bin
    says out "s.bin: ok, version 7 (3.0.0), security counter 0, signature good"
    run 1 image verify --key pub.pem s2.bin
    says out "s2.bin: refused: signed by another key"
    run 0 image sign --key "$golden/p256.pem" "$golden/p256_full.bin" -o full.bin
    run 0 image verify --key "$golden/p256.pub.pem" --vendor microchip --class pic32mzw1 full.bin
    openssl_accepts full.bin "$golden/p256.pub.pem"
    run 1 image verify --key pub.pem v7.bin
    says out "v7.bin: refused: signature missing or wrong"
    [ -z "$(find . -name '.tmp*')" ] || fail "a temporary file is left"
}

test_sign_refusals() {
    cp v7.bin u.bin
    refuses "--key KEY.pem is needed" image sign u.bin
    refuses "none.pem: No such file or directory" image sign --key none.pem u.bin
    refuses "key.der: not a PEM file" image sign --key key.der u.bin
    refuses "pub.pem: a public key" image sign --key pub.pem u.bin
    refuses "p384.pem: an EC key on another curve than P-256" image sign --key p384.pem u.bin
    refuses "rsa2048.pem: not an EC key" image sign --key "$golden/rsa2048.pem" u.bin
    refuses "ed.pem: not an EC key" image sign --key "$golden/ed.pem" u.bin
    refuses "secret.pem: an encrypted key" image sign --key secret.pem u.bin
    refuses "secret1.pem: an encrypted key" image sign --key secret1.pem u.bin
    refuses "name the file" image sign --key key.pem
    refuses "there is 'v7.bin' too" image sign --key key.pem u.bin v7.bin
    refuses "none.bin: No such file or directory" image sign --key key.pem none.bin
    refuses "app.bin: cannot be signed: not an MCUboot image" image sign --key key.pem app.bin
    refuses "old.bin: cannot be signed: a raw slot" image sign --key key.pem old.bin
    { head -c 5000 v7.bin && printf X && tail -c +5002 v7.bin; } >bad.bin
    refuses "bad.bin: cannot be signed: content does not match" image sign --key key.pem bad.bin
    refuses "no/x.bin: No such file" image sign --key key.pem u.bin -o no/x.bin
    same u.bin v7.bin
}

test_verify() {
    run 1 image verify --key "$golden/p256.pub.pem" "$golden/p256.bin" "$golden/p256_otherkey.bin" \
        "$golden/p256_older.bin" "$golden/ed25519.bin" bad.bin app.bin
    says out "p256.bin: ok, version 7 (3.0.0), security counter 0, signature good"
    says out "p256_otherkey.bin: refused: signed by another key"
    says out "p256_older.bin: ok, version 0 (2.0.0), security counter 4, signature good"
    says out "ed25519.bin: refused: signature missing or wrong"
    says out "bad.bin: refused: signature missing or wrong"
    says out "app.bin: refused: not an MCUboot image"
    [ "$(wc -l <out)" -eq 6 ] || fail "not one line a file"
    run 1 image verify bad.bin
    says out "bad.bin: refused: content does not match its hash"
    run 0 image verify "$golden/p256_otherkey.bin"
    says out "signature not checked (no --key)"
    run 1 image verify --min-security-counter 5 "$golden/p256_older.bin"
    says out "refused: below the security counter"
    run 0 image verify --min-security-counter 4 "$golden/p256_older.bin"
    run 1 image verify --vendor microchip --class pic32mzw1 "$golden/p256.bin"
    says out "refused: made for another product"
    { cat v7.bin && printf tail; } >tail.bin
    run 0 image verify tail.bin
    says out ", 4 bytes behind the image are not part of it"
    head -c 7000 v7.bin >short.bin
    run 1 image verify short.bin
    says out "short.bin: refused: truncated"
    { head -c 100 v7.bin && printf X && tail -c +102 v7.bin; } >page.bin
    run 1 image verify page.bin
    says out "page.bin: refused: the header page is not 0xFF behind the header"
    run 1 image verify empty.bin old.bin
    says out "empty.bin: refused: empty"
    says out "old.bin: refused: a raw slot of the original OTA service"
    run 2 image verify bad.bin none.bin v7.bin
    says out "v7.bin: ok"
    says err "none.bin: No such file or directory"
    refuses "name the files" image verify
    refuses "key.pem: a private key" image verify --key key.pem v7.bin
    refuses "app.bin: not a PEM file" image verify --key app.bin v7.bin
    refuses "--min-security-counter: 'x'" image verify --min-security-counter x v7.bin
    refuses "--vendor" image verify --vendor "" v7.bin
}

test_info() {
    run 0 image info "$golden/p256_full.bin"
    says out "semantic version    3.0.0+7"
    says out "$(sha256sum <"$golden/p256_full.bin" | cut -d' ' -f1)"
    says out "protected    0x0050  security counter       4  5"
    run 0 image info --json "$golden/p256_full.bin"
    python3 -c 'import json, sys; info = json.load(sys.stdin)
assert info["version"] == 7 and info["size"] == 7379 and len(info["tlvs"]) == 7' <out ||
        fail "info --json"
    run 0 image info old.bin
    says out "raw slot of the original OTA service"
    says out "boot address        0xb0021000"
    run 0 image info --json old.bin
    refuses "app.bin: not an MCUboot image" image info app.bin
    refuses "app.elf: an ELF file" image info app.elf
    refuses "empty.bin: empty" image info --json empty.bin
    refuses "none.bin: No such file" image info none.bin
    refuses "name the file" image info
    refuses "there is 'v7.bin' too" image info v7.bin v7.bin
}

# What hex2bin.py makes: the linked boot control page, then the code.
make_original() {
    {
        printf '\377\377\377\003\377\377\377\377\001\000\000\000\000\020\002\260'
        head -c 4079 /dev/zero
        printf '\370'
        cat app.bin
    } >old.bin
}

test_original() {
    run 0 image pack --version 7 --semver 3.0.0 old.bin -o wrapped.bin
    says err "old.bin: a raw slot of the original OTA service; dropped its 4096-byte header page"
    same wrapped.bin v7.bin
    head -c 4096 old.bin >page_only.bin
    run 2 image pack --version 7 page_only.bin -o x.bin
    says err "page_only.bin: empty"
    { cat old.bin && head -c 906240 /dev/zero | tr '\0' '\377'; } >full_slot.bin
    run 2 image pack --version 7 full_slot.bin -o x.bin
    says err "too large for the slot"
    says err "it ends in 0xFF: trim it"
    no_file x.bin
}

test_manifest() {
    cp "$golden/app.bin" .
    run 0 image pack --version 12 app.bin -o "v 12.bin"
    run 0 manifest "v 12.bin" v7.bin --erase 3 --url-base http://h:8000/ota -o ota.json
    python3 -c 'import hashlib, json
ota = json.load(open("ota.json"))["ota"]
digest = lambda name: hashlib.sha256(open(name, "rb").read()).hexdigest()
assert ota == [
    {"Version": 3, "EraseVer": True},
    {"Version": 7, "URL": "http://h:8000/ota/v7.bin", "Digest": digest("v7.bin"),
     "EraseVer": False},
    {"Version": 12, "URL": "http://h:8000/ota/v%2012.bin", "Digest": digest("v 12.bin"),
     "EraseVer": False}], ota' || fail "ota.json"
    run 0 manifest ./v7.bin "./v 12.bin" --url-base http://h:8000/ota/ --erase=3
    same out ota.json
    run 0 manifest --erase 1 --erase 2
    says out '"Version": 2'
}

test_manifest_refusals() {
    refuses "name the images" manifest --url-base http://h
    refuses "--url-base URL is needed" manifest v7.bin
    refuses "--url-base: 'h'" manifest v7.bin --url-base h
    refuses "--erase: '0'" manifest v7.bin --url-base http://h --erase 0
    refuses "version 7 stands twice: s.bin and v7.bin" manifest v7.bin s.bin --url-base http://h
    refuses "version 7 stands twice: --erase and v7.bin" \
        manifest v7.bin --erase 7 --url-base http://h
    refuses "none.bin: No such file or directory" manifest v7.bin none.bin --url-base http://h
    refuses "app.bin: not an MCUboot image" manifest app.bin --url-base http://h
    refuses "bad.bin: content does not match its hash" manifest bad.bin --url-base http://h
    refuses "p256_older.bin: its version is 0" manifest "$golden/p256_older.bin" --url-base http://h
    refuses "old.bin: a raw slot" manifest old.bin --url-base http://h
    refuses "no/x.json: No such file" manifest v7.bin --url-base http://h -o no/x.json
}

: >out
: >err
cp "$golden/app.bin" app.bin
make_keys
make_original
test_help
test_pack
test_pack_refusals
test_sign
test_sign_refusals
test_verify
test_info
test_original
test_manifest
test_manifest_refusals
ends
