//! Recalls, notices and lines as the module thinks of them.

use alloy_primitives::{Address, B256};
use qiao_module_kit::{identifier, record};

use crate::{lots::HoldId, members::OrganisationId};

identifier! {
    /// The number of a recall; 0 stands for none.
    pub struct RecallId;
}

/// What happened to a line of a notice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Fate {
    pub(super) held: u128,
    pub(super) returned: u128,
    pub(super) destroyed: u128,
    pub(super) sold: u128,
}

record! {
    /// A recall.
    pub struct Recall {
        /// For which organisation it was declared.
        pub organisation: OrganisationId,
        /// When, in seconds.
        pub declared_at: u64,
        /// Until when notices are to be acknowledged, in seconds.
        pub deadline: u64,
        /// When it ended, in seconds; 0 while it runs.
        pub ended_at: u64,
        /// By whom.
        pub by: Address,
        /// With a regulator's authority.
        pub is_regulator: bool,
        /// How far it reaches.
        pub level: u8,
        /// Why, by number.
        pub reason: u8,
        /// What holds the things back.
        pub hold: HoldId,
        /// How many organisations were told.
        pub notices: u32,
        /// How many took note.
        pub acknowledged: u32,
        /// How many of them in time.
        pub in_time: u32,
        /// How many lines all notices have.
        pub lines: u32,
        /// How many of them were answered.
        pub answered: u32,
        /// The hash of the list of everything affected.
        pub scope: B256,
        /// In words.
        pub text: String,
    }
}

record! {
    /// A notice.
    pub struct Notice {
        /// When it was sent, in seconds; 0 for none.
        pub sent_at: u64,
        /// When it was acknowledged, in seconds; 0 for not yet.
        pub acknowledged_at: u64,
        /// How many lines it has.
        pub lines: u32,
        /// How many of them were answered.
        pub answered: u32,
        /// Who acknowledged.
        pub acknowledged_by: Address,
    }
}

record! {
    /// A line of a notice.
    pub struct Line {
        /// The hash of the thing's canonical identifier.
        pub thing: B256,
        /// The number of its dimension.
        pub dimension: u8,
        /// Whether the party answered.
        pub is_answered: bool,
        /// How much is affected, in smallest units.
        pub affected: u128,
        /// Still there.
        pub held: u128,
        /// Sent back.
        pub returned: u128,
        /// Destroyed.
        pub destroyed: u128,
        /// Sold to consumers.
        pub sold: u128,
    }
}

record! {
    /// Amounts of one dimension over all notices.
    pub struct Total {
        /// Affected, in smallest units.
        pub affected: u128,
        /// Still there.
        pub held: u128,
        /// Sent back.
        pub returned: u128,
        /// Destroyed.
        pub destroyed: u128,
        /// Sold to consumers.
        pub sold: u128,
    }
}
