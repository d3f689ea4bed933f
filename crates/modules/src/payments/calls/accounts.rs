//! Accounts: opened, blocked, closed, filled, emptied, paid from.

use qiao_module_kit::{Context, Outcome, ensure};

use super::{
    Transfer, credit, debit, own_account, post, require_new, require_state, signer, transfer,
};
use crate::{
    members::{self, OrganisationId},
    payments::{
        abi::IPayments::*,
        rules::{self, Posting},
        storage,
        types::{Account, AccountAct, AccountId, AccountState, Payment},
    },
};

/// Opens an account.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `InvalidPayment`, `NotLicensed`, `InvalidOwner`: the account cannot be.
pub(in crate::payments) fn open_account(
    context: &mut Context<'_>,
    call: openAccountCall,
) -> Outcome<u64> {
    let bank = signer(context)?;
    let currency = rules::currency(call.currency)?;
    let is_licensed = storage::sheet(context, bank, currency)?.is_licensed;
    ensure(is_licensed, || NotLicensed { bank: bank.get(), currency: call.currency })?;
    let owner = OrganisationId::new(call.owner);
    let is_active = members::is_organisation_active(context, owner)?;
    ensure(is_active, || InvalidOwner { organisation: call.owner })?;
    let account = Account { owner, bank, balance: 0, currency, state: AccountState::Open };
    let id = storage::add_account(context, &account)?;
    let (account, owner, bank) = (id.get(), call.owner, bank.get());
    context.emit(AccountOpened { account, owner, bank, currency: call.currency })?;
    Ok(id.get())
}

/// Blocks an account: nothing leaves it.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`, `InvalidText`; `NotAccountBank`.
/// - `UnknownAccount`, `WrongAccountState`.
pub(in crate::payments) fn block_account(
    context: &mut Context<'_>,
    call: blockAccountCall,
) -> Outcome<()> {
    members::require_text("reason", &call.reason, rules::REASON_BYTES_MAX)?;
    let (id, account) = kept_account(context, call.account)?;
    advance(context, id, account, AccountAct::Block)?;
    context.emit(AccountBlocked { account: call.account, reason: call.reason })
}

/// Unblocks an account.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotAccountBank`.
/// - `UnknownAccount`, `WrongAccountState`.
pub(in crate::payments) fn unblock_account(
    context: &mut Context<'_>,
    call: unblockAccountCall,
) -> Outcome<()> {
    let (id, account) = kept_account(context, call.account)?;
    advance(context, id, account, AccountAct::Unblock)?;
    context.emit(AccountUnblocked { account: call.account })
}

/// Closes an empty account.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotAccountOwner`.
/// - `UnknownAccount`, `WrongAccountState`, `AccountNotEmpty`.
pub(in crate::payments) fn close_account(
    context: &mut Context<'_>,
    call: closeAccountCall,
) -> Outcome<()> {
    let (id, account) = own_account(context, call.account)?;
    let balance = account.balance;
    ensure(balance == 0, || AccountNotEmpty { account: call.account, balance })?;
    advance(context, id, account, AccountAct::Close)?;
    context.emit(AccountClosed { account: call.account })
}

/// Issues money into an account.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotAccountBank`, `NotLicensed`.
/// - `UnknownAccount`, `WrongAccountState`, `InvalidPayment`.
pub(in crate::payments) fn deposit(context: &mut Context<'_>, call: depositCall) -> Outcome<()> {
    rules::check_amount(call.amount)?;
    rules::check_remittance(&call.remittance)?;
    issue(context, call.account, call.amount)?;
    let (account, amount) = (call.account, call.amount);
    context.emit(Deposited { account, amount, remittance: call.remittance })
}

/// Issues money into an account for a payment from outside of the chain.
///
/// # Errors
/// Those of `deposit`; `UetrUsed`.
pub(in crate::payments) fn receive_payment(
    context: &mut Context<'_>,
    call: receivePaymentCall,
) -> Outcome<()> {
    let receivePaymentCall { uetr, account, amount, remittance } = call;
    rules::check_amount(amount)?;
    rules::check_remittance(&remittance)?;
    require_new(context, uetr)?;
    issue(context, account, amount)?;
    let (payer, payee) = (AccountId::NONE, AccountId::new(account));
    let time = context.block_time();
    storage::set_payment(context, uetr, &Payment { payer, payee, amount, time })?;
    context.emit(PaymentArrived { uetr, account, amount, remittance })
}

/// Issues money into an account that the caller's bank keeps.
fn issue(context: &mut Context<'_>, account: u64, amount: u64) -> Outcome<()> {
    let (id, account) = kept_account(context, account)?;
    let (bank, currency) = (account.bank, account.currency);
    let is_licensed = storage::sheet(context, bank, currency)?.is_licensed;
    ensure(is_licensed, || NotLicensed { bank: bank.get(), currency: currency.number() })?;
    credit(context, id, account, amount)?;
    post(context, bank, currency, Posting::Deposit, amount)
}

/// Withdraws money.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotAccountOwner`.
/// - `UnknownAccount`, `WrongAccountState`, `InvalidPayment`, `InsufficientFunds`.
pub(in crate::payments) fn withdraw(context: &mut Context<'_>, call: withdrawCall) -> Outcome<()> {
    rules::check_amount(call.amount)?;
    rules::check_remittance(&call.remittance)?;
    let (id, account) = own_account(context, call.account)?;
    let (bank, currency) = (account.bank, account.currency);
    debit(context, id, account, call.amount)?;
    post(context, bank, currency, Posting::Withdrawal, call.amount)?;
    let (account, amount) = (call.account, call.amount);
    context.emit(Withdrawn { account, amount, remittance: call.remittance })
}

/// Pays from one account to another.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotAccountOwner`.
/// - `UnknownAccount`, `WrongAccountState`, `InvalidPayment`, `UetrUsed`, `CurrencyDiffers`.
/// - `InsufficientFunds`, `CreditExceeded`.
pub(in crate::payments) fn pay(context: &mut Context<'_>, call: payCall) -> Outcome<()> {
    let owner = signer(context)?;
    let payCall { uetr, payer, payee, amount, remittance } = call;
    transfer(context, owner, Transfer { uetr, payer, payee, amount, remittance })
}

/// An account that is kept by the bank for which the caller signs.
fn kept_account(context: &mut Context<'_>, number: u64) -> Outcome<(AccountId, Account)> {
    let bank = signer(context)?;
    let id = AccountId::new(number);
    let account = storage::account(context, id)?;
    let organisation = bank.get();
    ensure(account.bank == bank, || NotAccountBank { account: number, organisation })?;
    Ok((id, account))
}

/// Moves an account to its next state.
fn advance(
    context: &mut Context<'_>,
    id: AccountId,
    mut account: Account,
    act: AccountAct,
) -> Outcome<()> {
    match rules::after(account.state, act) {
        Some(state) => account.state = state,
        None => return require_state(id, &account, &[]),
    }
    storage::set_account(context, id, &account)
}
