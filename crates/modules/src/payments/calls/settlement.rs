//! Delivery against payment: a part of a voucher and money move together, or neither does.

use qiao_module_kit::{Context, Outcome, ensure, position::PositionId};

use super::{Transfer, signer, transfer};
use crate::{
    members::OrganisationId,
    payments::{ADDRESS, abi::IPayments::*, storage, types::AccountId},
    receivables::{self, Due, FinancingId},
};

/// Buys a part of a voucher that is for sale.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - Those of `receivables::settle_sale` and of `pay`; `WrongPayee`, `CurrencyDiffers`.
pub(in crate::payments) fn buy_part(context: &mut Context<'_>, call: buyPartCall) -> Outcome<u64> {
    let buyer = signer(context)?;
    let position = PositionId::new(call.position);
    let (financing, due) = receivables::settle_sale(context, buyer, position, call.registration)?;
    let remittance = format!("purchase of part {}", call.position);
    settle(context, buyer, due, [call.payer, call.payee], call.uetr, remittance)?;
    let (uetr, position, financing) = (call.uetr, call.position, financing.get());
    context.emit(PartBought { uetr, position, financing })?;
    Ok(financing)
}

/// Pays an amount of a part of a voucher.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - Those of `receivables::settle_repayment` and of `pay`; `WrongPayee`, `CurrencyDiffers`.
pub(in crate::payments) fn pay_part(context: &mut Context<'_>, call: payPartCall) -> Outcome<()> {
    let payer = signer(context)?;
    let position = PositionId::new(call.position);
    let due = receivables::settle_repayment(context, position, call.amount)?;
    let remittance = format!("repayment of part {}", call.position);
    settle(context, payer, due, [call.payer, call.payee], call.uetr, remittance)?;
    context.emit(PartPaid { uetr: call.uetr, position: call.position, amount: call.amount })
}

/// Pays a part of an overdue voucher for its issuer, as guarantor, and receives it.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - Those of `receivables::settle_guarantee` and of `pay`; `WrongPayee`, `CurrencyDiffers`.
pub(in crate::payments) fn pay_guarantee(
    context: &mut Context<'_>,
    call: payGuaranteeCall,
) -> Outcome<()> {
    let guarantor = signer(context)?;
    let position = PositionId::new(call.position);
    let due = receivables::settle_guarantee(context, guarantor, position)?;
    let remittance = format!("guarantee of part {}", call.position);
    settle(context, guarantor, due, [call.payer, call.payee], call.uetr, remittance)?;
    context.emit(GuaranteePaid { uetr: call.uetr, position: call.position })
}

/// Pays a financed part back under recourse and receives it.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - Those of `receivables::settle_return` and of `pay`; `WrongPayee`, `CurrencyDiffers`.
pub(in crate::payments) fn pay_recourse(
    context: &mut Context<'_>,
    call: payRecourseCall,
) -> Outcome<()> {
    let seller = signer(context)?;
    let id = FinancingId::new(call.financing);
    let due = receivables::settle_return(context, seller, id)?;
    let remittance = format!("recourse of financing {}", call.financing);
    settle(context, seller, due, [call.payer, call.payee], call.uetr, remittance)?;
    context.emit(RecoursePaid { uetr: call.uetr, financing: call.financing })
}

/// How a sibling wants something paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// The payment's UETR.
    pub uetr: u128,
    /// The account that pays.
    pub payer: u64,
    /// The account that is paid.
    pub payee: u64,
    /// What for.
    pub remittance: String,
}

/// For siblings that made sure that `owner` signed: pays what is due from an account of the owner.
///
/// # Errors
/// Those of `pay`; `WrongPayee`, `CurrencyDiffers`.
pub fn pay_for(
    context: &mut Context<'_>,
    owner: OrganisationId,
    due: Due,
    instruction: Instruction,
) -> Outcome<()> {
    let Instruction { uetr, payer, payee, remittance } = instruction;
    context.on(ADDRESS, |context| settle(context, owner, due, [payer, payee], uetr, remittance))
}

/// Pays what is due, in its currency, to an account of who is to be paid.
fn settle(
    context: &mut Context<'_>,
    owner: OrganisationId,
    due: Due,
    [payer, payee]: [u64; 2],
    uetr: u128,
    remittance: String,
) -> Outcome<()> {
    let account = storage::account(context, AccountId::new(payee))?;
    let is_payee = account.owner == due.payee;
    ensure(is_payee, || WrongPayee { account: payee, payee: due.payee.get() })?;
    let (currency, expected) = (account.currency.number(), due.currency.number());
    ensure(currency == expected, || CurrencyDiffers { account: payee, currency, expected })?;
    let amount = due.amount;
    transfer(context, owner, Transfer { uetr, payer, payee, amount, remittance })
}
