// Reads, calls, estimates, deploys, sends, fails and reads logs with ethers 6, as it is.
// RPC_URL and PRIVATE_KEY in the environment; one line of JSON on stdout; exit code 1 on failure.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Contract, ContractFactory, JsonRpcProvider, Wallet, WebSocketProvider, version } from "ethers";

const counter = JSON.parse(readFileSync(new URL("../Counter.json", import.meta.url)));
const started = Date.now();
const checks = [];

function passed(name) {
  checks.push(name);
}

async function main() {
  // Without its cache, which outlives a block here: a nonce read before would be used again.
  const options = { pollingInterval: 100, cacheTimeout: -1 };
  const provider = new JsonRpcProvider(process.env.RPC_URL, undefined, options);
  const wallet = new Wallet(process.env.PRIVATE_KEY, provider);

  const network = await provider.getNetwork();
  assert.ok(network.chainId > 0n);
  const head = await provider.getBlock("latest", true);
  assert.equal(head.number, (await provider.getBlock(head.hash)).number);
  assert.ok((await provider.getBalance(wallet.address)) >= 0n);
  assert.equal(await provider.getCode(wallet.address), "0x");
  assert.equal((await provider.getFeeData()).gasPrice, 0n);
  passed("read");

  const factory = new ContractFactory(counter.abi, counter.bytecode, wallet);
  const contract = await factory.deploy();
  await contract.waitForDeployment();
  assert.notEqual(await provider.getCode(await contract.getAddress()), "0x");
  passed("deploy");

  assert.equal(await contract.total(), 0n);
  passed("call");

  const gas = await contract.increase.estimateGas(7);
  assert.ok(gas > 21_000n && gas < 200_000n, `estimate ${gas}`);
  passed("estimate");

  const sent = await contract.increase(7);
  const receipt = await sent.wait();
  assert.equal(receipt.status, 1);
  assert.equal(await contract.total(), 7n);
  assert.equal((await provider.getTransaction(sent.hash)).blockNumber, receipt.blockNumber);
  passed("send and wait");

  const unlimited = await contract.increase(8, { gasLimit: 100_000 });
  await unlimited.wait();
  passed("send with a gas limit of one's own");

  const error = await contract.increase.staticCall(101).then(
    () => assert.fail("the call should have reverted"),
    (error) => error,
  );
  assert.equal(error.code, "CALL_EXCEPTION");
  assert.equal(error.revert.name, "TooLarge");
  assert.deepEqual([...error.revert.args], [101n, 100n]);
  const estimate = await contract.increase.estimateGas(101).catch((error) => error);
  assert.equal(contract.interface.parseError(estimate.data).name, "TooLarge");
  passed("custom error with its data");

  const plain = await contract.refuse.staticCall().catch((error) => error);
  assert.equal(plain.reason, "never");
  passed("revert reason");

  const failing = await contract.increase(101, { gasLimit: 100_000 });
  const failed = await failing.wait().catch((error) => error);
  assert.equal(failed.code, "CALL_EXCEPTION");
  assert.equal(failed.receipt.status, 0);
  passed("failed receipt");

  const logs = await contract.queryFilter(
    contract.filters.Increased(wallet.address),
    receipt.blockNumber,
    "latest",
  );
  assert.deepEqual(logs.map((log) => log.args.total), [7n, 15n]);
  passed("logs");

  const low = await wallet
    .sendTransaction({ to: wallet.address, nonce: 0, gasLimit: 21_000 })
    .catch((error) => error);
  assert.equal(low.code, "NONCE_EXPIRED");
  passed("nonce too low");

  const types = [];
  for (const type of [0, 1, 2]) {
    const transaction = { to: wallet.address, type, gasLimit: 60_000, data: "0x01" };
    if (type > 0) transaction.accessList = [{ address: await contract.getAddress(), storageKeys: [] }];
    if (type < 2) transaction.gasPrice = 0n;
    const answer = await wallet.sendTransaction(transaction);
    types.push((await answer.wait()).type);
  }
  const delegate = await wallet.authorize({
    address: await contract.getAddress(),
    nonce: (await wallet.getNonce()) + 1,
  });
  const delegated = await wallet.sendTransaction({
    type: 4,
    to: wallet.address,
    gasLimit: 200_000,
    data: "0x2ddbd13a",
    authorizationList: [delegate],
  });
  types.push((await delegated.wait()).type);
  assert.deepEqual(types, [0, 1, 2, 4]);
  const code = await provider.getCode(wallet.address);
  assert.ok(code.startsWith("0xef0100"), code);
  const zero = { address: "0x".padEnd(42, "0"), nonce: (await wallet.getNonce()) + 1 };
  const cleared = [await wallet.authorize(zero)];
  const clear = { type: 4, to: wallet.address, gasLimit: 200_000, authorizationList: cleared };
  await (await wallet.sendTransaction(clear)).wait();
  assert.equal(await provider.getCode(wallet.address), "0x");
  passed("every type of transaction");

  const next = await wallet.getNonce();
  const waiting = { to: wallet.address, nonce: next + 1, gasLimit: 60_000, type: 2 };
  const fees = (fee) => ({ maxFeePerGas: fee, maxPriorityFeePerGas: 0n });
  const first = await wallet.sendTransaction({ ...waiting, ...fees(1n), data: "0x01" });
  const under = await wallet
    .sendTransaction({ ...waiting, ...fees(1n), data: "0x02" })
    .catch((error) => error);
  assert.equal(under.code, "REPLACEMENT_UNDERPRICED");
  const second = await wallet.sendTransaction({ ...waiting, ...fees(2n), data: "0x03" });
  await wallet.sendTransaction({ to: wallet.address, nonce: next, gasLimit: 60_000 });
  assert.equal((await second.wait()).status, 1);
  assert.equal(await provider.getTransaction(first.hash), null);
  passed("replace a waiting transaction");

  const socket = new WebSocketProvider(process.env.RPC_URL.replace(/^http/, "ws"));
  const seen = { blocks: [], logs: [], pending: [] };
  const watched = new Contract(await contract.getAddress(), counter.abi, socket);
  await socket.on("block", (number) => seen.blocks.push(number));
  await socket.on("pending", (hash) => seen.pending.push(hash));
  await watched.on("Increased", (by, amount) => seen.logs.push(amount));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const told = await (await contract.increase(1)).wait();
  const deadline = Date.now() + 10_000;
  const isComplete = () =>
    seen.blocks.includes(told.blockNumber) && seen.logs.length > 0 && seen.pending.includes(told.hash);
  while (!isComplete() && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(isComplete(), JSON.stringify(seen, (_, value) => String(value)));
  assert.deepEqual(seen.logs, [1n]);
  await socket.destroy();
  passed("subscribe over WebSocket");

  provider.destroy();
}

try {
  await main();
  const ms = Date.now() - started;
  console.log(JSON.stringify({ client: "ethers", version, passed: checks.length, checks, ms }));
  process.exit(0);
} catch (error) {
  console.error(error);
  console.log(JSON.stringify({ client: "ethers", version, failed: String(error), checks }));
  process.exit(1);
}
