import hardhatEthers from "@nomicfoundation/hardhat-ethers";
import hardhatMatchers from "@nomicfoundation/hardhat-ethers-chai-matchers";
import hardhatMocha from "@nomicfoundation/hardhat-mocha";
import hardhatHelpers from "@nomicfoundation/hardhat-network-helpers";
import { fileURLToPath } from "node:url";
import { defineConfig } from "hardhat/config";

// A developer's chain signs for its accounts itself.
const isInstant = process.env.INSTANT === "1";

export default defineConfig({
  plugins: [hardhatEthers, hardhatMatchers, hardhatMocha, hardhatHelpers],
  solidity: {
    compilers: [
      {
        version: "0.8.37",
        path: fileURLToPath(new URL("./node_modules/solc/soljson.js", import.meta.url)),
        settings: { optimizer: { enabled: true } },
      },
    ],
  },
  networks: {
    qiao: {
      type: "http",
      chainType: "l1",
      url: process.env.RPC_URL ?? "http://127.0.0.1:8545",
      accounts: isInstant ? "remote" : [process.env.PRIVATE_KEY],
    },
  },
});
