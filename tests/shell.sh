# What the end-to-end tests share; each sources it first. A test says what is wrong and goes on; its
# last line is 'ends'.
set -u
export LC_ALL=C NO_COLOR=1
unset http_proxy https_proxy all_proxy no_proxy
failures=0

fail() {
    echo "not ok: $*"
    sed 's/^/    out: /' out | tail -n 30
    sed 's/^/    err: /' err | head -n 20
    failures=$((failures + 1))
}

# run STATUS ARGUMENT...: the command ends with that status; leaves its output in out and err.
run() {
    expected=$1
    shift
    timeout 300 "$brownout" "$@" >out 2>err </dev/null
    status=$?
    [ $status -eq "$expected" ] || fail "brownout $*: status $status, not $expected"
}

# says FILE TEXT: a line of it holds the text.
says() {
    grep -qF -e "$2" "$1" || fail "$1 does not say '$2'"
}

says_not() {
    ! grep -qF -e "$2" "$1" || fail "$1 says '$2'"
}

same() {
    cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

# noise BYTES [WHICH]: bytes that look random and are the same each time, so that a test is, too.
noise() {
    openssl enc -aes-128-ctr -K "$(printf %032x "${2:-0}")" -iv 0 -in /dev/zero 2>/dev/null |
        head -c "$1"
}

free_port() {
    python3 -c '
import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

ends() {
    echo "$failures failures"
    [ $failures -eq 0 ]
    exit
}
