// Foundry's forge: builds, tests on this machine with the modules' answers mocked, deploys with
// `forge create` and `forge script`, and calls with cast.
// RPC_URL and PRIVATE_KEY in the environment; one line of JSON on stdout; exit code 1 on failure.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const bundled = (name) => here(`./node_modules/@foundry-rs/${name}-linux-amd64/bin/${name}`);
// Elsewhere than on Linux on x86-64: FORGE and CAST name the programs.
const forgeProgram = process.env.FORGE ?? bundled("forge");
const castProgram = process.env.CAST ?? bundled("cast");
const network = ["--rpc-url", process.env.RPC_URL, "--private-key", process.env.PRIVATE_KEY];
const started = Date.now();
const checks = [];

function passed(name) {
  checks.push(name);
}

function attempt(program, ...args) {
  const env = { ...process.env, FOUNDRY_DISABLE_NIGHTLY_WARNING: "1" };
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: here("."),
    encoding: "utf8",
    env,
  });
  if (error) throw error;
  return { failed: status !== 0, stdout: stdout.trim(), stderr: stderr.trim() };
}

function run(program, ...args) {
  const { failed, stdout, stderr } = attempt(program, ...args);
  assert.ok(!failed, `${args.slice(0, 2).join(" ")}: ${stderr}\n${stdout}`);
  return stdout;
}

const version = run(forgeProgram, "--version").split("\n")[0];
try {
  run(forgeProgram, "build");
  passed("build");

  run(forgeProgram, "test");
  passed("test with mocked modules");

  const created = run(forgeProgram, "create", "--json", "--broadcast", ...network, "src/Deed.sol:Deed");
  const { deployedTo } = JSON.parse(created.slice(created.indexOf("{")));
  passed("create");

  const rpc = ["--rpc-url", process.env.RPC_URL];
  const account = run(castProgram, "wallet", "address", "--private-key", process.env.PRIVATE_KEY);
  const sent = run(castProgram, "send", "--json", ...network, deployedTo, "draw(address)", account);
  assert.equal(Number(JSON.parse(sent).status), 1);
  const owner = run(castProgram, "call", ...rpc, deployedTo, "ownerOf(uint256)(address)", "1");
  assert.equal(owner, account);
  passed("a contract that asks a module");

  const stranger = "0x00000000000000000000000000000000000000aa";
  const refused = attempt(castProgram, "call", ...rpc, deployedTo, "draw(address)", stranger);
  const selector = run(castProgram, "sig", "NotActiveMember(address)");
  assert.ok(refused.failed && refused.stderr.includes(selector.slice(2)), refused.stderr);
  passed("custom error");

  run(forgeProgram, "script", "--broadcast", "--slow", ...network, "script/Deploy.s.sol:Deploy");
  passed("script");

  const ms = Date.now() - started;
  console.log(JSON.stringify({ client: "forge", version, passed: checks.length, checks, ms }));
} catch (error) {
  console.error(error);
  console.log(JSON.stringify({ client: "forge", version, failed: String(error), checks }));
  process.exit(1);
}
