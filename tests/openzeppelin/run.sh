#!/usr/bin/env bash
# Runs the test suite of OpenZeppelin's contracts against `qiao dev --instant`, and compares what
# failed with `expected-failures.txt`. How: README.md beside this file.
#
#   tests/openzeppelin/run.sh CHECKOUT [TEST FILE…]
#
# CHECKOUT   a checkout of OpenZeppelin/openzeppelin-contracts after `npm ci --ignore-scripts`
# TEST FILE  of the checkout, as `test/governance/Governor.test.js`; without one, the whole suite
#
# QIAO       the program; `target/debug/qiao` without it
# OWN=1      runs on Hardhat's own chain instead, for the count to compare with
# RESULTS    where one line of JSON for each test goes
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ $# -ge 1 ] || { sed -n '2,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2; }
suite=$(cd "$1" && pwd)
shift
[ -d "$suite/node_modules/hardhat" ] || {
  echo "error: $suite/node_modules is missing; hint: cd $suite && npm ci --ignore-scripts"
  exit 2
}
QIAO=${QIAO:-$here/../../target/debug/qiao}
RESULTS=${RESULTS:-$suite/qiao-results.jsonl}
work=$(mktemp -d)
node=
stop() {
  [ -z "$node" ] || kill "$node" 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT
free_port() {
  node -e 's = require("net").createServer().listen(0, "127.0.0.1", () => {
    console.log(s.address().port); s.close() })'
}

# The compiler, from npm, once for each checkout.
version=$(sed -n "s/^ *default: '\(0\.8\.[0-9]*\)',$/\1/p" "$suite/hardhat.config.js" | head -1)
compiler=$suite/cache/solc-$version
[ -d "$compiler" ] || npm install --silent --no-audit --no-fund --prefix "$compiler" "solc@$version"

network=hardhat
if [ "${OWN:-0}" != 1 ]; then
  network=localhost
  rpc=127.0.0.1:$(free_port)
  "$QIAO" dev --instant --unlimited-code-size --http 127.0.0.1:0 --rpc "$rpc" >"$work/node.log" 2>&1 &
  node=$!
  request='{"jsonrpc":"2.0","id":1,"method":"eth_chainId"}'
  for _ in $(seq 100); do
    curl -sf -H 'content-type: application/json' -d "$request" "http://$rpc" >/dev/null && break
    sleep 0.2
  done
  kill -0 "$node" || { cat "$work/node.log"; exit 1; }
  export RPC_URL=http://$rpc
fi

cp "$here/hardhat.qiao.config.js" "$suite/hardhat.qiao.config.js"
cd "$suite"
export RESULTS SOLJSON=$compiler/node_modules/solc/soljson.js
export NODE_OPTIONS=${NODE_OPTIONS:---max-old-space-size=6144}
export HARDHAT_DISABLE_TELEMETRY_PROMPT=true
# Hardhat's exit code is the number of failures; they are judged below.
npx hardhat --config hardhat.qiao.config.js --network "$network" test "$@" || true
if [ "$network" = hardhat ]; then
  node "$here/compare.mjs" "$RESULTS" /dev/null "$@"
else
  node "$here/compare.mjs" "$RESULTS" "$here/expected-failures.txt" "$@"
fi
