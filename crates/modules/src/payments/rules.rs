//! The decisions of `payments`, without state.

use qiao_module_kit::{Halt, Outcome, ensure, money::Currency};

use super::{
    abi::IPayments::*,
    types::{AccountAct, AccountState, Sheet},
};

/// Characters of a reference, as in unstructured remittance information of ISO 20022.
pub const REMITTANCE_BYTES_MAX: usize = 140;
/// Bytes of the reason for a block.
pub const REASON_BYTES_MAX: usize = 512;

/// From, act, to. What is not listed is refused.
pub const TRANSITIONS: &[(AccountState, AccountAct, AccountState)] = &[
    (AccountState::None, AccountAct::Create, AccountState::Open),
    (AccountState::Open, AccountAct::Block, AccountState::Blocked),
    (AccountState::Blocked, AccountAct::Unblock, AccountState::Open),
    (AccountState::Open, AccountAct::Close, AccountState::Closed),
];

/// The state after an act; `None` if the act is not possible.
pub fn after(state: AccountState, act: AccountAct) -> Option<AccountState> {
    TRANSITIONS.iter().find(|(from, by, _)| *from == state && *by == act).map(|(_, _, to)| *to)
}

/// What a bank books; every posting has a debit and a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posting {
    /// Received outside of the chain; owed to a customer.
    Deposit,
    /// Paid out; owed no longer to a customer.
    Withdrawal,
    /// Owed no longer to a customer; owed to another bank.
    Outgoing,
    /// Owed by another bank; owed to a customer.
    Incoming,
    /// Paid to another bank; owed no longer to it.
    DebtSettled,
    /// Received from another bank; owed no longer by it.
    ClaimSettled,
    /// A debt and a claim between two banks, crossed out.
    Netted,
}

/// Books a posting.
///
/// # Errors
/// `InvalidPayment`: a total would exceed 64 bits.
pub fn post(sheet: &mut Sheet, posting: Posting, amount: u64) -> Outcome<()> {
    let raise = |total: &mut u64| -> Outcome<()> {
        *total = total
            .checked_add(amount)
            .ok_or_else(|| invalid("amount", "a total of the bank's books would exceed 64 bits"))?;
        Ok(())
    };
    let lower = |total: &mut u64| -> Outcome<()> {
        let left = total.checked_sub(amount);
        *total = left.ok_or_else(|| Halt::bug("a total of a bank's books falls below zero"))?;
        Ok(())
    };
    match posting {
        Posting::Deposit => {
            raise(&mut sheet.deposited)?;
            raise(&mut sheet.balances)
        }
        Posting::Withdrawal => {
            raise(&mut sheet.withdrawn)?;
            lower(&mut sheet.balances)
        }
        Posting::Outgoing => {
            lower(&mut sheet.balances)?;
            raise(&mut sheet.debts)
        }
        Posting::Incoming => {
            raise(&mut sheet.claims)?;
            raise(&mut sheet.balances)
        }
        Posting::DebtSettled => {
            raise(&mut sheet.withdrawn)?;
            lower(&mut sheet.debts)
        }
        Posting::ClaimSettled => {
            raise(&mut sheet.deposited)?;
            lower(&mut sheet.claims)
        }
        Posting::Netted => {
            lower(&mut sheet.claims)?;
            lower(&mut sheet.debts)
        }
    }
}

/// The currency with this number of ISO 4217.
///
/// # Errors
/// `InvalidPayment`.
pub fn currency(number: u16) -> Outcome<Currency> {
    Currency::from_number(number).ok_or_else(|| {
        invalid("currency", "must be the number of a currency of ISO 4217 that is known here")
            .into()
    })
}

/// A reference is empty, or the text of one line.
///
/// # Errors
/// `InvalidPayment`.
pub fn check_remittance(remittance: &str) -> Outcome<()> {
    let is_line =
        remittance.len() <= REMITTANCE_BYTES_MAX && !remittance.chars().any(char::is_control);
    ensure(is_line, || {
        invalid("remittance", "must have at most 140 bytes without control characters")
    })
}

/// An amount is positive.
///
/// # Errors
/// `InvalidPayment`.
pub fn check_amount(amount: u64) -> Outcome<()> {
    ensure(amount > 0, || invalid("amount", "must be positive"))
}

pub(super) fn invalid(field: &str, rule: &str) -> InvalidPayment {
    InvalidPayment { field: field.to_owned(), rule: rule.to_owned() }
}
