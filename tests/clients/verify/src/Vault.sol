// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import {Owned} from "./Owned.sol";

/// Has what makes a comparison of code hard: an import, immutables, a text in the constructor.
contract Vault is Owned {
    string public name;
    uint256 public immutable limit;
    mapping(address => uint256) public kept;

    constructor(string memory name_, uint256 limit_) {
        name = name_;
        limit = limit_;
    }

    function keep(uint256 amount) external {
        require(kept[msg.sender] + amount <= limit, "too much");
        kept[msg.sender] += amount;
    }
}
