//! Between banks: licence, credit, settlement, netting.

use qiao_module_kit::{Context, Outcome, ensure};

use super::{post, set_owed, signer};
use crate::{
    members::{self, OrganisationId},
    payments::{
        abi::IPayments::*,
        rules::{self, Posting},
        storage,
        types::Debt,
    },
};

/// Licenses a bank for a currency, or takes the licence back.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotRegulator`: the caller may not.
/// - `InvalidPayment`, `InvalidOwner`.
pub(in crate::payments) fn license_bank(
    context: &mut Context<'_>,
    call: licenseBankCall,
) -> Outcome<()> {
    members::require_regulator(context, context.caller())?;
    let currency = rules::currency(call.currency)?;
    let bank = OrganisationId::new(call.bank);
    let is_active = members::is_organisation_active(context, bank)?;
    ensure(is_active, || InvalidOwner { organisation: call.bank })?;
    storage::update_sheet(context, bank, currency, |sheet| {
        sheet.is_licensed = call.licensed;
        Ok(())
    })?;
    let (bank, currency, licensed) = (call.bank, call.currency, call.licensed);
    context.emit(BankLicensed { bank, currency, licensed })
}

/// Says how much another bank may owe the caller's.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotLicensed`.
/// - `InvalidPayment`.
pub(in crate::payments) fn set_credit(
    context: &mut Context<'_>,
    call: setCreditCall,
) -> Outcome<()> {
    let creditor = signer(context)?;
    let currency = rules::currency(call.currency)?;
    let debtor = OrganisationId::new(call.debtor);
    ensure(debtor != creditor, || rules::invalid("debtor", "must be another bank"))?;
    for bank in [creditor, debtor] {
        let is_licensed = storage::sheet(context, bank, currency)?.is_licensed;
        ensure(is_licensed, || NotLicensed { bank: bank.get(), currency: call.currency })?;
    }
    let owed = storage::debt(context, creditor, debtor, currency)?.owed;
    let debt = Debt { owed, limit: call.limit };
    storage::set_debt(context, creditor, debtor, currency, &debt)?;
    context.emit(CreditSet {
        creditor: creditor.get(),
        debtor: call.debtor,
        currency: call.currency,
        limit: call.limit,
    })
}

/// Acknowledges that another bank settled a debt outside of the chain.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `InvalidPayment`, `NotOwed`.
pub(in crate::payments) fn acknowledge_settlement(
    context: &mut Context<'_>,
    call: acknowledgeSettlementCall,
) -> Outcome<()> {
    let creditor = signer(context)?;
    let currency = rules::currency(call.currency)?;
    rules::check_amount(call.amount)?;
    let debtor = OrganisationId::new(call.debtor);
    let Debt { owed, limit } = storage::debt(context, creditor, debtor, currency)?;
    let left = owed.checked_sub(call.amount).ok_or(NotOwed {
        creditor: creditor.get(),
        debtor: call.debtor,
        asked: call.amount,
        owed,
    })?;
    post(context, debtor, currency, Posting::DebtSettled, call.amount)?;
    post(context, creditor, currency, Posting::ClaimSettled, call.amount)?;
    set_owed(context, creditor, debtor, currency, Debt { owed: left, limit })
}

/// Nets what two banks owe each other.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `InvalidPayment`, `NotOwed`: there is nothing to net.
pub(in crate::payments) fn net(context: &mut Context<'_>, call: netCall) -> Outcome<()> {
    let one = signer(context)?;
    let currency = rules::currency(call.currency)?;
    let other = OrganisationId::new(call.bank);
    let claim = storage::debt(context, one, other, currency)?;
    let debt = storage::debt(context, other, one, currency)?;
    let amount = claim.owed.min(debt.owed);
    ensure(amount > 0 && one != other, || NotOwed {
        creditor: one.get(),
        debtor: call.bank,
        asked: 0,
        owed: 0,
    })?;
    for bank in [one, other] {
        post(context, bank, currency, Posting::Netted, amount)?;
    }
    let claim = Debt { owed: claim.owed - amount, ..claim };
    let debt = Debt { owed: debt.owed - amount, ..debt };
    set_owed(context, one, other, currency, claim)?;
    set_owed(context, other, one, currency, debt)
}
