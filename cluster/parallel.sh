#!/bin/sh
# All shares of a run on the machines of GNU parallel, and the whole report.
# usage: cluster/parallel.sh SHARES OUT [brownout run arguments...]
#
# BROWNOUT: the program. PARALLEL: more options of GNU parallel, such as '-S host1,host2 --wd .'
# where all hosts see this folder. A share that was interrupted goes on when this is run again.
set -u
shares=$1 out=$2
shift 2
export BROWNOUT="${BROWNOUT:-brownout}" BROWNOUT_SHARDS="$shares" BROWNOUT_OUT="$out"
mkdir -p "$out" || exit 2

# A verdict that failed is one of the report, and not of the job.
seq "$shares" | parallel --env BROWNOUT --env BROWNOUT_SHARDS --env BROWNOUT_OUT \
    '"$BROWNOUT" run '"$(printf "'%s' " "$@")"' -j1 --shard auto \
        --resume "$BROWNOUT_OUT/resume-{}.json" --json "$BROWNOUT_OUT/share-{}.json" \
        >"$BROWNOUT_OUT/log-{}" 2>&1
    [ $? -le 1 ]' || exit 3

exec "$BROWNOUT" merge "$out"/share-*.json --json "$out/report.json"
