// SPDX-License-Identifier: Apache-2.0
// Written by `cargo xtask solidity` from the modules of the chain; do not edit.
pragma solidity ^0.8.20;

/// @title IPosition
/// @notice Refusals of divisible positions. States: 0 none, 1 free, 2 locked, 3 pledged, 4
/// ended.
interface IPosition {
    /// @notice There is no position with this number.
    /// @dev Remedy: use a number that the module gave out.
    error UnknownPosition(uint64 position);

    /// @notice The party does not hold the position.
    /// @dev Remedy: let its holder send the call.
    error NotHolder(uint64 position, uint64 party);

    /// @notice The position is not locked for the party, nor pledged to it.
    /// @dev Remedy: let the party for which it is locked or to which it is pledged send the
    /// call.
    error NotBeneficiary(uint64 position, uint64 party);

    /// @notice The position is in a state in which this cannot be done to it.
    /// @dev Remedy: wait until the lock or pledge is released; what has ended stays so.
    error WrongPositionState(uint64 position, uint8 state);

    /// @notice The position is frozen.
    /// @dev Remedy: ask the authority that froze it.
    error PositionFrozen(uint64 position);

    /// @notice The position is not frozen.
    /// @dev Remedy: nothing is to be done.
    error PositionNotFrozen(uint64 position);

    /// @notice The amount is zero, or more than the position holds, or all of it where only a
    /// part may be split off.
    /// @dev Remedy: use an amount from 1 to `max`.
    error InvalidPositionAmount(uint64 position, uint64 amount, uint64 max);

    /// @notice The party cannot receive the position: it has it already, or there is no such
    /// party.
    /// @dev Remedy: name another party.
    error InvalidReceiver(uint64 position, uint64 party);

    /// @notice The two positions do not come from one issue, or they are one.
    /// @dev Remedy: merge different parts of one issue.
    error NotMergeable(uint64 into, uint64 other);

    /// @notice The issue was split into too many parts.
    /// @dev Remedy: pass on parts as they are, or merge and issue anew.
    error TooManyParts(uint64 root, uint64 max);

    /// @notice The part was split off from parts too many times.
    /// @dev Remedy: split a part that is nearer to the issue.
    error TooDeep(uint64 position, uint64 max);
}
