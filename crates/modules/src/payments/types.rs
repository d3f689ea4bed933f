//! Accounts, books and payments as storage holds them.

use qiao_module_kit::{identifier, money::Currency, record, word_enum};

use crate::members::OrganisationId;

identifier! {
    /// The number of an account; 0 stands for none.
    pub struct AccountId;
}

word_enum! {
    /// What can be done with an account.
    pub enum AccountState {
        /// There is none.
        None,
        /// Money comes and goes.
        Open,
        /// Money comes, and does not go.
        Blocked,
        /// It is empty for ever.
        Closed,
    }
}

/// What may happen to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountAct {
    /// Its bank opens it.
    Create,
    /// Its bank blocks it.
    Block,
    /// Its bank unblocks it.
    Unblock,
    /// Its owner closes it.
    Close,
}

record! {
    /// An account; one slot.
    pub struct Account {
        /// Whose money it is.
        pub owner: OrganisationId,
        /// The bank that owes it.
        pub bank: OrganisationId,
        /// How much.
        pub balance: u64,
        /// In which currency.
        pub currency: Currency,
        /// What can be done with it.
        pub state: AccountState,
    }
}

record! {
    /// The books of a bank in a currency; two slots.
    pub struct Sheet {
        /// What it received for the money that it issued, in all.
        pub deposited: u64,
        /// What other banks owe it.
        pub claims: u64,
        /// What it paid out, in all.
        pub withdrawn: u64,
        /// What it owes its customers.
        pub balances: u64,
        /// What it owes other banks.
        pub debts: u64,
        /// Whether it may keep accounts.
        pub is_licensed: bool,
    }
}

record! {
    /// What one bank owes another in a currency; one slot.
    pub struct Debt {
        /// How much.
        pub owed: u64,
        /// How much it may be.
        pub limit: u64,
    }
}

record! {
    /// A payment; one slot.
    pub struct Payment {
        /// The account that paid.
        pub payer: AccountId,
        /// The account that was paid.
        pub payee: AccountId,
        /// How much.
        pub amount: u64,
        /// When, in seconds since the Unix epoch.
        pub time: u64,
    }
}
