// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Create2} from "@openzeppelin/contracts/utils/Create2.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {RSA} from "@openzeppelin/contracts/utils/cryptography/RSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// Deeds that a registrar issues.
contract Deeds is ERC721, AccessControl {
    bytes32 public constant REGISTRAR = keccak256("REGISTRAR");

    constructor(address admin) ERC721("Deed", "DEED") {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
    }

    function issue(address to, uint256 deed) external onlyRole(REGISTRAR) {
        _safeMint(to, deed);
    }

    function supportsInterface(bytes4 id) public view override(ERC721, AccessControl) returns (bool) {
        return super.supportsInterface(id);
    }
}

/// Lets one in at a time.
contract Door is ReentrancyGuard {
    uint256 public passed;

    function pass(bytes calldata then) external nonReentrant {
        passed += 1;
        if (then.length == 0) return;
        (bool success, bytes memory returned) = address(this).call(then);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(returned, 0x20), mload(returned))
        }
    }
}

/// A wallet that is a contract: it signs with its owner's key.
contract ContractWallet is IERC1271 {
    address private immutable _owner;

    constructor(address owner) {
        _owner = owner;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        return ECDSA.recover(hash, signature) == _owner ? this.isValidSignature.selector : bytes4(0);
    }
}

/// What libraries do, to be called from outside.
contract Toolbox {
    event Created(address contract_);

    function clone(address model, bytes32 salt) external {
        emit Created(Clones.cloneDeterministic(model, salt));
    }

    function cloneAddress(address model, bytes32 salt) external view returns (address) {
        return Clones.predictDeterministicAddress(model, salt);
    }

    function create(bytes32 salt, bytes memory code) external {
        emit Created(Create2.deploy(0, salt, code));
    }

    function createdAddress(bytes32 salt, bytes32 codeHash) external view returns (address) {
        return Create2.computeAddress(salt, codeHash);
    }

    function includes(bytes32[] calldata proof, bytes32 root, bytes32 leaf) external pure returns (bool) {
        return MerkleProof.verifyCalldata(proof, root, leaf);
    }

    function isSigned(address signer, bytes32 hash, bytes calldata signature) external view returns (bool) {
        return SignatureChecker.isValidSignatureNow(signer, hash, signature);
    }

    /// By the precompile, and by the same in Solidity.
    function isP256(
        bytes32 hash,
        bytes32 r,
        bytes32 s,
        bytes32 x,
        bytes32 y
    ) external view returns (bool native, bool inSolidity) {
        return (P256.verifyNative(hash, r, s, x, y), P256.verifySolidity(hash, r, s, x, y));
    }

    function isRsa(
        bytes32 digest,
        bytes memory signature,
        bytes memory exponent,
        bytes memory modulus
    ) external view returns (bool) {
        return RSA.pkcs1Sha256(digest, signature, exponent, modulus);
    }
}
