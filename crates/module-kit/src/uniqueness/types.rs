//! Assets and claims as storage holds them.

use alloy_primitives::B256;

use crate::{identifier, position::Party, record, word_enum};

identifier! {
    /// The number of a claim; 0 stands for none.
    pub struct ClaimId;
}

word_enum! {
    /// How far a claim has gone.
    pub enum ClaimState {
        /// There is none.
        None,
        /// A part of the asset is kept for the party until a time.
        Reserved,
        /// The party used it.
        Used,
        /// The part is available again.
        Released,
    }
}

record! {
    /// What is known of an asset; one slot.
    pub struct Asset {
        /// Its value; 0 where it was never registered.
        pub value: u64,
        /// How much of it is used.
        pub used: u64,
        /// How much of it is reserved.
        pub reserved: u64,
        /// What the value is measured in; the module says what the number stands for.
        pub unit: u32,
    }
}

impl Asset {
    /// How much is left of it.
    pub const fn left(&self) -> u64 {
        self.value - self.used - self.reserved
    }
}

record! {
    /// A part of an asset that somebody reserved or used; two slots.
    pub struct Claim {
        /// The asset.
        pub asset: B256,
        /// How much of it.
        pub amount: u64,
        /// Who.
        pub party: Party,
        /// When a reservation runs out, in seconds since the Unix epoch; 0 for never.
        pub until: u64,
        /// How far it has gone.
        pub state: ClaimState,
    }
}
