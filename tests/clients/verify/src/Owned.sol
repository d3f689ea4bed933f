// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

/// What the chain fills in when it is deployed.
abstract contract Owned {
    address public immutable owner = msg.sender;
}
