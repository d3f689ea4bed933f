// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Modules} from "qiao-modules/contracts/Modules.sol";
import {IMembers} from "qiao-modules/contracts/interfaces/IMembers.sol";

/// Calls a native module in every way that Solidity has.
contract ModuleCaller {
    event Refused(bytes4 selector);

    /// A view in a static call.
    function isActive(address account) external view returns (bool) {
        return Modules.MEMBERS.isActive(account);
    }

    /// A refusal that is caught: this contract belongs to no organisation.
    function tryAdd(address account) external returns (bytes4 selector) {
        try Modules.MEMBERS.addAccount(account) {
            return 0;
        } catch (bytes memory reason) {
            selector = bytes4(reason);
            emit Refused(selector);
        }
    }

    /// A refusal that is passed on.
    function add(address account) external {
        Modules.MEMBERS.addAccount(account);
    }

    /// A change in a static call.
    function addStatically(address account) external view returns (bytes memory reason) {
        bytes memory data = abi.encodeCall(IMembers.addAccount, (account));
        (, reason) = address(Modules.MEMBERS).staticcall(data);
    }

    /// The module's code in this contract's name.
    function addByDelegation(address account) external returns (bytes memory reason) {
        bytes memory data = abi.encodeCall(IMembers.addAccount, (account));
        (, reason) = address(Modules.MEMBERS).delegatecall(data);
    }
}
