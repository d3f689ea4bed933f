//! Contracts, freezes and proposals as the module thinks of them.

use alloy_primitives::Address;
use qiao_module_kit::{U256, record, storage::Word, word_enum, word_set};

use crate::members::OrganisationId;

/// With whose authority a contract is frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Authority {
    /// An admin of the owner.
    Owner = 1,
    /// A regulator.
    Regulator = 2,
    /// More than half of the organisations that run validators.
    Validators = 3,
}

impl Authority {
    /// Every authority in the order of its number.
    pub const ALL: [Self; 3] = [Self::Owner, Self::Regulator, Self::Validators];

    /// Its number in the contract interface.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

word_set! {
    /// Who holds a contract: bit a is authority a.
    pub struct Holders of Authority
}

impl Holders {
    /// Whether nobody does.
    pub const fn is_none(self) -> bool {
        self.bits() == 0
    }
}

record! {
    /// What execution leaves for each contract that a transaction created: one slot.
    pub struct Creation {
        /// The sender of the transaction; zero where no transaction created a contract.
        pub creator: Address,
        /// The block in which it stands.
        pub block: u64,
    }
}

impl Creation {
    /// The slot as execution writes it.
    pub fn to_slot(&self) -> U256 {
        self.creator.pack() | (U256::from(self.block) << (8 * Address::BYTES))
    }
}

record! {
    /// What decides about a contract: one slot.
    pub struct Standing {
        /// Whether its owner declared it.
        pub is_declared: bool,
        /// Whether it may be upgraded.
        pub is_upgradeable: bool,
        /// Who holds it.
        pub holders: Holders,
    }
}

record! {
    /// A freeze by one authority.
    pub struct Freeze {
        /// The account that imposed it.
        pub by: Address,
        /// When, in seconds since the Unix epoch.
        pub since: u64,
        /// Why.
        pub reason: String,
    }
}

word_enum! {
    /// What became of a proposal.
    pub enum ProposalState {
        /// There is none.
        None,
        /// It can be approved until its time is over.
        Open,
        /// It took effect.
        Carried,
        /// Everybody withdrew.
        Abandoned,
    }
}

/// What may happen to a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProposalAct {
    /// Somebody makes it.
    Proposed,
    /// An organisation approves it, and more are needed.
    ApprovedByTooFew,
    /// An organisation approves it, and now more than half do.
    ApprovedByMoreThanHalf,
    /// An organisation withdraws, and others stay.
    WithdrawnByOne,
    /// The last organisation withdraws.
    WithdrawnByTheLast,
}

record! {
    /// A wish to freeze or unfreeze a contract with the validators' authority.
    pub struct Proposal {
        /// The contract.
        pub target: Address,
        /// Whether it is to be frozen, rather than unfrozen.
        pub freezes: bool,
        /// What became of it.
        pub state: ProposalState,
        /// How many organisations approve it.
        pub approvals: u32,
        /// The last second in which it can be approved.
        pub until: u64,
        /// Whose admin made it.
        pub organisation: OrganisationId,
        /// Why.
        pub reason: String,
    }
}
