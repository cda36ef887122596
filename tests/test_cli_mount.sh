#!/bin/sh
# A real mount: the tree, what may be written and what not, ways to unmount.
# usage: test_cli_mount.sh BROWNOUT
if [ ! -e /dev/fuse ]; then
    echo "no /dev/fuse"
    exit 77
fi
. "$(dirname "$0")/shell.sh"
brownout=$(realpath "$1")
work=$(mktemp -d) || exit 1
trap 'fusermount3 -uz "$work/mnt" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir mnt
# The kernel refuses by the modes before we do, but not root; and others may look by leave only.
denied='Permission denied'
busy=$denied
option=default_permissions
if [ "$(id -u)" -eq 0 ]; then
    denied='not permitted'
    busy='busy'
    option=allow_other
fi

# does COMMAND...: it succeeds.
does() {
    "$@" >out 2>err || fail "$*: $(cat err)"
}

# refuses REASON COMMAND...: it fails and says the reason.
refuses() {
    reason=$1
    shift
    "$@" >out 2>err && fail "$* succeeds"
    grep -qF -e "$reason" err || fail "$*: no '$reason' in '$(cat err)'"
}

# The process behind a mount ends a moment after it.
is_let_go() {
    for _ in $(seq 200); do
        flock -n dev/device.json true && return
        sleep 0.05
    done
    fail "the device is held after the unmount"
}

unmount() {
    does fusermount3 -u mnt
    is_let_go
    [ ! -e dev/holder ] || fail "the holder is still there"
}

make_device() {
    openssl ecparam -name prime256v1 -genkey -noout -out key.pem 2>/dev/null
    openssl ec -in key.pem -pubout -out pub.pem 2>/dev/null
    for version in 1 2; do
        noise 100000 1 >app.bin
        does "$brownout" image pack --version $version app.bin -o v$version.bin
        does "$brownout" image sign --key key.pem v$version.bin
    done
    does "$brownout" device new dev --factory v1.bin --key pub.pem
    does "$brownout" device boot dev --until version=1 --timeout 30
    does "$brownout" mount dev mnt
}

is_read() {
    find mnt -type f | sort >list
    for file in console.log images/factory_reset.json nvm/application.bin nvm/application.json \
        nvm/boot_control/page.bin nvm/boot_control/records/00.json nvm/bootloader.bin \
        spi/fs/ota/factory_reset.bin spi/raw.bin status.json wear/nvm.csv wear/spi.csv; do
        grep -qx "mnt/$file" list || fail "no $file"
    done
    does cmp mnt/spi/raw.bin dev/spi.bin
    does cmp mnt/spi/fs/ota/factory_reset.bin v1.bin
    does diff -r mnt mnt
    does cp -r mnt copy
    does diff -r mnt copy
    does chmod -R u+w copy
    does python3 -m json.tool mnt/status.json
    says mnt/nvm/application.json verified
    says mnt/console.log 'boot: first start of factory version 1'
    does dd if=mnt/nvm/boot_control/page.bin of=page bs=512 skip=1 count=1
    [ "$(stat -c %s mnt/nvm/boot_control/page.bin)" = 4096 ] || fail "size of page.bin"
    does df mnt
    says out "$work/dev"
}

is_written_through_the_file_system() {
    does cp v2.bin mnt/spi/fs/ota/new.bin
    does cmp v2.bin mnt/spi/fs/ota/new.bin
    says mnt/images/new.json '"version":2'
    does mv mnt/spi/fs/ota/new.bin mnt/spi/fs/ota/v2.bin
    refuses 'No such file' ls mnt/spi/fs/ota/new.bin
    does dd if=/dev/zero of=mnt/spi/fs/ota/v2.bin bs=1 seek=9000 count=4 conv=notrunc
    says mnt/images/v2.json 'content does not match its hash'
    printf 'one\ntwo\n' >mnt/spi/fs/note
    does sed -i 's/two/three/' mnt/spi/fs/note
    printf 'four\n' >>mnt/spi/fs/note
    printf 'one\nthree\nfour\n' | cmp - mnt/spi/fs/note || fail "an edited file"
    does touch -d '2001-01-01 00:00 UTC' mnt/spi/fs/note
    [ "$(stat -c %Y mnt/spi/fs/note)" = 978307200 ] || fail "the time of a file"
    does mkdir mnt/spi/fs/folder
    refuses 'not empty' rmdir mnt/spi/fs/ota
    refuses "$busy" rmdir mnt/spi/fs
    does rmdir mnt/spi/fs/folder
    does rm mnt/spi/fs/note mnt/spi/fs/ota/v2.bin
    refuses 'No space left' dd if=/dev/zero of=mnt/spi/fs/large bs=1000k count=4
    rm -f mnt/spi/fs/large
    says mnt/console.log 'by hand: spi/fs/ota/v2.bin: removed'
}

