//! What becomes due: repaid, overdue, guaranteed, written off.

use qiao_module_kit::{Context, Outcome, ensure, position::PositionId};

use super::{advance, party, payee, require_role, signer, voucher_of};
use crate::{
    members::{self, OrganisationId},
    receivables::{
        abi::IReceivables::*,
        rules,
        storage::{self, BOOK},
        types::{Voucher, VoucherAct, VoucherState},
        views,
    },
};

/// Voucher states in which somebody can pay.
const OWED: [VoucherState; 2] = [VoucherState::Live, VoucherState::Overdue];

/// Acknowledges that the issuer paid an amount of a part.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotInRole`: the caller may not.
/// - `WrongVoucherState`; the refusals of `position`.
pub(in crate::receivables) fn acknowledge(
    context: &mut Context<'_>,
    call: acknowledgeCall,
) -> Outcome<()> {
    let by = signer(context)?;
    let position = PositionId::new(call.position);
    let payee = payee(context, position)?;
    require_role(payee == by, by, "payee")?;
    repay(context, position, call.amount)
}

/// Passes a part of an overdue voucher to the guarantor, who paid it outside of the chain.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotInRole`: the caller may not.
/// - `WrongVoucherState`, `InvalidParty`; the refusals of `position`.
pub(in crate::receivables) fn pass_to_guarantor(
    context: &mut Context<'_>,
    call: passToGuarantorCall,
) -> Outcome<()> {
    let holder = signer(context)?;
    subrogate(context, holder, PositionId::new(call.position))
}

/// Notes that a voucher was not paid in full on its day.
///
/// # Errors
/// - `UnknownVoucher`, `WrongVoucherState`, `NotDue`.
pub(in crate::receivables) fn mark_overdue(
    context: &mut Context<'_>,
    call: markOverdueCall,
) -> Outcome<()> {
    let id = PositionId::new(call.voucher);
    let mut voucher = storage::voucher(context, id)?;
    advance(id, &mut voucher, VoucherAct::FallDue)?;
    let today = views::today(context, voucher.pack)?;
    let due = voucher.due.yyyymmdd();
    ensure(today > voucher.due, || NotDue { voucher: id.get(), due })?;
    storage::set_voucher(context, id, &voucher)?;
    storage::add_overdue(context, id, voucher.issuer)?;
    let outstanding = BOOK.issued(context, id)?.outstanding();
    context.emit(VoucherOverdue { voucher: id.get(), issuer: voucher.issuer.get(), outstanding })
}

/// Gives up a part of an overdue voucher.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`, `InvalidText`; `NotInRole`.
/// - `WrongVoucherState`; the refusals of `position`.
pub(in crate::receivables) fn write_off(
    context: &mut Context<'_>,
    call: writeOffCall,
) -> Outcome<()> {
    let holder = signer(context)?;
    members::require_text("reason", &call.reason, rules::REASON_BYTES_MAX)?;
    let position = PositionId::new(call.position);
    let (root, mut voucher) = voucher_of(context, position, &[VoucherState::Overdue])?;
    let payee = payee(context, position)?;
    let part = BOOK.get(context, position)?;
    let is_own = part.holder == party(holder) && payee == holder;
    require_role(is_own, holder, "holder of a part that is not pledged")?;
    BOOK.redeem(context, position, part.amount)?;
    voucher.written_off += part.amount;
    let (position, amount) = (call.position, part.amount);
    context.emit(PartWrittenOff { position, voucher: root.get(), amount, reason: call.reason })?;
    reduce(context, root, voucher, amount)
}

/// Takes an amount off what the issuer owes on a part.
pub(in crate::receivables) fn repay(
    context: &mut Context<'_>,
    position: PositionId,
    amount: u64,
) -> Outcome<()> {
    let (root, mut voucher) = voucher_of(context, position, &OWED)?;
    let left = BOOK.redeem(context, position, amount)?;
    voucher.repaid += amount;
    context.emit(PartRepaid { position: position.get(), voucher: root.get(), amount, left })?;
    reduce(context, root, voucher, amount)
}

/// Passes a part of an overdue voucher from its holder to the guarantor.
pub(in crate::receivables) fn subrogate(
    context: &mut Context<'_>,
    holder: OrganisationId,
    position: PositionId,
) -> Outcome<()> {
    let (_, voucher) = voucher_of(context, position, &[VoucherState::Overdue])?;
    let guarantor = voucher.guarantor;
    ensure(!guarantor.is_none(), || InvalidParty {
        organisation: 0,
        role: "guarantor".to_owned(),
    })?;
    let amount = BOOK.get(context, position)?.amount;
    BOOK.transfer(context, party(holder), position, party(guarantor))?;
    storage::add_holding(context, guarantor, position)?;
    context.emit(GuarantorPaid { position: position.get(), guarantor: guarantor.get(), amount })
}

/// The issuer owes less; a voucher of which nothing is left is closed.
///
/// Who paid everything that was overdue leaves the list of the overdue; who had something written
/// off does not.
fn reduce(
    context: &mut Context<'_>,
    root: PositionId,
    mut voucher: Voucher,
    amount: u64,
) -> Outcome<()> {
    storage::lower_exposure(context, &voucher, amount)?;
    let is_over = BOOK.issued(context, root)?.outstanding() == 0;
    if is_over {
        let was_overdue = voucher.state == VoucherState::Overdue;
        if was_overdue && voucher.written_off == 0 {
            storage::settle_overdue(context, voucher.issuer)?;
        }
        advance(root, &mut voucher, VoucherAct::Close)?;
    }
    storage::set_voucher(context, root, &voucher)?;
    if is_over { context.emit(VoucherClosed { voucher: root.get() }) } else { Ok(()) }
}
