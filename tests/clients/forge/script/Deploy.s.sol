// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Deed} from "../src/Deed.sol";

interface Vm {
    function startBroadcast() external;
    function stopBroadcast() external;
}

/// Several transactions at once, as scripts send them.
contract Deploy {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function run() external {
        vm.startBroadcast();
        Deed first = new Deed();
        new Deed{salt: keccak256(abi.encode(block.number, address(first)))}();
        first.setApprovalForAll(address(0xbeef), true);
        vm.stopBroadcast();
    }
}
