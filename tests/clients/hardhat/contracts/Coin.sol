// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// A token of OpenZeppelin's, with an error of its own.
contract Coin is ERC20, ERC20Permit, Ownable {
    error TooMuch(uint256 asked, uint256 most);

    uint256 public constant MOST = 1_000_000;

    constructor(address owner) ERC20("Coin", "COIN") ERC20Permit("Coin") Ownable(owner) {}

    function mint(address to, uint256 amount) external onlyOwner {
        if (amount > MOST) revert TooMuch(amount, MOST);
        _mint(to, amount);
    }
}
