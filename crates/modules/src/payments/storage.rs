//! Where `payments` keeps what it knows.

use qiao_module_kit::{
    Context, Outcome, ensure, layout,
    money::Currency,
    storage::{Lists, Map, Value},
};

use super::{
    abi::IPayments::UnknownAccount,
    types::{Account, AccountId, AccountState, Debt, Payment, Sheet},
};
use crate::members::OrganisationId;

layout! { pub(super) fn layout();
    /// The number of the last account; they are numbered from 1.
    LAST_ACCOUNT: Value<AccountId>;
    /// Accounts.
    ACCOUNTS: Map<AccountId, Account>;
    /// Accounts by owner.
    ACCOUNTS_OF: Lists<OrganisationId, AccountId>;
    /// The books of banks.
    SHEETS: Map<(OrganisationId, Currency), Sheet>;
    /// What banks owe each other: by creditor, debtor and currency.
    DEBTS: Map<(OrganisationId, (OrganisationId, Currency)), Debt>;
    /// Payments by UETR.
    PAYMENTS: Map<u128, Payment>;
}

/// An account that is there.
pub(super) fn account(context: &mut Context<'_>, id: AccountId) -> Outcome<Account> {
    let account = ACCOUNTS.get(context, &id)?;
    let is_known = account.state != AccountState::None;
    ensure(is_known, || UnknownAccount { account: id.get() })?;
    Ok(account)
}

/// An account, or zeros.
pub(super) fn account_or_none(context: &mut Context<'_>, id: AccountId) -> Outcome<Account> {
    ACCOUNTS.get(context, &id)
}

pub(super) fn set_account(
    context: &mut Context<'_>,
    id: AccountId,
    account: &Account,
) -> Outcome<()> {
    ACCOUNTS.set(context, &id, account)
}

/// Keeps a new account and finds it again by its owner.
pub(super) fn add_account(context: &mut Context<'_>, account: &Account) -> Outcome<AccountId> {
    let id = AccountId::new(LAST_ACCOUNT.get(context)?.get() + 1);
    LAST_ACCOUNT.set(context, &id)?;
    set_account(context, id, account)?;
    ACCOUNTS_OF.push(context, &account.owner, id)?;
    Ok(id)
}

pub(super) fn account_of(
    context: &mut Context<'_>,
    owner: OrganisationId,
    index: u64,
) -> Outcome<Option<AccountId>> {
    ACCOUNTS_OF.get(context, &owner, index)
}

pub(super) fn sheet(
    context: &mut Context<'_>,
    bank: OrganisationId,
    currency: Currency,
) -> Outcome<Sheet> {
    SHEETS.get(context, &(bank, currency))
}

pub(super) fn update_sheet(
    context: &mut Context<'_>,
    bank: OrganisationId,
    currency: Currency,
    change: impl FnOnce(&mut Sheet) -> Outcome<()>,
) -> Outcome<()> {
    SHEETS.update(context, &(bank, currency), change)
}

pub(super) fn debt(
    context: &mut Context<'_>,
    creditor: OrganisationId,
    debtor: OrganisationId,
    currency: Currency,
) -> Outcome<Debt> {
    DEBTS.get(context, &(creditor, (debtor, currency)))
}

pub(super) fn set_debt(
    context: &mut Context<'_>,
    creditor: OrganisationId,
    debtor: OrganisationId,
    currency: Currency,
    debt: &Debt,
) -> Outcome<()> {
    DEBTS.set(context, &(creditor, (debtor, currency)), debt)
}

pub(super) fn payment(context: &mut Context<'_>, uetr: u128) -> Outcome<Payment> {
    PAYMENTS.get(context, &uetr)
}

pub(super) fn set_payment(context: &mut Context<'_>, uetr: u128, payment: &Payment) -> Outcome<()> {
    PAYMENTS.set(context, &uetr, payment)
}
