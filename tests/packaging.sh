#!/bin/sh
# The build that README says packages are made of can be configured, and would install all of it.
# usage: packaging.sh SOURCE_ROOT LITTLEFS
set -u
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$*"
    cat "$work/log"
    exit 1
}

cp -r "$2" "$work/littlefs" || exit 1
meson setup "$work/build" "$1" --prefix=/usr \
    -Dtests=disabled -Dspeed=false -Dlittlefs="$work/littlefs" \
    >"$work/log" 2>&1 || fail "meson setup fails"
meson introspect "$work/build" --installed >"$work/log" || fail "meson introspect fails"
for file in /usr/bin/brownout /usr/share/man/man1/brownout.1 \
    /usr/share/man/man5/brownout-scenario.5 /usr/share/bash-completion/completions/brownout \
    /usr/share/gdb/auto-load/usr/bin/brownout-gdb.py; do
    grep -qF "\"$file\"" "$work/log" || fail "$file would not be installed"
done
exit 0
