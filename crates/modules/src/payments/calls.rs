//! What changes accounts: authorize, load, decide, store, emit.

mod accounts;
mod banks;
pub(super) mod settlement;

use qiao_module_kit::{Context, Outcome, ensure, money::Currency};

pub(super) use accounts::*;
pub(super) use banks::*;
pub(super) use settlement::*;

use super::{
    abi::IPayments::*,
    rules::{self, Posting},
    storage,
    types::{Account, AccountId, AccountState, Debt, Payment},
};
use crate::members::{self, OrganisationId};

/// The organisation for which the caller signs.
fn signer(context: &mut Context<'_>) -> Outcome<OrganisationId> {
    members::require_signer(context, context.caller())
}

/// An account of the organisation for which the caller signs.
fn own_account(context: &mut Context<'_>, number: u64) -> Outcome<(AccountId, Account)> {
    let organisation = signer(context)?;
    owned_by(context, organisation, number)
}

fn owned_by(
    context: &mut Context<'_>,
    owner: OrganisationId,
    number: u64,
) -> Outcome<(AccountId, Account)> {
    let id = AccountId::new(number);
    let account = storage::account(context, id)?;
    ensure(account.owner == owner, || NotAccountOwner {
        account: number,
        organisation: owner.get(),
    })?;
    Ok((id, account))
}

fn require_state(id: AccountId, account: &Account, states: &[AccountState]) -> Outcome<()> {
    ensure(states.contains(&account.state), || WrongAccountState {
        account: id.get(),
        state: account.state as u8,
    })
}

/// Takes an amount out of an open account.
fn debit(
    context: &mut Context<'_>,
    id: AccountId,
    mut account: Account,
    amount: u64,
) -> Outcome<()> {
    require_state(id, &account, &[AccountState::Open])?;
    let available = account.balance;
    account.balance = available.checked_sub(amount).ok_or(InsufficientFunds {
        account: id.get(),
        asked: amount,
        available,
    })?;
    storage::set_account(context, id, &account)
}

/// Puts an amount into an account that is not closed.
fn credit(
    context: &mut Context<'_>,
    id: AccountId,
    mut account: Account,
    amount: u64,
) -> Outcome<()> {
    require_state(id, &account, &[AccountState::Open, AccountState::Blocked])?;
    account.balance = account
        .balance
        .checked_add(amount)
        .ok_or_else(|| rules::invalid("amount", "the balance would exceed 64 bits"))?;
    storage::set_account(context, id, &account)
}

fn post(
    context: &mut Context<'_>,
    bank: OrganisationId,
    currency: Currency,
    posting: Posting,
    amount: u64,
) -> Outcome<()> {
    storage::update_sheet(context, bank, currency, |sheet| rules::post(sheet, posting, amount))
}

/// A UETR stands for one payment.
fn require_new(context: &mut Context<'_>, uetr: u128) -> Outcome<()> {
    ensure(uetr != 0, || rules::invalid("uetr", "must not be 0"))?;
    let is_new = storage::payment(context, uetr)?.amount == 0;
    ensure(is_new, || UetrUsed { uetr })
}

/// What moves: everything but the right to move it.
struct Transfer {
    uetr: u128,
    payer: u64,
    payee: u64,
    amount: u64,
    remittance: String,
}

/// Moves money from an account of `owner` to another account, within a bank or between two.
fn transfer(context: &mut Context<'_>, owner: OrganisationId, transfer: Transfer) -> Outcome<()> {
    let Transfer { uetr, amount, remittance, .. } = transfer;
    rules::check_amount(amount)?;
    rules::check_remittance(&remittance)?;
    require_new(context, uetr)?;
    let (payer, from) = owned_by(context, owner, transfer.payer)?;
    let payee = AccountId::new(transfer.payee);
    ensure(payer != payee, || rules::invalid("payee", "must be another account than the payer"))?;
    let to = storage::account(context, payee)?;
    let currency = from.currency;
    ensure(to.currency == currency, || CurrencyDiffers {
        account: payee.get(),
        currency: to.currency.number(),
        expected: currency.number(),
    })?;
    let (debtor, creditor) = (from.bank, to.bank);
    debit(context, payer, from, amount)?;
    credit(context, payee, to, amount)?;
    if creditor != debtor {
        owe(context, creditor, debtor, currency, amount)?;
    }
    let time = context.block_time();
    storage::set_payment(context, uetr, &Payment { payer, payee, amount, time })?;
    let (payer, payee) = (payer.get(), payee.get());
    let currency = currency.number();
    context.emit(Paid { uetr, payer, payee, amount, currency, remittance })
}

/// The payer's bank owes the payee's bank so much more, if that bank lets it.
fn owe(
    context: &mut Context<'_>,
    creditor: OrganisationId,
    debtor: OrganisationId,
    currency: Currency,
    amount: u64,
) -> Outcome<()> {
    let Debt { owed, limit } = storage::debt(context, creditor, debtor, currency)?;
    let left = limit.saturating_sub(owed);
    ensure(amount <= left, || CreditExceeded {
        creditor: creditor.get(),
        debtor: debtor.get(),
        asked: amount,
        left,
    })?;
    post(context, debtor, currency, Posting::Outgoing, amount)?;
    post(context, creditor, currency, Posting::Incoming, amount)?;
    set_owed(context, creditor, debtor, currency, Debt { owed: owed + amount, limit })
}

fn set_owed(
    context: &mut Context<'_>,
    creditor: OrganisationId,
    debtor: OrganisationId,
    currency: Currency,
    debt: Debt,
) -> Outcome<()> {
    storage::set_debt(context, creditor, debtor, currency, &debt)?;
    context.emit(DebtChanged {
        creditor: creditor.get(),
        debtor: debtor.get(),
        currency: currency.number(),
        owed: debt.owed,
    })
}
