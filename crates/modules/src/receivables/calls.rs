//! What changes vouchers: authorize, load, decide, store, emit.

mod duties;
mod issuing;
mod parts;
mod sales;
pub(super) mod settling;

use qiao_module_kit::{
    Context, Outcome, ensure,
    position::{Party, PositionId},
};

pub(super) use duties::*;
pub(super) use issuing::*;
pub(super) use parts::*;
pub(super) use sales::*;

use super::{
    abi::IReceivables::{InvalidParty, NotInRole, WrongVoucherState},
    rules, storage,
    types::{Voucher, VoucherAct, VoucherState},
};
use crate::members::{self, OrganisationId};

/// The organisation for which the caller signs.
fn signer(context: &mut Context<'_>) -> Outcome<OrganisationId> {
    members::require_signer(context, context.caller())
}

fn party(organisation: OrganisationId) -> Party {
    Party::new(organisation.get())
}

fn organisation(party: Party) -> OrganisationId {
    OrganisationId::new(party.get())
}

fn require_role(is_in_role: bool, organisation: OrganisationId, role: &str) -> Outcome<()> {
    ensure(is_in_role, || NotInRole { organisation: organisation.get(), role: role.to_owned() })
}

/// An active organisation that is not the one that already has the other role.
fn counterparty(
    context: &mut Context<'_>,
    number: u64,
    other: OrganisationId,
    role: &str,
) -> Outcome<OrganisationId> {
    let organisation = OrganisationId::new(number);
    let is_active = members::is_organisation_active(context, organisation)?;
    ensure(is_active && organisation != other, || InvalidParty {
        organisation: number,
        role: role.to_owned(),
    })?;
    Ok(organisation)
}

/// Moves a voucher to its next state.
fn advance(id: PositionId, voucher: &mut Voucher, act: VoucherAct) -> Outcome<()> {
    let refusal = WrongVoucherState { voucher: id.get(), state: voucher.state as u8 };
    voucher.state = rules::after(voucher.state, act).ok_or(refusal)?;
    Ok(())
}

/// The voucher of a part, if it is in one of these states.
fn voucher_of(
    context: &mut Context<'_>,
    position: PositionId,
    states: &[VoucherState],
) -> Outcome<(PositionId, Voucher)> {
    let root = storage::BOOK.get(context, position)?.root;
    let voucher = storage::voucher(context, root)?;
    ensure(states.contains(&voucher.state), || WrongVoucherState {
        voucher: root.get(),
        state: voucher.state as u8,
    })?;
    Ok((root, voucher))
}
