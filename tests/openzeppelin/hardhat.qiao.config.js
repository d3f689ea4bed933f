// The suite's own configuration of Hardhat 2, with our node as a network, and with a compiler that
// is on this machine already. `run.sh` puts this file into the checkout.

const fs = require('fs');
const path = require('path');
const { subtask } = require('hardhat/config');
const { TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD } = require('hardhat/builtin-tasks/task-names');

const theirs = require('./hardhat.config.js');

// Hardhat would fetch the compiler; npm has the same one, compiled to JavaScript.
subtask(TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD).setAction(async ({ solcVersion }) => {
  const compilerPath = process.env.SOLJSON;
  const longVersion = require(compilerPath).cwrap('solidity_version', 'string', [])();
  if (!longVersion.startsWith(solcVersion)) {
    throw new Error(`the suite wants solc ${solcVersion}, ${compilerPath} is ${longVersion}`);
  }
  return { compilerPath, isSolcJs: true, version: solcVersion, longVersion };
});

// One line of JSON for each test, as soon as it is over.
class Lines {
  constructor(runner) {
    const out = fs.openSync(process.env.RESULTS, 'w');
    let count = 0;
    const write = (test, outcome, error) => {
      const file = test.file && path.relative(process.cwd(), test.file);
      const title = test.titlePath().join(' > ');
      const reason = error && String(error.message ?? error).slice(0, 2_000);
      fs.writeSync(out, JSON.stringify({ file, title, outcome, ms: test.duration, reason }) + '\n');
      count += 1;
      if (count % 500 === 0) console.log(`${count} tests`);
    };
    runner.on('pass', test => write(test, 'passed'));
    runner.on('fail', (test, error) => write(test, 'failed', error));
    runner.on('pending', test => write(test, 'pending'));
  }
}

module.exports = {
  ...theirs,
  networks: {
    ...theirs.networks,
    // By this name Hardhat gives each transaction the same gas as on its own chain, where nothing is
    // estimated before it is sent: many tests send several at once and count on that.
    localhost: {
      url: process.env.RPC_URL ?? 'http://127.0.0.1:8545',
      accounts: 'remote',
      timeout: 120_000,
    },
  },
  mocha: { reporter: Lines, timeout: 60_000, parallel: false },
};
