// Reads, calls, estimates, deploys, sends, fails and reads logs with Foundry's cast, as it is.
// RPC_URL and PRIVATE_KEY in the environment; one line of JSON on stdout; exit code 1 on failure.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Elsewhere than on Linux on x86-64: CAST names the program.
const bundled = new URL("./node_modules/@foundry-rs/cast-linux-amd64/bin/cast", import.meta.url);
const program = process.env.CAST ?? fileURLToPath(bundled);
const counter = JSON.parse(readFileSync(new URL("../Counter.json", import.meta.url)));
const rpc = ["--rpc-url", process.env.RPC_URL];
const started = Date.now();
const checks = [];

function passed(name) {
  checks.push(name);
}

function run(...args) {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: "utf8" });
  if (error) throw error;
  return { failed: status !== 0, stdout: stdout.trim(), stderr: stderr.trim() };
}

function cast(...args) {
  const { failed, stdout, stderr } = run(...args);
  assert.ok(!failed, `cast ${args[0]}: ${stderr}`);
  return stdout;
}

function send(...args) {
  return JSON.parse(cast("send", ...rpc, "--private-key", process.env.PRIVATE_KEY, "--json", ...args));
}

const version = cast("--version").split("\n")[0];
try {
  const address = cast("wallet", "address", "--private-key", process.env.PRIVATE_KEY);
  assert.ok(Number(cast("chain-id", ...rpc)) > 0);
  assert.ok(Number(cast("block-number", ...rpc)) >= 0);
  assert.match(cast("client", ...rpc), /^(anvil\/)?qiao[/-]v/);
  cast("block", "latest", "--full", ...rpc);
  cast("balance", address, ...rpc);
  assert.equal(cast("gas-price", ...rpc), "0");
  passed("read");

  const deployed = send("--create", counter.bytecode);
  const contract = deployed.contractAddress;
  assert.notEqual(cast("code", contract, ...rpc), "0x");
  passed("deploy");

  assert.equal(cast("call", contract, "total()(uint256)", ...rpc), "0");
  passed("call");

  const gas = Number(cast("estimate", contract, "increase(uint256)", "7", "--from", address, ...rpc));
  assert.ok(gas > 21_000 && gas < 200_000, `estimate ${gas}`);
  passed("estimate");

  const receipt = send(contract, "increase(uint256)", "7");
  assert.equal(Number(receipt.status), 1);
  assert.equal(Number(cast("storage", contract, "0", ...rpc)), 7);
  assert.equal(cast("tx", receipt.transactionHash, "from", ...rpc).toLowerCase(), address.toLowerCase());
  passed("send and wait");

  const refused = run("call", contract, "increase(uint256)", "101", ...rpc);
  assert.ok(refused.failed);
  const data = cast("calldata", "TooLarge(uint256,uint256)", "101", "100");
  assert.ok(refused.stderr.includes(data) || refused.stderr.includes("TooLarge"), refused.stderr);
  passed("custom error with its data");

  const plain = run("call", contract, "refuse()", ...rpc);
  assert.ok(plain.stderr.includes("never"), plain.stderr);
  passed("revert reason");

  const failed = send("--gas-limit", "100000", contract, "increase(uint256)", "101");
  assert.equal(Number(failed.status), 0);
  passed("failed receipt");

  const logs = JSON.parse(
    cast("logs", "--json", "--address", contract, "--from-block", "1", "Increased(address,uint256,uint256)", ...rpc),
  );
  assert.equal(logs.length, 1);
  passed("logs");

  const traced = JSON.parse(
    cast("rpc", "debug_traceTransaction", receipt.transactionHash, '{"tracer":"callTracer"}', ...rpc),
  );
  assert.equal(traced.gasUsed, receipt.gasUsed);
  const list = cast("access-list", contract, "increase(uint256)", "7", "--from", address, ...rpc);
  assert.ok(list.toLowerCase().includes(contract.toLowerCase()), list);
  passed("trace and access list");

  const pool = JSON.parse(cast("rpc", "txpool_content", ...rpc));
  assert.ok(pool.pending && pool.queued);
  passed("pool");

  const ms = Date.now() - started;
  console.log(JSON.stringify({ client: "cast", version, passed: checks.length, checks, ms }));
} catch (error) {
  console.error(error);
  console.log(JSON.stringify({ client: "cast", version, failed: String(error), checks }));
  process.exit(1);
}
