// Reads, calls, estimates, deploys, sends, fails and reads logs with viem 2, as it is.
// RPC_URL and PRIVATE_KEY in the environment; one line of JSON on stdout; exit code 1 on failure.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  BaseError,
  ContractFunctionRevertedError,
  createPublicClient,
  createWalletClient,
  defineChain,
  http,
  webSocket,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";

const { version } = JSON.parse(
  readFileSync(new URL("./node_modules/viem/package.json", import.meta.url)),
);
const counter = JSON.parse(readFileSync(new URL("../Counter.json", import.meta.url)));
const started = Date.now();
const checks = [];

function passed(name) {
  checks.push(name);
}

async function until(condition) {
  for (let waited = 0; waited < 10_000; waited += 50) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail("waited 10 s in vain");
}

async function main() {
  const transport = http(process.env.RPC_URL);
  const account = privateKeyToAccount(process.env.PRIVATE_KEY);
  const id = await createPublicClient({ transport }).getChainId();
  const chain = defineChain({
    id,
    name: "Qiao",
    nativeCurrency: { name: "none", symbol: "NONE", decimals: 18 },
    rpcUrls: { default: { http: [process.env.RPC_URL] } },
  });
  const client = createPublicClient({ chain, transport, pollingInterval: 100 });
  const wallet = createWalletClient({ account, chain, transport });

  const head = await client.getBlock({ includeTransactions: true });
  assert.equal((await client.getBlock({ blockHash: head.hash })).number, head.number);
  assert.ok((await client.getBalance({ address: account.address })) >= 0n);
  const fees = await client.estimateFeesPerGas();
  assert.equal(fees.maxPriorityFeePerGas, 0n);
  const history = await client.getFeeHistory({ blockCount: 4, rewardPercentiles: [25, 75] });
  assert.equal(history.gasUsedRatio.length + 1, history.baseFeePerGas.length);
  passed("read");

  const seen = [];
  const blocks = [];
  const deployed = await wallet.deployContract({ abi: counter.abi, bytecode: counter.bytecode });
  const deployment = await client.waitForTransactionReceipt({ hash: deployed });
  assert.equal(deployment.status, "success");
  const address = deployment.contractAddress;
  assert.ok(await client.getCode({ address }));
  passed("deploy");

  const contract = { address, abi: counter.abi };
  assert.equal(await client.readContract({ ...contract, functionName: "total" }), 0n);
  passed("call");

  const gas = await client.estimateContractGas({
    ...contract,
    functionName: "increase",
    args: [7n],
    account,
  });
  assert.ok(gas > 21_000n && gas < 200_000n, `estimate ${gas}`);
  passed("estimate");

  const unwatchLogs = client.watchContractEvent({
    ...contract,
    eventName: "Increased",
    onLogs: (logs) => seen.push(...logs),
  });
  const unwatchBlocks = client.watchBlockNumber({ onBlockNumber: (n) => blocks.push(n) });
  await new Promise((resolve) => setTimeout(resolve, 300));

  const simulated = await client.simulateContract({
    ...contract,
    functionName: "increase",
    args: [7n],
    account,
  });
  const hash = await wallet.writeContract(simulated.request);
  const receipt = await client.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, "success");
  assert.equal(receipt.logs.length, 1);
  assert.equal(await client.readContract({ ...contract, functionName: "total" }), 7n);
  assert.equal((await client.getTransaction({ hash })).blockNumber, receipt.blockNumber);
  passed("send and wait");

  const refused = await client
    .simulateContract({ ...contract, functionName: "increase", args: [101n], account })
    .catch((error) => error);
  assert.ok(refused instanceof BaseError);
  const reverted = refused.walk((error) => error instanceof ContractFunctionRevertedError);
  assert.equal(reverted.data.errorName, "TooLarge");
  assert.deepEqual(reverted.data.args, [101n, 100n]);
  passed("custom error with its data");

  const plain = await client
    .readContract({ ...contract, functionName: "refuse" })
    .catch((error) => error.walk((inner) => inner instanceof ContractFunctionRevertedError));
  assert.equal(plain.reason, "never");
  passed("revert reason");

  const failing = await wallet.writeContract({
    ...contract,
    functionName: "increase",
    args: [101n],
    gas: 100_000n,
  });
  const failed = await client.waitForTransactionReceipt({ hash: failing });
  assert.equal(failed.status, "reverted");
  passed("failed receipt");

  const logs = await client.getContractEvents({
    ...contract,
    eventName: "Increased",
    args: { by: account.address },
    fromBlock: receipt.blockNumber,
  });
  assert.deepEqual(logs.map((log) => log.args.total), [7n]);
  passed("logs");

  await until(() => seen.length > 0 && blocks.length > 0);
  unwatchLogs();
  unwatchBlocks();
  assert.equal(seen[0].args.amount, 7n);
  passed("watch logs and blocks by filter");

  const simulation = await client.simulateCalls({
    account: account.address,
    calls: [
      { to: address, abi: counter.abi, functionName: "increase", args: [7n] },
      { to: address, abi: counter.abi, functionName: "total" },
    ],
  });
  assert.deepEqual(simulation.results.map((one) => one.status), ["success", "success"]);
  assert.equal(simulation.results[1].result, 14n);
  const list = await client.createAccessList({ account, to: address, data: "0x2ddbd13a" });
  assert.equal(list.accessList[0].storageKeys.length, 1);
  passed("simulate calls and find an access list");

  const socket = createPublicClient({
    chain,
    transport: webSocket(process.env.RPC_URL.replace(/^http/, "ws")),
  });
  const told = { blocks: [], logs: [] };
  const stops = [
    socket.watchBlocks({ onBlock: (block) => told.blocks.push(block.number) }),
    socket.watchContractEvent({ ...contract, onLogs: (logs) => told.logs.push(...logs) }),
  ];
  await new Promise((resolve) => setTimeout(resolve, 300));
  const last = await wallet.writeContract({ ...contract, functionName: "increase", args: [1n] });
  const included = await client.waitForTransactionReceipt({ hash: last });
  await until(() => told.logs.length > 0 && told.blocks.includes(included.blockNumber));
  stops.forEach((stop) => stop());
  assert.equal(told.logs[0].transactionHash, last);
  passed("subscribe over WebSocket");

  const batch = createPublicClient({ chain, transport: http(process.env.RPC_URL, { batch: true }) });
  const many = await Promise.all(
    Array.from({ length: 20 }, () => batch.getBlockNumber({ cacheTime: 0 })),
  );
  assert.equal(many.length, 20);
  passed("batch");
}

try {
  await main();
  const ms = Date.now() - started;
  console.log(JSON.stringify({ client: "viem", version, passed: checks.length, checks, ms }));
  process.exit(0);
} catch (error) {
  console.error(error);
  console.log(JSON.stringify({ client: "viem", version, failed: String(error), checks }));
  process.exit(1);
}
