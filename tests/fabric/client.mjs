// One client: a process with one connection to one gateway. It gets its task from bench.mjs as a
// message, and answers with what became of its transactions.

import * as grpc from "@grpc/grpc-js";
import { connect, hash, signers } from "@hyperledger/fabric-gateway";
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";

/** Numbers from 0 to 1 that follow from the seed (mulberry32). */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function contractOf(task) {
  const { options, gateway } = task;
  const credentials = options.tls.authority
    ? grpc.credentials.createSsl(readFileSync(options.tls.authority))
    : grpc.credentials.createInsecure();
  const named = options.tls.name ? { "grpc.ssl_target_name_override": options.tls.name } : {};
  const connection = new grpc.Client(gateway, credentials, named);
  const { msp, cert, key } = options.identity;
  const network = connect({
    client: connection,
    identity: { mspId: msp, credentials: readFileSync(cert) },
    signer: signers.newPrivateKeySigner(createPrivateKey(readFileSync(key))),
    hash: hash.sha256,
  }).getNetwork(options.channel);
  return network.getContract(options.chaincode);
}

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function run(task) {
  const { options } = task;
  const contract = contractOf(task);
  const draw = random(options.seed * 1_000 + task.index);
  const argumentsOf = () => {
    const account = `account${Math.floor(draw() * options.accounts)}`;
    return options.args.map((text) => text.replaceAll("{account}", account));
  };
  const end = task.start + (options.warmupSeconds + options.seconds) * 1_000;
  const outcomes = [];
  let first = null;
  // Proposed, endorsed, ordered, and committed as valid at the peer: final there.
  const send = async (due) => {
    try {
      const proposal = contract.newProposal(options.call, { arguments: argumentsOf() });
      const commit = await (await proposal.endorse()).submit();
      const status = await commit.getStatus();
      if (!status.successful) throw new Error(`committed as invalid, code ${status.code}`);
      outcomes.push([due, Date.now()]);
    } catch (error) {
      first ??= String(error.message ?? error);
      outcomes.push([due, null]);
    }
  };
  await wait(task.start - Date.now());
  if (options.rate === null) {
    const loop = async () => {
      while (Date.now() < end) await send(Date.now());
    };
    await Promise.all(Array.from({ length: options.inFlight }, loop));
  } else {
    const under = [];
    const perMillisecond = options.rate / options.gateways.length / 1_000;
    for (let due = task.start; due < end; due += -Math.log(1 - draw()) / perMillisecond) {
      if (due > Date.now()) await wait(due - Date.now());
      under.push(send(due));
    }
    await Promise.all(under);
  }
  const { user, system } = process.cpuUsage();
  return { outcomes, first, cpuSeconds: (user + system) / 1e6 };
}

process.once("message", async (task) => {
  process.send(await run(task));
  process.exit(0);
});
