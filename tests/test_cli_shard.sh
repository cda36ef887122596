#!/bin/sh
# Shares of a run, put together; runs that are cut short, and go on; the same run in other ways.
# usage: test_cli_shard.sh BROWNOUT SCENARIOS
. "$(dirname "$0")/shell.sh"
brownout=$(realpath "$1")
scenarios=$(realpath "$2")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

# edit FILE PROGRAM OUTPUT: what a Python program makes of the report j.
edit() {
    python3 -c "
import json
j = json.load(open('$1'))
$2
json.dump(j, open('$3', 'w'), indent=2)" || fail "edit: $2"
}

# A dozen scenarios of all kinds: rows, one that fails, one that is as long as all others.
make_scenarios() {
    mkdir -p set/some set/other
    cp "$scenarios"/counter/pin-*.json "$scenarios"/counter/rollback-*.json \
        "$scenarios"/counter/unconfirmed-image-raises-no-floor.json "$scenarios"/store/best-*.json \
        "$scenarios"/store/database-damaged.json set/some
    cp "$scenarios"/update/update-sizes.json "$scenarios"/update/first-boot.json set/other
    sed -e 's/"name": "first-boot"/"name": "fails"/' \
        -e 's/^  "always"/  "never": ["boot.no-record"],\n&/' \
        "$scenarios"/update/first-boot.json >set/other/fails.json
}

all() {
    run "$1" run set --no-times --json "$2" $3
}

shares_merge_to_the_same_bytes() {
    all 1 whole.json -j2
    for n in 1 2 3 16; do
        rm -f part-*.json
        for i in $(seq $n); do
            "$brownout" run set --no-times --shard "$i/$n" --json "part-$i.json" >/dev/null 2>&1
        done
        run 1 merge part-*.json --json merged.json
        same merged.json whole.json
    done
    run 1 merge $(ls -r part-*.json)
    same out whole.json
}

jobs_and_ways_to_run_do_not_matter() {
    all 1 other.json -j1
    same other.json whole.json
    all 1 other.json --no-memo
    same other.json whole.json
    all 1 other.json --isolate
    same other.json whole.json
}

merge_is_strict() {
    for i in 1 2 3; do
        "$brownout" run set --shard "$i/3" --json "part-$i.json" >/dev/null 2>&1
    done
    run 1 merge part-1.json part-2.json part-3.json
    says out '"seconds":'
    run 2 merge part-1.json part-3.json
    says err 'part-1.json: share 2/3 is missing'
    run 2 merge part-1.json part-2.json part-3.json part-2.json
    says err 'part-2.json: share 2/3 once more, after part-2.json'
    run 2 merge
    says err 'give the reports'
    run 2 merge none.json
    says err 'none.json: No such file'
    echo '{"schema_version": 1' >broken.json
    run 2 merge broken.json
    says err 'broken.json: not JSON'
    echo '{"schema_version": 1}' >empty.json
    run 2 merge empty.json
    says err 'empty.json: not a report'
    edit part-2.json 'j["origin"]["version"] = "0.0.9"' other.json
    run 2 merge part-1.json other.json part-3.json
    says err 'other.json: another version of brownout than in part-1.json'
    edit part-2.json 'j["origin"]["build"] = "0"' other.json
    run 2 merge part-1.json other.json part-3.json
    says err 'another build of brownout'
    edit part-2.json 'j["origin"]["shards"] = 4' other.json
    run 2 merge part-1.json other.json part-3.json
    says err 'another number of shares'
    edit part-2.json 'del j["scenarios"][0]' other.json
    run 2 merge part-1.json other.json part-3.json
    says err 'is in none of the reports'
    edit part-2.json 'j["scenarios"].append(j["scenarios"][0])' other.json
    run 2 merge part-1.json other.json part-3.json
    says err 'has the number of'
    edit part-2.json 'j["scenarios"][0]["digest"] = "0"' other.json
    run 2 merge part-1.json other.json part-3.json
    says err 'the scenarios are not those that were named'
    edit part-2.json 'j["scenarios"][0]["name"] += "x"' other.json
    run 2 merge part-1.json other.json part-3.json
    edit part-2.json 'del j["scenarios"][0]["verdict"]' other.json
    run 2 merge part-1.json other.json part-3.json
    says err 'other.json: a scenario without all'
}

