// More of OpenZeppelin's contracts, on every network: roles, tokens, clones, proofs, signatures.

import { expect } from "chai";
import { network } from "hardhat";
import { createHash, generateKeyPairSync, sign } from "node:crypto";

const { ethers } = await network.create();

async function deployed(...contract) {
  return (await ethers.deployContract(...contract)).waitForDeployment();
}

const hex = (base64) => ethers.hexlify(Buffer.from(base64, "base64url"));

describe("more of OpenZeppelin's contracts", () => {
  let owner, toolbox;

  before(async () => {
    [owner] = await ethers.getSigners();
    toolbox = await deployed("Toolbox");
  });

  it("give roles, and tokens to who can hold them", async () => {
    const deeds = await deployed("Deeds", [owner.address]);
    const role = await deeds.REGISTRAR();
    const holder = ethers.Wallet.createRandom().address;
    await expect(deeds.issue(holder, 1n))
      .to.be.revertedWithCustomError(deeds, "AccessControlUnauthorizedAccount")
      .withArgs(owner.address, role);
    await expect(deeds.grantRole(role, owner.address))
      .to.emit(deeds, "RoleGranted")
      .withArgs(role, owner.address, owner.address);
    await expect(deeds.issue(holder, 1n))
      .to.emit(deeds, "Transfer")
      .withArgs(ethers.ZeroAddress, holder, 1n);
    expect(await deeds.ownerOf(1n)).to.equal(holder);
    await expect(deeds.issue(toolbox.target, 2n))
      .to.be.revertedWithCustomError(deeds, "ERC721InvalidReceiver")
      .withArgs(toolbox.target);
  });

  it("come to addresses that were known before", async () => {
    const model = await deployed("Door");
    const salt = ethers.id(`${Date.now()}`);
    const clone = await toolbox.cloneAddress(model.target, salt);
    await expect(toolbox.clone(model.target, salt)).to.emit(toolbox, "Created").withArgs(clone);
    const door = await ethers.getContractAt("Door", clone);
    await (await door.pass("0x")).wait();
    expect([await door.passed(), await model.passed()]).to.deep.equal([1n, 0n]);
    await expect(toolbox.clone(model.target, salt)).to.revert(ethers);

    const { bytecode } = await ethers.getContractFactory("Door");
    const created = await toolbox.createdAddress(salt, ethers.keccak256(bytecode));
    await expect(toolbox.create(salt, bytecode)).to.emit(toolbox, "Created").withArgs(created);
  });

  it("let nobody in twice", async () => {
    const door = await deployed("Door");
    const again = door.interface.encodeFunctionData("pass", ["0x"]);
    await expect(door.pass(again))
      .to.be.revertedWithCustomError(door, "ReentrancyGuardReentrantCall");
    await (await door.pass("0x")).wait();
    expect(await door.passed()).to.equal(1n);
  });

  it("take signatures of accounts and of contracts", async () => {
    const key = ethers.Wallet.createRandom();
    const hash = ethers.hashMessage("lime");
    const signature = await key.signMessage("lime");
    const wallet = await deployed("ContractWallet", [key.address]);
    for (const [signer, expected] of [
      [key.address, true],
      [wallet.target, true],
      [owner.address, false],
      [toolbox.target, false],
    ]) {
      expect(await toolbox.isSigned(signer, hash, signature)).to.equal(expected);
    }
  });

  it("check P-256 by the precompile and without it", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x, y } = publicKey.export({ format: "jwk" });
    const message = Buffer.from("lime");
    const hash = ethers.hexlify(createHash("sha256").update(message).digest());
    const raw = sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" });
    const r = ethers.hexlify(raw.subarray(0, 32));
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    let s = ethers.toBigInt(raw.subarray(32));
    if (s > order / 2n) s = order - s;
    const rest = [r, ethers.toBeHex(s, 32), hex(x), hex(y)];
    expect(await toolbox.isP256(hash, ...rest)).to.deep.equal([true, true]);
    expect(await toolbox.isP256(ethers.id("pear"), ...rest)).to.deep.equal([false, false]);
  });

  it("check RSA", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const { n, e } = publicKey.export({ format: "jwk" });
    const message = Buffer.from("lime");
    const digest = ethers.hexlify(createHash("sha256").update(message).digest());
    const signature = ethers.hexlify(sign("sha256", message, privateKey));
    expect(await toolbox.isRsa(digest, signature, hex(e), hex(n))).to.equal(true);
    expect(await toolbox.isRsa(ethers.id("pear"), signature, hex(e), hex(n))).to.equal(false);
  });

  it("check Merkle proofs", async () => {
    const leaves = ["lime", "pear", "plum", "fig"].map((text) => ethers.id(text));
    const pair = (one, other) => ethers.keccak256(ethers.concat([one, other].sort()));
    const [left, right] = [pair(leaves[0], leaves[1]), pair(leaves[2], leaves[3])];
    const root = pair(left, right);
    expect(await toolbox.includes([leaves[1], right], root, leaves[0])).to.equal(true);
    expect(await toolbox.includes([leaves[1], right], root, leaves[2])).to.equal(false);
  });
});
