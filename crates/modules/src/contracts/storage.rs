//! Where `contracts` keeps what it knows.

use alloy_primitives::{Address, B256};
use qiao_module_kit::{
    Context, Outcome, U256, layout,
    storage::{Map, Value},
};

use super::types::{Authority, Creation, Freeze, Proposal, Standing};
use crate::members::OrganisationId;

layout! { pub(super) fn layout();
    /// How many organisations have a vote: those that run validators, which the genesis decides.
    VOTERS: Value<u32>;
    /// The number of the last proposal; they are numbered from 1 without gaps.
    LAST_PROPOSAL: Value<u64>;
    /// Who created which contract; execution writes it after the transaction.
    CREATIONS: Map<Address, Creation>;
    /// What decides about a contract.
    STANDINGS: Map<Address, Standing>;
    /// What its owner calls it.
    NAMES: Map<Address, String>;
    /// The hash of the true code of a frozen contract.
    TRUE_CODES: Map<Address, B256>;
    /// Freezes by contract and authority.
    FREEZES: Map<(Address, u8), Freeze>;
    /// Proposals by number.
    PROPOSALS: Map<u64, Proposal>;
    /// Which organisation approves which proposal.
    APPROVALS: Map<(u64, OrganisationId), bool>;
}

/// Where execution leaves the [`Creation`] of a contract.
pub fn creation_slot(contract: Address) -> U256 {
    CREATIONS.slot(&contract)
}

pub(super) fn voters(context: &mut Context<'_>) -> Outcome<u32> {
    VOTERS.get(context)
}

pub(super) fn set_voters(context: &mut Context<'_>, count: u32) -> Outcome<()> {
    VOTERS.set(context, &count)
}

pub(super) fn creation(context: &mut Context<'_>, target: Address) -> Outcome<Creation> {
    CREATIONS.get(context, &target)
}

pub(super) fn standing(context: &mut Context<'_>, target: Address) -> Outcome<Standing> {
    STANDINGS.get(context, &target)
}

pub(super) fn set_standing(
    context: &mut Context<'_>,
    target: Address,
    standing: &Standing,
) -> Outcome<()> {
    STANDINGS.set(context, &target, standing)
}

pub(super) fn name(context: &mut Context<'_>, target: Address) -> Outcome<String> {
    NAMES.get(context, &target)
}

pub(super) fn set_name(context: &mut Context<'_>, target: Address, name: &String) -> Outcome<()> {
    NAMES.set(context, &target, name)
}

pub(super) fn true_code(context: &mut Context<'_>, target: Address) -> Outcome<B256> {
    TRUE_CODES.get(context, &target)
}

pub(super) fn set_true_code(context: &mut Context<'_>, target: Address, hash: B256) -> Outcome<()> {
    TRUE_CODES.set(context, &target, &hash)
}

pub(super) fn freeze(context: &mut Context<'_>, target: Address, authority: u8) -> Outcome<Freeze> {
    FREEZES.get(context, &(target, authority))
}

pub(super) fn set_freeze(
    context: &mut Context<'_>,
    target: Address,
    authority: Authority,
    freeze: &Freeze,
) -> Outcome<()> {
    FREEZES.set(context, &(target, authority.number()), freeze)
}

pub(super) fn proposal_count(context: &mut Context<'_>) -> Outcome<u64> {
    LAST_PROPOSAL.get(context)
}

/// Keeps a new proposal and returns its number.
pub(super) fn add_proposal(context: &mut Context<'_>, proposal: &Proposal) -> Outcome<u64> {
    let id = LAST_PROPOSAL.get(context)? + 1;
    LAST_PROPOSAL.set(context, &id)?;
    PROPOSALS.set(context, &id, proposal)?;
    Ok(id)
}

pub(super) fn proposal(context: &mut Context<'_>, id: u64) -> Outcome<Proposal> {
    PROPOSALS.get(context, &id)
}

pub(super) fn set_proposal(context: &mut Context<'_>, id: u64, proposal: &Proposal) -> Outcome<()> {
    PROPOSALS.set(context, &id, proposal)
}

pub(super) fn has_approved(
    context: &mut Context<'_>,
    id: u64,
    organisation: OrganisationId,
) -> Outcome<bool> {
    APPROVALS.get(context, &(id, organisation))
}

pub(super) fn set_approved(
    context: &mut Context<'_>,
    id: u64,
    organisation: OrganisationId,
    approves: bool,
) -> Outcome<()> {
    APPROVALS.set(context, &(id, organisation), &approves)
}
