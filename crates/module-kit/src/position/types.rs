//! Positions and issues as storage holds them.

use crate::{identifier, record, word_enum};

identifier! {
    /// The number of a position in its book; 0 stands for none.
    pub struct PositionId;
}

identifier! {
    /// Whoever holds positions; the module says what the number stands for. 0 stands for nobody.
    pub struct Party;
}

word_enum! {
    /// What can be done with a position.
    pub enum PositionState {
        /// There is none.
        None,
        /// Its holder disposes of it.
        Free,
        /// Its holder promised it: the beneficiary may take it, or release it.
        Locked,
        /// It secures a debt: the beneficiary may take it, or release it.
        Pledged,
        /// Nothing is left of it: it was redeemed, or merged into another.
        Ended,
    }
}

record! {
    /// A part of an issue; two slots.
    pub struct Position {
        /// How much it holds.
        pub amount: u64,
        /// Who holds it.
        pub holder: Party,
        /// The first position of its issue.
        pub root: PositionId,
        /// What can be done with it.
        pub state: PositionState,
        /// Whether an authority froze it.
        pub is_frozen: bool,
        /// How many splits lie between the issue and it.
        pub depth: u8,
        /// The position that it was split from; none for the root.
        pub parent: PositionId,
        /// For whom it is locked, or to whom it is pledged.
        pub beneficiary: Party,
        /// How much it held when it began.
        pub born: u64,
        /// The position that it was merged into, if it was.
        pub successor: PositionId,
    }
}

record! {
    /// What was issued in one go; one slot.
    pub struct Issue {
        /// How much.
        pub issued: u64,
        /// How much of it was redeemed.
        pub redeemed: u64,
        /// How many parts it has had.
        pub parts: u32,
        /// How many of them live.
        pub live: u32,
    }
}

impl Issue {
    /// How much is still out.
    pub const fn outstanding(&self) -> u64 {
        self.issued - self.redeemed
    }
}
