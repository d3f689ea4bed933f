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

  it("takes a council through vote, delay and decision", async () => {
    const [owner, voter] = await ethers.getSigners();
    const { time } = networkHelpers;
    const shares = await ethers.deployContract("Shares", [voter.address]);
    const delay = await ethers.deployContract("Delay", [owner.address]);
    const council = await ethers.deployContract("Council", [shares, delay]);
    await delay.grantRole(await delay.PROPOSER_ROLE(), council);
    const door = await ethers.deployContract("Door");
    const call = [[door.target], [0n], [door.interface.encodeFunctionData("pass", ["0x"])]];
    const decision = [...call, ethers.id("pass the door")];
    await shares.connect(voter).delegate(voter);

    await council.propose(...call, "pass the door");
    const id = await council.hashProposal(...decision);
    await expect(council.connect(voter).castVote(id, 1n))
      .to.be.revertedWithCustomError(council, "GovernorUnexpectedProposalState");
    await time.increaseTo((await council.proposalSnapshot(id)) + 1n);
    const ballot = {
      domain: {
        name: "Council",
        version: "1",
        chainId: (await ethers.provider.getNetwork()).chainId,
        verifyingContract: council.target,
      },
      types: {
        Ballot: [
          { name: "proposalId", type: "uint256" },
          { name: "support", type: "uint8" },
          { name: "voter", type: "address" },
          { name: "nonce", type: "uint256" },
        ],
      },
      message: { proposalId: id, support: 1n, voter: voter.address, nonce: 0n },
    };
    // The node signs for its accounts.
    const signature = await voter.signTypedData(ballot.domain, ballot.types, ballot.message);
    await expect(council.castVoteBySig(id, 1n, voter, signature))
      .to.emit(council, "VoteCast")
      .withArgs(voter, id, 1n, 100n, "");
    await time.increaseTo((await council.proposalDeadline(id)) + 1n);
    await council.queue(...decision);
    await expect(council.execute(...decision))
      .to.be.revertedWithCustomError(delay, "TimelockUnexpectedOperationState");
    await time.increaseTo(await council.proposalEta(id));
    await expect(council.execute(...decision)).to.emit(council, "ProposalExecuted").withArgs(id);
    expect(await door.passed()).to.equal(1n);
  });

  it("fails with the reason where gas is given and nothing is estimated", async () => {
    const { coin: token, other } = await networkHelpers.loadFixture(coin);
    await expect(token.connect(other).mint(other.address, 1n, { gasLimit: 1_000_000 }))
      .to.be.revertedWithCustomError(token, "OwnableUnauthorizedAccount")
      .withArgs(other.address);
  });

  it("answers what contracts read as random", async () => {
    const before = await networkHelpers.takeSnapshot();
    await networkHelpers.setPrevRandao(42n);
    await networkHelpers.mine();
    const block = await ethers.provider.send("eth_getBlockByNumber", ["latest", false]);
    expect(block.mixHash).to.equal(ethers.toBeHex(42, 32));
    await before.restore();
  });
});
