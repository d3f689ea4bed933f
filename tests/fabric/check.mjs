// What bench.mjs measures, against a stand-in for a gateway whose time to commit is known.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bench } from "./bench.mjs";
import { serve } from "./gateway.mjs";
import { read } from "./options.mjs";

const COMMIT_MS = 100;
const folder = mkdtempSync(join(tmpdir(), "fabric-"));
const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
const passed = (name) => console.log(`ok: ${name}`);

try {
  execFileSync("openssl", [
    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
    "-subj", "/CN=User1", "-days", "2", "-keyout", key, "-out", cert,
  ], { stdio: "ignore" });
  const basic = (address) => [
    "--gateway", address, "--gateway", address, "--msp", "Org1MSP", "--cert", cert, "--key", key,
    "--duration", "2", "--warmup", "1", "--accounts", "50", "--watch-pid", String(process.pid),
  ];

  const open = await serve({ commitMs: COMMIT_MS });
  const even = await bench(read([...basic(open.address), "--rate", "60"]));
  open.stop();
  assert.equal(open.seen.badSignatures, 0);
  assert.equal(even.outcome.refused, 0, even.outcome.first_refusal);
  // Two clients with 30 a second each for three seconds: how many follows from the seed alone.
  assert.equal(even.outcome.finals, open.seen.calls.length);
  assert.ok(even.outcome.finals > 130 && even.outcome.finals < 230, `${even.outcome.finals} sent`);
  // From due: endorsing and ordering come before the time to commit, nothing is left out.
  assert.ok(even.finality_ms.p50 >= COMMIT_MS, `p50 ${even.finality_ms.p50}`);
  assert.ok(even.validators_cpu_seconds > 0 && even.memory_peak_bytes_max > 1_000_000);
  for (const [name, account, amount] of open.seen.calls) {
    assert.deepEqual([name, amount], ["Transfer", "1"]);
    assert.match(account, /^account[0-4]?[0-9]$/);
  }
  passed("an open loop sends at its rate, signs, and counts until the commit");

  const closed = await serve({ commitMs: COMMIT_MS });
  const full = await bench(read([...basic(closed.address), "--in-flight", "5"]));
  closed.stop();
  assert.equal(full.load.loop, "closed");
  assert.ok(closed.seen.underWayMax > 1 && closed.seen.underWayMax <= 10);
  assert.equal(full.outcome.finals, closed.seen.calls.length);
  passed("a closed loop keeps so many under way");

  const conflicting = await serve({ commitMs: 1, invalid: () => true });
  const none = await bench(read([...basic(conflicting.address), "--rate", "20"]));
  conflicting.stop();
  assert.equal(none.outcome.finals, 0);
  assert.match(none.outcome.first_refusal, /committed as invalid/);
  passed("what is committed as invalid is no transaction");

  assert.throws(() => read(["--gateway", "a:1"]), /--msp is missing/);
  assert.throws(() => read([...basic("a:1"), "--rate", "x"]), /--rate is a whole number/);
  assert.throws(() => read([...basic("a:1"), "--rate", "1", "--in-flight", "1"]), /give one of them/);
  passed("a wrong option is named");
} finally {
  rmSync(folder, { recursive: true });
}