# Only what is in a scenario file makes it another one, but all of that does.
merge_sees_a_changed_scenario() {
    cp set/some/best-image-lost.json kept 2>/dev/null || cp set/some/best-image-missing.json kept
    echo >>set/some/best-image-missing.json
    "$brownout" run set --shard 2/3 --json other.json >/dev/null 2>&1
    run 2 merge part-1.json other.json part-3.json
    says err 'other.json: another set of scenarios than in part-1.json'
    cp kept set/some/best-image-missing.json
}

# auto STATUS TEXT VARIABLE=VALUE...
auto() {
    expected=$1 text=$2
    shift 2
    env "$@" "$brownout" run set/other/update-sizes.json --shard auto >out 2>err </dev/null
    status=$?
    [ $status -eq "$expected" ] || fail "$*: status $status, not $expected"
    says err "$text"
}

environment_says_the_share() {
    auto 2 'the environment says nothing of shares' A=1
    auto 0 'share 2/3, says BROWNOUT_SHARD' BROWNOUT_SHARD=2/3 CI_NODE_INDEX=1 CI_NODE_TOTAL=2
    auto 2 "BROWNOUT_SHARD: '4' is not a number from 1 to 3" BROWNOUT_SHARD=4/3
    auto 0 'share 1/4, says TEST_SHARD_INDEX' TEST_SHARD_INDEX=0 TEST_TOTAL_SHARDS=4 \
        TEST_SHARD_STATUS_FILE="$work/touched"
    [ -e touched ] || fail "the file for Bazel was not touched"
    auto 0 'share 2/2, says SLURM_ARRAY_TASK_ID' SLURM_ARRAY_TASK_ID=6 SLURM_ARRAY_TASK_MIN=5 \
        SLURM_ARRAY_TASK_COUNT=2
    auto 2 'SLURM_ARRAY_TASK_ID' SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_MIN=5 \
        SLURM_ARRAY_TASK_COUNT=2
    auto 2 'SLURM_ARRAY_TASK_MIN is not' SLURM_ARRAY_TASK_ID=9 SLURM_ARRAY_TASK_COUNT=2
    auto 0 'share 2/2, says CI_NODE_INDEX' CI_NODE_INDEX=2 CI_NODE_TOTAL=2
    auto 2 'CI_NODE_INDEX' CI_NODE_INDEX=0 CI_NODE_TOTAL=2
    auto 0 'share 3/5, says JOB_COMPLETION_INDEX' JOB_COMPLETION_INDEX=2 BROWNOUT_SHARDS=5
    auto 2 'JOB_COMPLETION_INDEX is set, but BROWNOUT_SHARDS is not' JOB_COMPLETION_INDEX=2
    auto 0 'share 1/2, says OMPI_COMM_WORLD_RANK' OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=2
    auto 2 'OMPI_COMM_WORLD_SIZE or BROWNOUT_SHARDS is not' OMPI_COMM_WORLD_RANK=0
    auto 0 'share 1/2, says PMI_RANK' PMI_RANK=0 PMI_SIZE=2
    auto 0 'share 2/2, says SLURM_PROCID' SLURM_PROCID=1 SLURM_NTASKS=2
    auto 0 'share 2/3, says AWS_BATCH_JOB_ARRAY_INDEX' AWS_BATCH_JOB_ARRAY_INDEX=1 \
        BROWNOUT_SHARDS=3
    auto 0 'share 2/2, says BATCH_TASK_INDEX' BATCH_TASK_INDEX=1 BATCH_TASK_COUNT=2
    auto 0 'share 2/2, says CLOUD_RUN_TASK_INDEX' CLOUD_RUN_TASK_INDEX=1 CLOUD_RUN_TASK_COUNT=2
    auto 0 'share 2/2, says CIRCLE_NODE_INDEX' CIRCLE_NODE_INDEX=1 CIRCLE_NODE_TOTAL=2
    auto 0 'share 2/2, says BUILDKITE_PARALLEL_JOB' BUILDKITE_PARALLEL_JOB=1 \
        BUILDKITE_PARALLEL_JOB_COUNT=2
    auto 0 'share 2/2, says SGE_TASK_ID' SGE_TASK_ID=2 SGE_TASK_LAST=2
    auto 2 'says nothing of shares' SGE_TASK_ID=undefined SGE_TASK_LAST=undefined
    auto 0 'share 1/2, says PARALLEL_SEQ' PARALLEL_SEQ=1 BROWNOUT_SHARDS=2
    auto 2 'PARALLEL_SEQ' PARALLEL_SEQ=x BROWNOUT_SHARDS=2
    run 2 run set --shard 0/2
    run 2 run set --shard 3/2
    run 2 run set --shard 2
    says err "--shard: '2' is not I/N"
}

