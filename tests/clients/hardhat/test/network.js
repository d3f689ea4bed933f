// What holds on every network: OpenZeppelin's contracts, and native modules from Solidity.

import { expect } from "chai";
import { network } from "hardhat";
import { readFileSync } from "node:fs";

const { ethers } = await network.create();
const abi = (name) =>
  JSON.parse(readFileSync(new URL(`../node_modules/qiao-modules/abi/${name}.json`, import.meta.url)));

async function deployed(...contract) {
  return (await ethers.deployContract(...contract)).waitForDeployment();
}

describe("OpenZeppelin's contracts", () => {
  let owner, coin;

  before(async () => {
    [owner] = await ethers.getSigners();
    coin = await deployed("Coin", [owner.address]);
  });

  it("mints and tells of it", async () => {
    const other = ethers.Wallet.createRandom().address;
    await expect(coin.mint(other, 5n))
      .to.emit(coin, "Transfer")
      .withArgs(ethers.ZeroAddress, other, 5n);
    await expect(coin.mint(other, 7n)).to.changeTokenBalance(ethers, coin, other, 7n);
  });

  it("fails with custom errors, its own and inherited", async () => {
    await expect(coin.mint(owner.address, 1_000_001n))
      .to.be.revertedWithCustomError(coin, "TooMuch")
      .withArgs(1_000_001n, 1_000_000n);
    const nobody = ethers.Wallet.createRandom().address;
    await expect(coin.transferFrom(nobody, owner.address, 1n))
      .to.be.revertedWithCustomError(coin, "ERC20InsufficientAllowance")
      .withArgs(owner.address, 0n, 1n);
  });

  it("takes a permit that was signed elsewhere", async () => {
    const holder = ethers.Wallet.createRandom();
    const { chainId } = await ethers.provider.getNetwork();
    const domain = {
      name: "Coin",
      version: "1",
      chainId,
      verifyingContract: await coin.getAddress(),
    };
    const types = {
      Permit: [
        { name: "owner", type: "address" },
        { name: "spender", type: "address" },
        { name: "value", type: "uint256" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
      ],
    };
    const value = {
      owner: holder.address,
      spender: owner.address,
      value: 9n,
      nonce: 0n,
      deadline: ethers.MaxUint256,
    };
    const { v, r, s } = ethers.Signature.from(await holder.signTypedData(domain, types, value));
    await (await coin.permit(value.owner, value.spender, 9n, value.deadline, v, r, s)).wait();
    expect(await coin.allowance(holder.address, owner.address)).to.equal(9n);
  });

  it("stands behind a proxy that is upgraded", async () => {
    const first = await deployed("Box");
    const data = first.interface.encodeFunctionData("initialize", [owner.address]);
    const proxy = await deployed("Proxy", [await first.getAddress(), data]);
    const box = await ethers.getContractAt("Box", await proxy.getAddress());
    await (await box.store(42n)).wait();
    const second = await deployed("SecondBox");
    await (await box.upgradeToAndCall(await second.getAddress(), "0x")).wait();
    expect([await box.version(), await box.value()]).to.deep.equal([2n, 42n]);
  });
});

describe("native modules from Solidity", () => {
  let owner, caller, members, frame;

  before(async () => {
    [owner] = await ethers.getSigners();
    caller = await deployed("ModuleCaller");
    const address = "0x5169616F00000000000000000000000000000001";
    members = new ethers.Contract(address, abi("IMembers"), owner);
    frame = new ethers.Contract(address, abi("IModule"), owner);
  });

  it("answer a static call", async () => {
    expect(await caller.isActive(owner.address)).to.equal(true);
    expect(await caller.isActive(members.target)).to.equal(false);
  });

  it("refuse with errors that are caught", async () => {
    const { selector } = members.interface.getError("NotMember");
    await expect(caller.tryAdd(ethers.Wallet.createRandom().address))
      .to.emit(caller, "Refused")
      .withArgs(selector);
  });

  it("refuse with errors that are passed on", async () => {
    await expect(caller.add(ethers.Wallet.createRandom().address))
      .to.be.revertedWithCustomError(members, "NotMember")
      .withArgs(caller.target);
  });

  it("do not run in another contract's name", async () => {
    const { selector } = frame.interface.getError("DirectCallOnly");
    expect(await caller.addByDelegation.staticCall(owner.address)).to.equal(selector);
  });

  it("are called like contracts", async () => {
    const id = await members.organisationOf(owner.address);
    expect((await members.organisation(id)).name).to.not.equal("");
    await expect(members.freezeAccount(owner.address, "a test"))
      .to.be.revertedWithCustomError(members, "OwnFreeze");
  });

  it("take a contract as a member, and still change nothing in a static call", async () => {
    await (await members.addAccount(caller.target)).wait();
    await (await members.grantRole(caller.target, 1)).wait();
    const newcomer = ethers.Wallet.createRandom().address;
    const { selector } = frame.interface.getError("StaticCall");
    expect(await caller.addStatically(newcomer)).to.equal(selector);
    await expect(caller.add(newcomer)).to.emit(members, "AccountAdded");
  });
});
