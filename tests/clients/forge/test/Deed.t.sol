// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {IMembers} from "qiao-modules/contracts/interfaces/IMembers.sol";
import {Modules} from "qiao-modules/contracts/Modules.sol";
import {IEtch, NativeModules} from "qiao-modules/contracts/test/NativeModules.sol";

import {Deed} from "../src/Deed.sol";

interface Vm is IEtch {
    function mockCall(address callee, bytes calldata data, bytes calldata answer) external;
    function expectRevert(bytes calldata reason) external;
}

/// On this machine, where no module is: their answers are said by the test.
contract DeedTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    address private constant MEMBER = address(0xbeef);
    Deed private deed;

    function setUp() external {
        NativeModules.install(vm);
        deed = new Deed();
    }

    function test_a_module_says_why_it_is_not_here() external {
        vm.expectRevert(abi.encodeWithSignature("Error(string)", "native module"));
        deed.draw(MEMBER);
    }

    function test_an_active_member_draws_a_deed() external {
        says(true);
        require(deed.draw(MEMBER) == 1 && deed.ownerOf(1) == MEMBER, "no deed");
    }

    function test_nobody_else_does() external {
        says(false);
        vm.expectRevert(abi.encodeWithSelector(Deed.NotActiveMember.selector, MEMBER));
        deed.draw(MEMBER);
    }

    function says(bool isActive) private {
        bytes memory data = abi.encodeCall(IMembers.isActive, (MEMBER));
        vm.mockCall(address(Modules.MEMBERS), data, abi.encode(isActive));
    }
}
