#!/bin/sh
# The recipes of cluster/ with the engines themselves, on this machine: each must come to the report
# of a run without shares.
# usage: test_cluster.sh ENGINE BROWNOUT SOURCE_ROOT
# ENGINE: make, parallel, slurm. Exit status 77: it is not installed.
set -u
export LC_ALL=C NO_COLOR=1
engine=$1
brownout=$(realpath "$2")
root=$(realpath "$3")
shares=3

need() {
    for program; do
        command -v "$program" >/dev/null || {
            echo "skipped: no $program"
            exit 77
        }
    done
}

case $engine in
make) need make ;;
parallel) need parallel ;;
slurm) need slurmctld slurmd sbatch munged scontrol ;;
*) exit 2 ;;
esac
work=$(mktemp -d) || exit 1
daemons=

# Only those that were started here.
end() {
    for pid in $daemons; do
        kill "$pid" 2>/dev/null
    done
    rm -rf "$work"
}
trap end EXIT
cd "$work" || exit 1

fail() {
    echo "not ok: $*"
    tail -n 20 log* out/log* slurm/*.log 2>/dev/null
    exit 1
}

make_scenarios() {
    mkdir -p set/some out
    cp "$root"/scenarios/counter/*.json set/some
    # One fails: the engine must not take that for the end of everything.
    sed -e 's/"name": "first-boot"/"name": "fails"/' \
        -e 's/^  "always"/  "never": ["boot.no-record"],\n&/' \
        "$root/scenarios/update/first-boot.json" >set/some/fails.json
    "$brownout" run set --no-times --json whole.json >log 2>&1
    [ $? -eq 1 ] || fail "the scenarios do not run"
}

run_make() {
    make -s -f "$root/cluster/shares.mk" -j2 SHARES=$shares OUT=out SCENARIOS=set \
        BROWNOUT="$brownout" >log 2>&1
    grep -q 'Error 1' log || fail "make does not end with the verdict"
}

run_parallel() {
    BROWNOUT="$brownout" "$root/cluster/parallel.sh" $shares out set >log 2>&1
    [ $? -eq 1 ] || fail "parallel.sh does not end with the verdict"
    grep -q 'says PARALLEL_SEQ' out/log-1 || fail "the share is not that of GNU parallel"
}

# A port that nobody has, as far as one can see.
free_port() {
    python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# Everything of this one-node Slurm lies in this folder.
start_slurm() {
    host=$(hostname -s)
    mkdir -p slurm/state slurm/spool
    chmod 711 "$work"
    chmod 755 slurm
    dd if=/dev/urandom of=slurm/key bs=1024 count=1 2>/dev/null
    chmod 400 slurm/key
    munged --foreground --force --key-file="$work/slurm/key" --socket="$work/slurm/munge" \
        --pid-file="$work/slurm/munge.pid" --log-file="$work/slurm/munge.log" \
        --seed-file="$work/slurm/seed" >slurm/munged.log 2>&1 &
    daemons="$!"
    cat >slurm/slurm.conf <<END
ClusterName=brownout
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$work/slurm/munge
CryptoType=crypto/munge
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
StateSaveLocation=$work/slurm/state
SlurmdSpoolDir=$work/slurm/spool
SlurmctldPidFile=$work/slurm/slurmctld.pid
SlurmdPidFile=$work/slurm/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
ReturnToService=2
MpiDefault=none
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES State=UP
END
    export SLURM_CONF="$work/slurm/slurm.conf"
    slurmctld -D >slurm/slurmctld.log 2>&1 &
    daemons="$daemons $!"
    slurmd -D -N "$host" >slurm/slurmd.log 2>&1 &
    daemons="$daemons $!"
    for try in $(seq 100); do
        scontrol show node 2>/dev/null | grep -q 'State=IDLE' && return
        sleep 0.3
    done
    fail "Slurm does not start"
}

run_slurm() {
    start_slurm
    BROWNOUT="$brownout" BROWNOUT_OUT=out sbatch --wait --array=1-$shares --output=log-%a \
        "$root/cluster/slurm.sbatch" set >log 2>&1
    [ $? -eq 1 ] || fail "sbatch does not end with the verdict"
    grep -q 'says SLURM_ARRAY_TASK_ID' log-1 || fail "the share is not that of Slurm"
    "$brownout" merge out/share-*.json --json out/report.json
}

# Times are the only difference.
check_report() {
    python3 - <<'END' || fail "the report is another one"
import json
whole, report = (json.load(open(name)) for name in ("whole.json", "out/report.json"))
for part in [report["totals"]] + report["scenarios"]:
    del part["seconds"]
assert report == whole
END
}

make_scenarios
"run_$engine"
check_report
echo "ok"
