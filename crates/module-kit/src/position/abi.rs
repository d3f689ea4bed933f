//! What divisible positions refuse, in whichever module they are kept.

use alloy_sol_types::sol;

sol! {
    /// Refusals of divisible positions.
    ///
    /// States: 0 none, 1 free, 2 locked, 3 pledged, 4 ended.
    interface IPosition {
        /// There is no position with this number.
        /// Remedy: use a number that the module gave out.
        #[derive(Debug, PartialEq, Eq)]
        error UnknownPosition(uint64 position);
        /// The party does not hold the position.
        /// Remedy: let its holder send the call.
        #[derive(Debug, PartialEq, Eq)]
        error NotHolder(uint64 position, uint64 party);
        /// The position is not locked for the party, nor pledged to it.
        /// Remedy: let the party for which it is locked or to which it is pledged send the call.
        #[derive(Debug, PartialEq, Eq)]
        error NotBeneficiary(uint64 position, uint64 party);
        /// The position is in a state in which this cannot be done to it.
        /// Remedy: wait until the lock or pledge is released; what has ended stays so.
        #[derive(Debug, PartialEq, Eq)]
        error WrongPositionState(uint64 position, uint8 state);
        /// The position is frozen.
        /// Remedy: ask the authority that froze it.
        #[derive(Debug, PartialEq, Eq)]
        error PositionFrozen(uint64 position);
        /// The position is not frozen.
        /// Remedy: nothing is to be done.
        #[derive(Debug, PartialEq, Eq)]
        error PositionNotFrozen(uint64 position);
        /// The amount is zero, or more than the position holds, or all of it where only a part may be
        /// split off.
        /// Remedy: use an amount from 1 to `max`.
        #[derive(Debug, PartialEq, Eq)]
        error InvalidPositionAmount(uint64 position, uint64 amount, uint64 max);
        /// The party cannot receive the position: it has it already, or there is no such party.
        /// Remedy: name another party.
        #[derive(Debug, PartialEq, Eq)]
        error InvalidReceiver(uint64 position, uint64 party);
        /// The two positions do not come from one issue, or they are one.
        /// Remedy: merge different parts of one issue.
        #[derive(Debug, PartialEq, Eq)]
        error NotMergeable(uint64 into, uint64 other);
        /// The issue was split into too many parts.
        /// Remedy: pass on parts as they are, or merge and issue anew.
        #[derive(Debug, PartialEq, Eq)]
        error TooManyParts(uint64 root, uint64 max);
        /// The part was split off from parts too many times.
        /// Remedy: split a part that is nearer to the issue.
        #[derive(Debug, PartialEq, Eq)]
        error TooDeep(uint64 position, uint64 max);
    }
}