# What is done with is in the file at once, whatever ends the run; the next one begins there.
interrupted_run_goes_on() {
    cp "$scenarios"/update/update-full-size.json set/some/a-long-one.json
    sed -i 's/"update-full-size"/"a-long-one"/' set/some/a-long-one.json
    "$brownout" run set -j2 --resume kept.json >out 2>err </dev/null &
    pid=$!
    wait_for 'grep -q "first-boot\[1,2\]" kept.json'
    kill -9 $pid
    wait $pid 2>/dev/null
    grep -q a-long-one kept.json && fail 'the long one is done with'
    rm set/some/a-long-one.json
    run 2 run set --resume kept.json
    says err 'kept.json: of a run with another set of scenarios'
    rm kept.json

    run 1 run set --no-times --resume kept.json --json other.json --junit fresh.xml
    same other.json whole.json
    run 1 run set --no-times --resume kept.json --junit again.xml
    says again.xml 'power cut'
    sed -i 's/ time="[0-9.]*"//' again.xml fresh.xml
    same again.xml fresh.xml
    edit kept.json 'j["scenarios"] = j["scenarios"][3:9]' kept.json
    run 1 run set --no-times --resume kept.json --json other.json
    same other.json whole.json
    edit kept.json 'j["scenarios"][0]["points"] = 7654321' kept.json
    run 1 run set --resume kept.json
    says out '7654321 points'
    run 2 run set --shard 1/2 --resume kept.json
    says err 'kept.json: of a run with another number of shares'
    echo no >kept.json
    run 2 run set --resume kept.json
    says err 'kept.json: not a report'
    run 2 run set --resume nowhere/kept.json
    says err 'nowhere/kept.json: No such file'
}

wait_for() {
    tries=0
    until eval "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || {
            fail "waited in vain for: $1"
            return
        }
        sleep 0.1
    done
}

# Runs what cannot end, ends it by a signal: the report is there, and nobody is left behind.
signal_ends_it() {
    mkdir -p long
    cp "$scenarios"/update/update-full-size.json "$scenarios"/update/update-sizes.json long
    sed -i 's/"update-full-size"/"a-long-one"/' long/update-full-size.json
    mv long/update-full-size.json long/a-long-one.json
    for name in INT TERM; do
        rm -f kept.json
        # A shell starts what is in the background with SIGINT ignored; Python does not.
        python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.setsid()
os.execv(sys.argv[1], sys.argv[1:])' "$brownout" run long -j2 --resume kept.json --json cut.json \
            >out 2>err &
        pid=$!
        wait_for 'grep -q "update-sizes\[3\]" kept.json'
        kill -$name $pid
        wait $pid 2>/dev/null
        status=$?
        [ $status -gt 128 ] || fail "SIG$name: status $status"
        says out 'cut short'
        says cut.json '"verdict":"short"'
        says cut.json '"name":"update-sizes[0]"'
        sleep 0.2
        ps -o stat= -s $pid | grep -qv Z && fail "SIG$name: somebody is left behind"
    done
}

budget_says_what_was_not_run() {
    run 4 run long --budget 6s -j1 --json cut.json
    says out '1 cut short'
    says out 'cut short: '
    says cut.json '"verdict":"short"'
    run 4 run long/a-long-one.json --budget 1s -j1
    says out 'cut short: '
    run 2 run long --budget 1x
    says err "--budget: '1x' is not a time"
    run 0 run long/update-sizes.json --budget 10m
}

make_scenarios
shares_merge_to_the_same_bytes
jobs_and_ways_to_run_do_not_matter
merge_is_strict
merge_sees_a_changed_scenario
environment_says_the_share
interrupted_run_goes_on
signal_ends_it
budget_says_what_was_not_run
ends
