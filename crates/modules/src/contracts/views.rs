//! What can be asked of `contracts`.

use alloy_primitives::Address;
use qiao_module_kit::{Context, Outcome, ensure};

use super::{
    abi::IContracts::{self, *},
    storage,
    types::Creation,
};
use crate::members::{self, OrganisationId};

/// A contract; all zero where no transaction created one.
pub(super) fn contract_of(
    context: &mut Context<'_>,
    call: contractOfCall,
) -> Outcome<IContracts::Contract> {
    let target = call.target;
    let creation = storage::creation(context, target)?;
    let standing = storage::standing(context, target)?;
    let code_hash = match (creation.creator.is_zero(), standing.holders.is_none()) {
        (true, _) => Default::default(),
        (false, true) => context.code_hash(target)?,
        (false, false) => storage::true_code(context, target)?,
    };
    Ok(IContracts::Contract {
        organisation: owner(context, &creation)?.get(),
        creator: creation.creator,
        createdInBlock: creation.block,
        declared: standing.is_declared,
        upgradeable: standing.is_upgradeable,
        frozenBy: standing.holders.bits(),
        codeHash: code_hash,
        name: storage::name(context, target)?,
    })
}

/// Whether any authority holds a contract.
pub(super) fn is_frozen(context: &mut Context<'_>, call: isFrozenCall) -> Outcome<bool> {
    Ok(!storage::standing(context, call.target)?.holders.is_none())
}

/// The freeze of a contract by one authority; all zero where there is none.
pub(super) fn freeze_of(
    context: &mut Context<'_>,
    call: freezeOfCall,
) -> Outcome<IContracts::Freeze> {
    let freeze = storage::freeze(context, call.target, call.authority)?;
    Ok(IContracts::Freeze { by: freeze.by, since: freeze.since, reason: freeze.reason })
}

/// A proposal by number; all zero where there is none.
pub(super) fn proposal(
    context: &mut Context<'_>,
    call: proposalCall,
) -> Outcome<IContracts::Proposal> {
    let proposal = storage::proposal(context, call.id)?;
    Ok(IContracts::Proposal {
        target: proposal.target,
        organisation: proposal.organisation.get(),
        freezes: proposal.freezes,
        state: proposal.state as u8,
        approvals: proposal.approvals,
        until: proposal.until,
        reason: proposal.reason,
    })
}

/// Whether an organisation approves a proposal.
pub(super) fn has_approved(context: &mut Context<'_>, call: hasApprovedCall) -> Outcome<bool> {
    storage::has_approved(context, call.id, OrganisationId::new(call.organisation))
}

/// How many proposals there are.
pub(super) fn proposal_count(context: &mut Context<'_>, _: proposalCountCall) -> Outcome<u64> {
    storage::proposal_count(context)
}

/// How many organisations have a vote.
pub(super) fn voter_count(context: &mut Context<'_>, _: voterCountCall) -> Outcome<u32> {
    storage::voters(context)
}

/// Who created a contract.
pub(super) fn known(context: &mut Context<'_>, target: Address) -> Outcome<Creation> {
    let creation = storage::creation(context, target)?;
    ensure(!creation.creator.is_zero(), || UnknownContract { target })?;
    Ok(creation)
}

/// The organisation to which a contract belongs; none where its creator was no member.
pub(super) fn owner(context: &mut Context<'_>, creation: &Creation) -> Outcome<OrganisationId> {
    members::home_of(context, creation.creator)
}
