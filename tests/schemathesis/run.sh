#!/usr/bin/env bash
# Asks a fresh `qiao dev` everything that two OpenAPI contracts describe, GS1's of EPCIS 2.0 and the
# node's own, and sorts what differs by its reason. How: README.md beside this file.
#
#   tests/schemathesis/run.sh CONTRACT
#
# CONTRACT       `REST Bindings/openapi.json` of a checkout of gs1/EPCIS
#
# QIAO           the program; `target/debug/qiao` without it
# SCHEMATHESIS   Schemathesis 4.32; the `schemathesis` of the path without it
# RESULTS        the folder for what was asked and answered; deleted at the end without it
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -eq 1 ] || { sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2; }
contract=$(realpath "$1")
QIAO=${QIAO:-$here/../../target/debug/qiao}
SCHEMATHESIS=${SCHEMATHESIS:-schemathesis}
[[ $SCHEMATHESIS != */* ]] || SCHEMATHESIS=$(realpath "$SCHEMATHESIS")
work=$(mktemp -d)
results=${RESULTS:-$work}
mkdir -p "$results"
results=$(realpath "$results")
node=
stop() {
  [ -z "$node" ] || kill "$node" 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

: >"$work/node.log"
http=127.0.0.1:$(free_port)
"$QIAO" dev --http "$http" --rpc "127.0.0.1:$(free_port)" --p2p-port 19500 >"$work/node.log" 2>&1 &
node=$!
for _ in $(seq 240); do
  grep -q "^next: open" "$work/node.log" && break
  kill -0 "$node" 2>/dev/null || { cat "$work/node.log"; exit 3; }
  sleep 0.5
done

# What a contract describes, asked and kept; that there are findings is no failure here.
ask() {
  local name=$1 source=$2 url=$3
  shift 3
  rm -f "$results/$name.ndjson"
  # It keeps files of its own where it is run.
  cd "$work"
  "$SCHEMATHESIS" run "$source" --url "$url" --seed 1 --continue-on-failure --no-color --warnings off \
    --suppress-health-check all --report ndjson --report-ndjson-path "$results/$name.ndjson" "$@" \
    >"$results/$name.log" 2>&1 || true
  [ -s "$results/$name.ndjson" ] || { tail -20 "$results/$name.log"; exit 3; }
}

failed=0
echo "GS1's contract of EPCIS 2.0"
ask epcis "$contract" "http://$http/epcis" --phases examples,coverage --checks all
python3 "$here/sort.py" "$results/epcis.ndjson" "$here/epcis.json" || failed=1

echo
echo "the node's own contract"
curl -sf "http://$http/openapi.json" >"$work/openapi.json"
checks=not_a_server_error,status_code_conformance,content_type_conformance
checks=$checks,response_headers_conformance,response_schema_conformance
ask own "$work/openapi.json" "http://$http" --phases examples,coverage,fuzzing --max-examples 20 \
  --checks "$checks"
python3 "$here/sort.py" "$results/own.ndjson" "$here/own.json" || failed=1
exit $failed
