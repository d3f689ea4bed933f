//! Captured events and those who speak for a party.

use alloy_primitives::{Address, B256, keccak256};
use qiao_epcis::Event;
use qiao_module_kit::record;

use crate::members::OrganisationId;

record! {
    /// A party and an account that captured for it, or may.
    pub struct Speaker {
        /// Its number, from 1; 0 as long as it captured nothing.
        pub number: u32,
        /// Whether an admin of the party authorised the account of another organisation.
        pub is_delegate: bool,
    }
}

record! {
    /// What the number of a speaker stands for.
    pub struct SpeakerNames {
        /// For whom.
        pub party: OrganisationId,
        /// Who.
        pub capturer: Address,
    }
}

record! {
    /// What is kept of an event: one slot, the greatest cost of a capture. Party and capturer are
    /// behind the number of the speaker.
    pub struct Entry {
        /// The speaker; 0 where the event was not captured.
        pub speaker: u32,
        /// The time of the block, in seconds.
        pub captured_at: u64,
        /// The number of the block.
        pub block_number: u64,
        /// The event's index in the transaction's list.
        pub position: u32,
    }
}

/// What the chain says of an event that it accepted.
pub(super) struct Accepted {
    /// Its Event Hash ID.
    pub(super) hash: B256,
    /// The hashes of the canonical identifiers in it, sorted, each once.
    pub(super) identifiers: Vec<B256>,
    /// What it says.
    pub(super) event: Event,
}

impl Accepted {
    pub(super) fn of(event: Event) -> Self {
        let items = event.items().iter();
        let mut identifiers: Vec<B256> =
            items.map(|item| keccak256(item.id.to_string().as_bytes())).collect();
        identifiers.sort_unstable();
        identifiers.dedup();
        Self { hash: B256::from(event.hash().0), identifiers, event }
    }
}
