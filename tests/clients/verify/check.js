// A contract is compiled with npm's solc, deployed and verified by `qiao contract`, and shown by REST
// and console. `QIAO` names the program, else the one that cargo built is taken.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const base = process.env.BASE_URL ?? "http://127.0.0.1:8080";
const target = process.env.CARGO_TARGET_DIR ?? "../../../target";
const qiao = process.env.QIAO ?? join(target, "debug/qiao");
if (!existsSync(qiao)) {
  console.log(JSON.stringify({ client: "verify", skipped: `no program at ${qiao}` }));
  process.exit(0);
}
const solc = "node_modules/.bin/solcjs";
const env = { ...process.env, QIAO_URL: base };

/** Runs `qiao contract …` and gives what it prints as JSON. */
function contract(...words) {
  return JSON.parse(execFileSync(qiao, ["--json", "contract", ...words], { encoding: "utf8", env }));
}

/** Runs what must be refused, and gives what it says. */
function refused(...words) {
  const run = spawnSync(qiao, ["contract", ...words], { encoding: "utf8", env });
  assert.equal(run.status, 1, run.stderr);
  return run.stderr;
}

const folder = mkdtempSync(join(tmpdir(), "qiao-verify-"));
const paths = ["src/Vault.sol", "src/Owned.sol"];
const sources = Object.fromEntries(
  paths.map((path) => [path, { content: readFileSync(path, "utf8") }]),
);
const input = {
  language: "Solidity",
  sources,
  settings: {
    optimizer: { enabled: true, runs: 200 },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode"] } },
  },
};
const output = execFileSync(solc, ["--standard-json"], {
  input: JSON.stringify(input),
  encoding: "utf8",
  maxBuffer: 1 << 26,
});
const compiled = JSON.parse(output.slice(output.indexOf("{"))).contracts["src/Vault.sol"].Vault;
const artifact = join(folder, "Vault.json");
writeFileSync(
  artifact,
  JSON.stringify({ abi: compiled.abi, bytecode: compiled.evm.bytecode }),
);
const standard = join(folder, "input.json");
writeFileSync(standard, JSON.stringify(input));

const { contract: address } = contract("deploy", artifact, "Cold store", "1000");
let passed = 0;

// From source files, their import found by itself; every byte is the same.
const optimized = ["--solc", solc, "--optimizer-runs", "200"];
assert.equal(contract("verify", address, "src/Vault.sol", ...optimized).match, "exact");
passed += 1;
// From the compiler's own input.
const fromInput = ["--solc", solc, "--standard-json", standard, "--contract", "Vault"];
assert.equal(contract("verify", address, ...fromInput).match, "exact");
passed += 1;
// Other settings make other code.
assert.match(refused("verify", address, "src/Vault.sol", "--solc", solc), /bytes of code|differs/);
passed += 1;
// A comment changes the metadata and nothing else.
const changed = structuredClone(input);
changed.sources["src/Owned.sol"].content += "\n// later\n";
writeFileSync(standard, JSON.stringify(changed));
assert.equal(contract("verify", address, ...fromInput).match, "except_metadata");
passed += 1;

const shown = contract("show", address);
assert.equal(shown.verified, "src/Vault.sol:Vault");
const kept = await (await fetch(`${base}/deployments/${address}/source`)).json();
assert.ok(kept.sources["src/Owned.sol"].endsWith("// later\n"));
passed += 1;
const page = await (await fetch(`${base}/contracts/${address}`)).text();
assert.ok(page.includes("contract Vault is Owned") && page.includes("kept(address)"), "the page");
passed += 1;

console.log(JSON.stringify({ client: "verify", passed }));
