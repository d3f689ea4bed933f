// Reads, calls, estimates, deploys, sends, fails and reads logs with ethers 6, as it is.
// RPC_URL and PRIVATE_KEY in the environment; one line of JSON on stdout; exit code 1 on failure.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ContractFactory, JsonRpcProvider, Wallet, version } from "ethers";

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
  const fees = await provider.getFeeData();
  assert.equal(fees.gasPrice, 0n);
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
