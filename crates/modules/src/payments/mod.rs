//! Payments: accounts of commercial-bank money, and delivery against payment.
//!
//! # Purpose
//! A debt that is confirmed in seconds and paid by a bank transfer of the next day is paid the next
//! day, and for a night somebody has given and not received. Here a bank keeps accounts of its own
//! money on the chain; a part of a debt and its price move in one transaction, or neither moves.
//!
//! # Roles
//!
//! | call | who |
//! |---|---|
//! | `licenseBank` | a regulator |
//! | `openAccount`, `deposit`, `receivePayment`, `blockAccount`, `unblockAccount` | a signer (role 6) of the bank |
//! | `withdraw`, `pay`, `closeAccount` | a signer of the account's owner |
//! | `setCredit`, `acknowledgeSettlement` | a signer of the creditor bank |
//! | `net` | a signer of either bank |
//! | `buyPart` | a signer of the buyer of a part of a voucher |
//! | `payPart` | a signer of the payer |
//! | `payGuarantee` | a signer of the guarantor |
//! | `payRecourse` | a signer of who sold the part |
//! | views | everybody |
//!
//! # Lifecycle
//! An account, from `rules::TRANSITIONS`:
//!
//! ```text
//! none    -- create --> open
//! open    -- block ---> blocked
//! blocked -- unblock -> open
//! open    -- close ---> closed
//! ```
//!
//! # Invariants
//! - I1 The books of every bank balance: deposited + claims = withdrawn + balances + debts.
//! - I2 What a bank owes its customers is the sum of their accounts.
//! - I3 What banks owe each other is in both books, and within the limit that the creditor set when
//!   it came to be.
//! - I4 Only its owner moves money out of an account, and never more than there is.
//! - I5 A UETR stands for one payment.
//! - I6 A part and its price move together, to those to whom they are due, or not at all.
//! - I7 Only a licensed bank issues money, for what it received.
//!
//! # Limits
//! Amounts and totals are 64-bit integers of the minor unit; references up to 140 bytes, reasons up to
//! 512, pages of 100. The money is the bank's: that it pays out what is withdrawn is its promise, not
//! the chain's. Banks that owe each other settle outside of the chain, or net. Balances and payments
//! are open to all members. Messages of ISO 20022 are read and written by the nodes
//! (`docs/guides/payments.md`), not by the chain.
//!
//! # Terms
//! - account (账户): what a bank owes its customer in a currency.
//! - books (账簿): the totals of a bank, in double entry.
//! - delivery against payment (券款对付): a right and its price change hands at once.
//! - UETR (端到端交易参考号): the UUID that follows a payment from end to end.
//!
//! # Standards
//! ISO 4217 for currencies; the UETR and the length of remittance information of ISO 20022; CPMI-IOSCO
//! Principles for financial market infrastructures, 12 (exchange-of-value settlement).
//!
//! # Example
//! `a_bank_buys_a_part_and_is_paid_on_the_day` in `tests.rs`.

mod abi;
mod calls;
mod genesis;
mod index;
mod rules;
mod storage;
mod types;
mod views;

#[cfg(test)]
mod tests;

use alloy_primitives::Address;
use qiao_module_kit::{Module, dispatch, module_address};

pub use abi::IPayments;
pub use calls::settlement::{Instruction, pay_for};
pub use types::{AccountId, AccountState};

/// Where the module answers.
pub const ADDRESS: Address = module_address(4);

/// The module as the chain registers it.
pub const MODULE: Module = Module {
    address: ADDRESS,
    name: "payments",
    since: 0,
    requires: &["members", "receivables"],
    entry,
    source: include_str!("abi.rs"),
    layout: storage::layout,
    genesis: genesis::write,
    index: index::INDEX,
};

dispatch! { fn entry(IPayments::IPaymentsCalls) {
    licenseBank => calls::license_bank,
    openAccount => calls::open_account,
    blockAccount => calls::block_account,
    unblockAccount => calls::unblock_account,
    closeAccount => calls::close_account,
    deposit => calls::deposit,
    receivePayment => calls::receive_payment,
    withdraw => calls::withdraw,
    pay => calls::pay,
    setCredit => calls::set_credit,
    acknowledgeSettlement => calls::acknowledge_settlement,
    net => calls::net,
    buyPart => calls::buy_part,
    payPart => calls::pay_part,
    payGuarantee => calls::pay_guarantee,
    payRecourse => calls::pay_recourse,
    account => views::account,
    accountsOf => views::accounts_of,
    sheet => views::sheet,
    debt => views::debt,
    payment => views::payment,
} }
