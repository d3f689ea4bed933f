#!/usr/bin/env bash
# Runs Hyperledger Caliper with its Ethereum connector against a node. How: README.md beside this file.
#
#   tests/caliper/run.sh [WEBSOCKET [KEY FILE]]
#
# WEBSOCKET  the node's JSON-RPC, ws://127.0.0.1:8545 without it
# KEY FILE   the key of a member's account that may deploy, as hexadecimal digits; without it, the
#            account of `qiao dev` whose key everybody knows
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
url=${1:-ws://127.0.0.1:8545}
key=0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80
[ $# -lt 2 ] || key=$(tr -d '[:space:]' < "$2")
[ -d "$here/node_modules/@hyperledger/caliper-cli" ] ||
  npm ci --ignore-scripts --no-audit --no-fund --prefix "$here"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$here/node_modules" "$work/node_modules"
cp "$here/benchmark.yaml" "$here/transfer.js" "$work/"

# The contract that `qiao bench --workload erc20` deploys, and where the node is, in Caliper's words.
CODE=$here/../../crates/loadtest/contracts/Erc20.bin URL=$url KEY=$key node - "$work" <<'JS'
const { readFileSync, writeFileSync } = require('fs');
const Web3 = require(`${process.argv[2]}/node_modules/web3`);
const { CODE, URL, KEY } = process.env;
const key = KEY.startsWith('0x') ? KEY : `0x${KEY}`;
const address = new Web3().eth.accounts.privateKeyToAccount(key).address;
// The supply follows the code, as the constructor's argument.
const code = readFileSync(CODE, 'utf8').trim() + (10n ** 24n).toString(16).padStart(64, '0');
const transfer = {
  type: 'function', name: 'transfer', stateMutability: 'nonpayable',
  inputs: [{ name: 'to', type: 'address' }, { name: 'value', type: 'uint256' }],
  outputs: [{ name: '', type: 'bool' }],
};
writeFileSync(`${process.argv[2]}/erc20.json`, JSON.stringify({
  name: 'erc20', abi: [transfer], bytecode: code.startsWith('0x') ? code : `0x${code}`, gas: 3_000_000,
}));
writeFileSync(`${process.argv[2]}/network.json`, JSON.stringify({
  caliper: { blockchain: 'ethereum', command: {} },
  ethereum: {
    url: URL, gasPrice: 0, transactionConfirmationBlocks: 1,
    contractDeployerAddress: address, contractDeployerAddressPrivateKey: key,
    fromAddress: address, fromAddressPrivateKey: key,
    contracts: { erc20: { path: './erc20.json', gas: { transfer: 100_000 } } },
  },
}));
JS
cd "$work"
npx caliper launch manager --caliper-workspace . --caliper-networkconfig network.json \
  --caliper-benchconfig benchmark.yaml --caliper-flow-skip-start --caliper-flow-skip-end \
  --caliper-report-path report.html
cp report.html "$here/report.html"
echo "the report: $here/report.html"