# Whoever has a removed file open can go on with it.
lives_on_while_open() {
    python3 - <<'END' || fail "a file that is removed while it is open"
import os
path = 'mnt/spi/fs/open'
with open(path, 'w+b') as file:
    file.write(b'hello')
    file.flush()
    os.unlink(path)
    file.seek(0)
    assert file.read() == b'hello'
assert not os.path.exists(path)
os.mkdir('mnt/spi/fs/gone')
END
    does rmdir mnt/spi/fs/gone
}

is_poked() {
    printf 'XY' | dd of=mnt/nvm/boot_control/page.bin bs=1 seek=8 conv=notrunc 2>err ||
        fail "poke: $(cat err)"
    says mnt/console.log 'by hand: nvm: bytes 0x020008 to 0x020009 poked'
    says mnt/nvm/boot_control/records/00.json damaged
    cp dev/spi.bin spi.old
    does cp spi.old mnt/spi/raw.bin
    says mnt/console.log 'by hand: spi: bytes 0x000000 to 0x3FFFFF poked'
    refuses 'No space left' dd if=/dev/zero of=mnt/spi/raw.bin bs=1 seek=4194304 count=1
    does dd if=zero of=mnt/spi/raw.bin conv=notrunc
    refuses 'Input/output error' ls mnt/spi/fs
    says mnt/status.json 'does not mount'
    does dd if=spi.old of=mnt/spi/raw.bin bs=64k
    does ls mnt/spi/fs
}

refuses_the_rest() {
    head -c 8192 /dev/zero >zero
    refuses 'Permission denied' dd if=zero of=mnt/status.json conv=notrunc
    refuses 'Permission denied' dd if=zero of=mnt/nvm/bootloader.bin conv=notrunc
    refuses "$denied" rm mnt/nvm/bootloader.bin
    refuses "$denied" mkdir mnt/nvm/folder
    refuses "$denied" touch mnt/new
    refuses "$denied" mv mnt/status.json mnt/other
    refuses 'not permitted' ln -s a mnt/spi/fs/link
    refuses 'No such file' cat mnt/images/none.json
    refuses "mounted at $work/mnt, by process" "$brownout" device boot dev
    refuses 'in use by another process' "$brownout" mount dev mnt
}

is_unmounted() {
    unmount
    does "$brownout" device boot dev --until version=1 --timeout 30
    for signal in INT TERM; do
        "$brownout" mount -f -o $option dev mnt 2>err &
        for _ in $(seq 100); do
            [ -e mnt/status.json ] && break
            sleep 0.05
        done
        grep -q "$work/mnt .*$option" /proc/mounts || fail "$option is not passed on"
        kill -$signal $!
        wait $! || fail "status $? after SIG$signal: $(cat err)"
        grep -q "$work/mnt " /proc/mounts && fail "mounted after SIG$signal"
    done
    "$brownout" mount -f dev mnt &
    for _ in $(seq 100); do
        [ -e mnt/status.json ] && break
        sleep 0.05
    done
    kill -KILL $!
    wait $! 2>/dev/null
    [ -e dev/holder ] || fail "no holder is left by a process that was killed"
    refuses "'fusermount3 -u' it first" "$brownout" mount dev mnt
    does fusermount3 -u mnt
    is_let_go
    does "$brownout" device boot dev --until version=1 --timeout 30
    [ ! -e dev/holder ] || fail "the holder of a dead process stays"
}

refuses_bad_usage() {
    refuses 'give a device folder' "$brownout" mount dev
    refuses 'none: No such file' "$brownout" mount dev none
    refuses 'none: No such file' "$brownout" mount none mnt
    refuses 'these options' "$brownout" mount -o frobnicate dev mnt
}

make_device
is_read
is_written_through_the_file_system
lives_on_while_open
refuses_the_rest
is_poked
is_unmounted
refuses_bad_usage
ends
