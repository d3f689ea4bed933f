//! What can be asked of `payments`.

use qiao_module_kit::{Context, Outcome, page};

use super::{
    abi::IPayments::{self, *},
    rules, storage,
    types::AccountId,
};
use crate::members::OrganisationId;

/// An account; all zero where there is none.
pub(super) fn account(context: &mut Context<'_>, call: accountCall) -> Outcome<IPayments::Account> {
    let account = storage::account_or_none(context, AccountId::new(call.id))?;
    Ok(IPayments::Account {
        owner: account.owner.get(),
        bank: account.bank.get(),
        currency: account.currency.number(),
        balance: account.balance,
        state: account.state as u8,
    })
}

/// The accounts of an owner.
pub(super) fn accounts_of(context: &mut Context<'_>, call: accountsOfCall) -> Outcome<Vec<u64>> {
    let owner = OrganisationId::new(call.owner);
    page(context, call.from, call.count, |context, index| {
        Ok(storage::account_of(context, owner, index)?.map(AccountId::get))
    })
}

/// The books of a bank in a currency.
pub(super) fn sheet(context: &mut Context<'_>, call: sheetCall) -> Outcome<IPayments::Sheet> {
    let currency = rules::currency(call.currency)?;
    let sheet = storage::sheet(context, OrganisationId::new(call.bank), currency)?;
    Ok(IPayments::Sheet {
        deposited: sheet.deposited,
        claims: sheet.claims,
        withdrawn: sheet.withdrawn,
        balances: sheet.balances,
        debts: sheet.debts,
        licensed: sheet.is_licensed,
    })
}

/// What a bank owes another, and how much it may.
pub(super) fn debt(context: &mut Context<'_>, call: debtCall) -> Outcome<(u64, u64)> {
    let currency = rules::currency(call.currency)?;
    let (creditor, debtor) = (OrganisationId::new(call.creditor), OrganisationId::new(call.debtor));
    let debt = storage::debt(context, creditor, debtor, currency)?;
    Ok((debt.owed, debt.limit))
}

/// A payment; all zero where there is none.
pub(super) fn payment(context: &mut Context<'_>, call: paymentCall) -> Outcome<IPayments::Payment> {
    let payment = storage::payment(context, call.uetr)?;
    Ok(IPayments::Payment {
        payer: payment.payer.get(),
        payee: payment.payee.get(),
        amount: payment.amount,
        time: payment.time,
    })
}
