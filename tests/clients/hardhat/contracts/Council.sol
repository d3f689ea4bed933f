// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorTimelockControl} from "@openzeppelin/contracts/governance/extensions/GovernorTimelockControl.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// Shares that vote, by time.
contract Shares is ERC20, ERC20Permit, ERC20Votes {
    constructor(address holder) ERC20("Share", "SHR") ERC20Permit("Share") {
        _mint(holder, 100);
    }

    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }
}

/// Waits a day after each decision.
contract Delay is TimelockController {
    constructor(address admin) TimelockController(1 days, new address[](0), new address[](1), admin) {}
}

/// Decides by shares: an hour to think, a day to vote.
contract Council is Governor, GovernorCountingSimple, GovernorVotes, GovernorTimelockControl {
    constructor(
        IVotes shares,
        TimelockController delay
    ) Governor("Council") GovernorVotes(shares) GovernorTimelockControl(delay) {}

    function votingDelay() public pure override returns (uint256) {
        return 1 hours;
    }

    function votingPeriod() public pure override returns (uint256) {
        return 1 days;
    }

    function quorum(uint256) public pure override returns (uint256) {
        return 51;
    }

    function state(
        uint256 proposal
    ) public view override(Governor, GovernorTimelockControl) returns (ProposalState) {
        return super.state(proposal);
    }

    function proposalNeedsQueuing(
        uint256 proposal
    ) public view override(Governor, GovernorTimelockControl) returns (bool) {
        return super.proposalNeedsQueuing(proposal);
    }

    function _queueOperations(
        uint256 proposal,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calls,
        bytes32 description
    ) internal override(Governor, GovernorTimelockControl) returns (uint48) {
        return super._queueOperations(proposal, targets, values, calls, description);
    }

    function _executeOperations(
        uint256 proposal,
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calls,
        bytes32 description
    ) internal override(Governor, GovernorTimelockControl) {
        super._executeOperations(proposal, targets, values, calls, description);
    }

    function _cancel(
        address[] memory targets,
        uint256[] memory values,
        bytes[] memory calls,
        bytes32 description
    ) internal override(Governor, GovernorTimelockControl) returns (uint256) {
        return super._cancel(targets, values, calls, description);
    }

    function _executor() internal view override(Governor, GovernorTimelockControl) returns (address) {
        return super._executor();
    }
}
