//! Parts of vouchers: split, merged, passed on, pledged, frozen.

use qiao_module_kit::{Context, Outcome, ensure, position::PositionId};

use super::{counterparty, organisation, party, signer, voucher_of};
use crate::{
    members::{self, OrganisationId},
    receivables::{
        abi::IReceivables::*,
        rules,
        storage::{self, BOOK},
        types::VoucherState,
        views,
    },
};

/// Splits a part off.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `WrongVoucherState`; the refusals of `position`.
pub(in crate::receivables) fn split(context: &mut Context<'_>, call: splitCall) -> Outcome<u64> {
    let holder = signer(context)?;
    let position = PositionId::new(call.position);
    voucher_of(context, position, &[VoucherState::Live])?;
    let part = BOOK.split(context, party(holder), position, call.amount)?;
    storage::add_holding(context, holder, part)?;
    context.emit(PartSplit { position: call.position, part: part.get(), amount: call.amount })?;
    Ok(part.get())
}

/// Merges a part of a voucher into another.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `WrongVoucherState`; the refusals of `position`.
pub(in crate::receivables) fn merge(context: &mut Context<'_>, call: mergeCall) -> Outcome<()> {
    let holder = signer(context)?;
    let (into, other) = (PositionId::new(call.into), PositionId::new(call.other));
    voucher_of(context, into, &[VoucherState::Live, VoucherState::Overdue])?;
    let amount = BOOK.get(context, other)?.amount;
    BOOK.merge(context, party(holder), into, other)?;
    context.emit(PartsMerged { into: call.into, ended: call.other, amount })
}

/// Passes an amount of a part on, in payment of the holder's own debt; returns the part that moved.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `InvalidParty`, `WrongVoucherState`; the refusals of `position`.
pub(in crate::receivables) fn pass(context: &mut Context<'_>, call: passCall) -> Outcome<u64> {
    let holder = signer(context)?;
    let position = PositionId::new(call.position);
    voucher_of(context, position, &[VoucherState::Live])?;
    let to = counterparty(context, call.to, holder, "receiver")?;
    let is_whole = BOOK.get(context, position)?.amount == call.amount;
    let part = if is_whole {
        position
    } else {
        BOOK.split(context, party(holder), position, call.amount)?
    };
    BOOK.transfer(context, party(holder), part, party(to))?;
    storage::add_holding(context, to, part)?;
    context.emit(PartPassed {
        position: call.position,
        part: part.get(),
        from: holder.get(),
        to: call.to,
        amount: call.amount,
    })?;
    Ok(part.get())
}

/// Pledges a part.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `InvalidParty`, `WrongVoucherState`; the refusals of `position`.
pub(in crate::receivables) fn pledge(context: &mut Context<'_>, call: pledgeCall) -> Outcome<()> {
    let holder = signer(context)?;
    let position = PositionId::new(call.position);
    voucher_of(context, position, &[VoucherState::Live])?;
    let pledgee = counterparty(context, call.pledgee, holder, "pledgee")?;
    BOOK.pledge(context, party(holder), position, party(pledgee))?;
    context.emit(PartPledged { position: call.position, pledgee: call.pledgee })
}

/// Releases a pledged part.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `WrongSaleState`: it is for sale, not pledged; the refusals of `position`.
pub(in crate::receivables) fn release_pledge(
    context: &mut Context<'_>,
    call: releasePledgeCall,
) -> Outcome<()> {
    let pledgee = signer(context)?;
    release(context, pledgee, PositionId::new(call.position))
}

/// Takes a pledged part of a voucher whose day has come.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `NotDue`, `WrongVoucherState`; the refusals of `position`.
pub(in crate::receivables) fn enforce_pledge(
    context: &mut Context<'_>,
    call: enforcePledgeCall,
) -> Outcome<()> {
    let pledgee = signer(context)?;
    let position = pledged(context, call.position)?;
    let states = [VoucherState::Live, VoucherState::Overdue];
    let (root, voucher) = voucher_of(context, position, &states)?;
    let today = views::today(context, voucher.pack)?;
    let due = voucher.due.yyyymmdd();
    ensure(today > voucher.due, || NotDue { voucher: root.get(), due })?;
    BOOK.take(context, party(pledgee), position)?;
    storage::add_holding(context, pledgee, position)?;
    context.emit(PledgeEnforced { position: call.position, pledgee: pledgee.get() })
}

/// Freezes a part.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotRegulator`, `InvalidText`.
/// - The refusals of `position`.
pub(in crate::receivables) fn freeze_part(
    context: &mut Context<'_>,
    call: freezePartCall,
) -> Outcome<()> {
    let by = context.caller();
    members::require_regulator(context, by)?;
    members::require_text("reason", &call.reason, rules::REASON_BYTES_MAX)?;
    BOOK.freeze(context, PositionId::new(call.position))?;
    context.emit(PartFrozen { position: call.position, by, reason: call.reason })
}

/// Unfreezes a part.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotRegulator`.
/// - The refusals of `position`.
pub(in crate::receivables) fn unfreeze_part(
    context: &mut Context<'_>,
    call: unfreezePartCall,
) -> Outcome<()> {
    let by = context.caller();
    members::require_regulator(context, by)?;
    BOOK.unfreeze(context, PositionId::new(call.position))?;
    context.emit(PartUnfrozen { position: call.position, by })
}

/// Releases a part for its pledgee.
pub(in crate::receivables) fn release(
    context: &mut Context<'_>,
    pledgee: OrganisationId,
    position: PositionId,
) -> Outcome<()> {
    let position = pledged(context, position.get())?;
    BOOK.release(context, party(pledgee), position)?;
    context.emit(PledgeReleased { position: position.get(), pledgee: pledgee.get() })
}

/// A part that is pledged, rather than locked for a sale.
fn pledged(context: &mut Context<'_>, position: u64) -> Outcome<PositionId> {
    let id = PositionId::new(position);
    let is_sale = storage::sale(context, id)?.is_open;
    ensure(!is_sale, || WrongSaleState { position, accepted: false })?;
    Ok(id)
}

/// Who is to be paid for a part: the pledgee of a pledged one, else the holder.
pub(in crate::receivables) fn payee(
    context: &mut Context<'_>,
    position: PositionId,
) -> Outcome<OrganisationId> {
    let part = BOOK.get(context, position)?;
    let payee = if part.beneficiary.is_none() { part.holder } else { part.beneficiary };
    Ok(organisation(payee))
}
