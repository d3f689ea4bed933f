// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Modules} from "qiao-modules/contracts/Modules.sol";

/// A deed that only active members of the consortium hold.
contract Deed is ERC721 {
    error NotActiveMember(address account);

    uint256 public count;

    constructor() ERC721("Deed", "DEED") {}

    function draw(address to) external returns (uint256 id) {
        if (!Modules.MEMBERS.isActive(to)) revert NotActiveMember(to);
        id = ++count;
        _mint(to, id);
    }
}
