#!/bin/sh
# usage: same_output.sh FILE COMMAND...: the checked-in file is what the command prints.
file=$1
shift
"$@" | diff -u "$file" - || {
    echo "$file is not up to date: write it anew with: ${*##*/} >$file" >&2
    exit 1
}
