//! Organisations, accounts, roles and freezes as the module thinks of them.

use alloy_primitives::B256;
use qiao_module_kit::{U256, record, storage::Word, word_enum, word_set};
use qiao_types::RoleName;

/// The number of an organisation; 0 stands for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct OrganisationId(u64);

impl OrganisationId {
    /// No organisation.
    pub const NONE: Self = Self(0);

    /// The organisation with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether this stands for no organisation.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl Word for OrganisationId {
    const BYTES: usize = 8;
    const NAME: &'static str = "uint64";

    fn pack(self) -> U256 {
        U256::from(self.0)
    }

    fn unpack(bits: U256) -> Option<Self> {
        u64::try_from(bits).ok().map(Self)
    }
}

/// What an account may do for its organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Role {
    /// Administers its organisation: accounts, roles, delegation.
    Admin = 1,
    /// Runs a validator.
    Validator = 2,
    /// Captures events for its organisation.
    Capturer = 3,
    /// Supervises: may freeze.
    Regulator = 4,
    /// Deploys contracts.
    Deployer = 5,
    /// Signs for its organisation in matters of money: debts, payments, loans.
    Signer = 6,
}

impl Role {
    /// Every role in the order of its number.
    pub const ALL: [Self; 6] = [
        Self::Admin,
        Self::Validator,
        Self::Capturer,
        Self::Regulator,
        Self::Deployer,
        Self::Signer,
    ];

    /// The role with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|role| *role as u8 == number)
    }

    /// Its number in the contract interface.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Admin => Self::Admin,
            RoleName::Validator => Self::Validator,
            RoleName::Capturer => Self::Capturer,
            RoleName::Regulator => Self::Regulator,
            RoleName::Deployer => Self::Deployer,
            RoleName::Signer => Self::Signer,
        }
    }
}

word_set! {
    /// The roles of one account: bit r is role r.
    pub struct Roles of Role
}

word_enum! {
    /// Whether an account is frozen, and with whose authority.
    pub enum Freeze {
        /// It is not.
        None,
        /// An admin of its organisation froze it.
        ByAdmin,
        /// A regulator froze it.
        ByRegulator,
    }
}

/// What may happen to the freeze of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FreezeAct {
    /// An admin of its organisation freezes it.
    AdminFreezes,
    /// A regulator freezes it.
    RegulatorFreezes,
    /// An admin of its organisation unfreezes it.
    AdminUnfreezes,
    /// A regulator unfreezes it.
    RegulatorUnfreezes,
}

record! {
    /// What is known of an account: one slot, so that asking whether it may act is cheap.
    pub struct Membership {
        /// Its organisation; none where the account is not registered.
        pub organisation: OrganisationId,
        /// Its roles.
        pub roles: Roles,
        /// Whether it is frozen.
        pub freeze: Freeze,
    }
}

record! {
    /// What decides about an organisation: one slot.
    pub struct Standing {
        /// Whether a regulator froze it.
        pub is_frozen: bool,
        /// How many accounts it has.
        pub accounts: u32,
        /// How many of them are admins.
        pub admins: u32,
        /// How many of them run validators.
        pub validators: u32,
    }
}

record! {
    /// How an organisation is called.
    pub struct Profile {
        /// Its name.
        pub name: String,
        /// Its Global Location Number; empty where it has none.
        pub gln: String,
    }
}

record! {
    /// The key for which others seal what an organisation may read.
    pub struct SealingKey {
        /// Which one of the organisation's keys it is, from 1; 0 where it announced none.
        pub number: u32,
        /// The public key, of X25519.
        pub key: B256,
    }
}
