// Puts the load of `qiao bench` on a Hyperledger Fabric gateway, by Fabric's own client library, and
// writes a report that `qiao bench compare` reads. How: README.md beside this file.

import { fork, execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import os from "node:os";
import { fileURLToPath } from "node:url";

import { HELP, read } from "./options.mjs";

const TICKS = Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

/** Processor seconds and the most memory of a process so far. */
function usage(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
    memoryBytes: peak ? Number(peak[1]) * 1024 : 0,
  };
}

function client(task) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL("./client.mjs", import.meta.url)));
    child.once("message", resolve);
    child.once("exit", (code) => code === 0 || reject(new Error(`a client ended with ${code}`)));
    child.send(task);
  });
}

const at = (moment) => new Promise((resolve) => setTimeout(resolve, moment - Date.now()));

/** The value below which this share of the sorted values lies. */
function quantile(sorted, share) {
  return sorted.length === 0 ? null : sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

function machine() {
  return {
    processor: os.cpus()[0].model,
    cores: os.cpus().length,
    memory_bytes: os.totalmem(),
    kernel: os.release(),
  };
}

/** The figures of the measured part, from what the clients saw. */
function summarise(options, start, clients, used) {
  const from = start + options.warmupSeconds * 1_000;
  const to = from + options.seconds * 1_000;
  const all = clients.flatMap((one) => one.outcomes);
  const isWithin = (moment) => moment !== null && moment >= from && moment < to;
  const transactions = all.filter(([, final]) => isWithin(final)).length;
  const times = all.filter(([due, final]) => isWithin(due) && final !== null).map(([due, final]) => final - due);
  times.sort((one, other) => one - other);
  const cpu = used.reduce((sum, one) => sum + one.cpuSeconds, 0);
  const failed = all.filter(([, final]) => final === null).length;
  return {
    schema: "qiao-bench/1",
    command: ["node bench.mjs", ...process.argv.slice(2)].join(" "),
    build: "release",
    started_unix_ms: start,
    seed: options.seed,
    machine: machine(),
    load: {
      workload: options.call,
      validators: options.processes.length,
      clients: clients.length,
      accounts: options.accounts,
      loop: options.rate === null ? "closed" : "open",
      rate: options.rate,
      in_flight: options.inFlight,
      warmup_seconds: options.warmupSeconds,
      seconds: options.seconds,
    },
    transactions,
    tx_per_second: transactions / options.seconds,
    tx_per_cpu_second: cpu > 0 ? transactions / cpu : null,
    finality_ms: {
      count: times.length,
      p50: quantile(times, 0.5),
      p90: quantile(times, 0.9),
      p99: quantile(times, 0.99),
      p999: quantile(times, 0.999),
      max: times.at(-1) ?? null,
    },
    validators_cpu_seconds: cpu,
    clients_cpu_seconds: clients.reduce((sum, one) => sum + one.cpuSeconds, 0),
    memory_peak_bytes_max: Math.max(0, ...used.map((one) => one.memoryBytes)),
    outcome: {
      finals: all.length - failed,
      refused: failed,
      first_refusal: clients.map((one) => one.first).find(Boolean) ?? null,
    },
  };
}

function text(report) {
  const round = (value) => (value === null ? "-" : Math.round(value * 10) / 10);
  const { finality_ms: times, outcome } = report;
  return [
    `${round(report.tx_per_second)} transactions/s, ${round(report.tx_per_cpu_second)} per CPU-second of ${report.load.validators} watched processes`,
    `finality p50 ${round(times.p50)} ms, p99 ${round(times.p99)} ms, of ${times.count}`,
    `${outcome.finals} final, ${outcome.refused} refused${outcome.first_refusal ? `: ${outcome.first_refusal}` : ""}`,
  ].join("\n");
}

export async function bench(options) {
  for (const pid of options.processes) usage(pid);
  // Time for the clients to connect.
  const start = Date.now() + 2_000;
  const running = options.gateways.map((gateway, index) => client({ options, gateway, index, start }));
  const ended = Promise.all(running);
  await at(start + options.warmupSeconds * 1_000);
  const before = options.processes.map(usage);
  await at(start + (options.warmupSeconds + options.seconds) * 1_000);
  const used = options.processes.map((pid, index) => {
    const { cpuSeconds, memoryBytes } = usage(pid);
    return { cpuSeconds: cpuSeconds - before[index].cpuSeconds, memoryBytes };
  });
  return summarise(options, start, await ended, used);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const options = read(process.argv.slice(2));
    if (options.help) {
      process.stdout.write(HELP);
    } else {
      const report = await bench(options);
      console.log(options.json ? JSON.stringify(report, null, 2) : text(report));
      if (report.outcome.finals === 0) process.exitCode = 1;
    }
  } catch (error) {
    console.error(`error: ${error.message}\n\nhint: \`node bench.mjs --help\` lists the options`);
    process.exitCode = 2;
  }
}
