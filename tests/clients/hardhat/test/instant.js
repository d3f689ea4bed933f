// What a developer's chain does besides.

import { expect } from "chai";
import { network } from "hardhat";

const { ethers, networkHelpers } = await network.create();
const onInstant = process.env.INSTANT === "1" ? describe : describe.skip;

onInstant("a developer's chain", () => {
  async function coin() {
    const [owner, other] = await ethers.getSigners();
    return { owner, other, coin: await ethers.deployContract("Coin", [owner.address]) };
  }

  it("goes back to a fixture", async () => {
    const first = await networkHelpers.loadFixture(coin);
    await first.coin.mint(first.other.address, 5n);
    const second = await networkHelpers.loadFixture(coin);
    expect(await second.coin.totalSupply()).to.equal(0n);
    expect(second.coin.target).to.equal(first.coin.target);
  });

  it("moves its clock", async () => {
    const before = await networkHelpers.time.latest();
    await networkHelpers.time.increase(3_600);
    expect(await networkHelpers.time.latest()).to.be.at.least(before + 3_600);
    await networkHelpers.time.increaseTo(before + 100_000);
    expect(await networkHelpers.time.latest()).to.equal(before + 100_000);
    await networkHelpers.mine(100);
    expect(await networkHelpers.time.latest()).to.be.at.least(before + 100_099);
  });

  it("sends as anybody", async () => {
    const { coin: token, owner, other } = await networkHelpers.loadFixture(coin);
    await token.transferOwnership(token.target);
    await networkHelpers.impersonateAccount(token.target);
    await networkHelpers.setBalance(token.target, 10n ** 18n);
    const itself = await ethers.getSigner(token.target);
    await expect(token.connect(itself).mint(other.address, 3n))
      .to.changeTokenBalance(ethers, token, other, 3n);
    await expect(token.connect(owner).mint(other.address, 3n))
      .to.be.revertedWithCustomError(token, "OwnableUnauthorizedAccount");
    await expect(itself.sendTransaction({ to: other.address, value: 7n }))
      .to.changeEtherBalances(ethers, [token, other], [-7n, 7n]);
  });

  it("writes code, slots and nonces", async () => {
    const account = ethers.Wallet.createRandom().address;
    await networkHelpers.setCode(account, "0x60075f5260205ff3");
    await networkHelpers.setStorageAt(account, 1n, 9n);
    await networkHelpers.setNonce(account, 5n);
    expect(await ethers.provider.call({ to: account })).to.equal(ethers.toBeHex(7, 32));
    expect(await ethers.provider.getStorage(account, 1n)).to.equal(ethers.toBeHex(9, 32));
    expect(await ethers.provider.getTransactionCount(account)).to.equal(5);
  });
});
