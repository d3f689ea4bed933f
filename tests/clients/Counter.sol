// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

/// What the client checks deploy: storage, a log, and two ways to fail.
contract Counter {
    error TooLarge(uint256 given, uint256 max);

    event Increased(address indexed by, uint256 amount, uint256 total);

    uint256 public total;

    function increase(uint256 amount) external {
        if (amount > 100) revert TooLarge(amount, 100);
        total += amount;
        emit Increased(msg.sender, amount, total);
    }

    function refuse() external pure {
        require(false, "never");
    }
}
