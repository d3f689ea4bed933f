//! What changes contracts: authorize, load, decide, store, emit.

use alloy_primitives::{Address, B256};
use qiao_module_kit::{Context, Outcome, ensure};

use super::{
    abi::IContracts::*,
    rules, storage,
    types::{Authority, Freeze, Holders, Proposal, ProposalAct, ProposalState, Standing},
    views,
};
use crate::members::{self, Membership, OrganisationId, Role};

/// Says once what a contract is called and whether it may be upgraded.
///
/// # Errors
/// - `UnknownContract`, `NotOwner`, `NotMember`, `NotAdmin`: the caller may not.
/// - `InvalidText`: the name breaks a rule.
/// - `DeclaredAlready`: it was.
pub(super) fn declare(context: &mut Context<'_>, call: declareCall) -> Outcome<()> {
    let (caller, target) = (context.caller(), call.target);
    let creation = views::known(context, target)?;
    if creation.creator != caller {
        members::require_admin(context, caller)?;
    }
    let organisation = require_owner(context, target)?.organisation;
    members::require_text("name", &call.name, rules::NAME_BYTES_MAX)?;
    let mut standing = storage::standing(context, target)?;
    ensure(!standing.is_declared, || DeclaredAlready { target })?;
    standing.is_declared = true;
    standing.is_upgradeable = call.upgradeable;
    storage::set_standing(context, target, &standing)?;
    storage::set_name(context, target, &call.name)?;
    context.emit(ContractDeclared {
        target,
        organisation: organisation.get(),
        name: call.name,
        upgradeable: call.upgradeable,
    })
}

/// Gives up upgrades for ever.
///
/// # Errors
/// - `UnknownContract`, `NotOwner`, `NotMember`, `NotAdmin`: the caller may not.
/// - `NotUpgradeable`: there is nothing to give up.
pub(super) fn renounce_upgrades(
    context: &mut Context<'_>,
    call: renounceUpgradesCall,
) -> Outcome<()> {
    let target = call.target;
    require_owners_admin(context, target)?;
    let mut standing = upgradeable(context, target)?;
    standing.is_upgradeable = false;
    storage::set_standing(context, target, &standing)?;
    let by = context.caller();
    context.emit(UpgradesRenounced { target, by })
}

/// Gives a contract the code of another.
///
/// # Errors
/// - `UnknownContract`, `NotOwner`, `NotMember`, `NotAdmin`, `NotDeployer`: the caller may not.
/// - `NotUpgradeable`: nobody may.
/// - `ContractFrozen`: one of the two is.
/// - `SameCode`: nothing would change.
pub(super) fn upgrade(context: &mut Context<'_>, call: upgradeCall) -> Outcome<()> {
    let upgradeCall { target, implementation } = call;
    let caller = context.caller();
    let owner = require_owners_admin(context, target)?;
    ensure(owner.roles.has(Role::Deployer), || NotDeployer { caller })?;
    let standing = upgradeable(context, target)?;
    ensure(standing.holders.is_none(), || ContractFrozen { target })?;
    views::known(context, implementation)?;
    let source = storage::standing(context, implementation)?;
    ensure(source.holders.is_none(), || ContractFrozen { target: implementation })?;
    let before = context.code_hash(target)?;
    let after = context.code_hash(implementation)?;
    ensure(before != after, || SameCode { target, implementation })?;
    context.share_code(target, after)?;
    context.emit(ContractUpgraded {
        target,
        implementation,
        codeHashBefore: before,
        codeHashAfter: after,
    })
}

/// Stops a contract.
///
/// # Errors
/// - `UnknownContract`, `NotOwner`, `NotMember`, `NotActive`, `NotAdmin`: the caller may not.
/// - `InvalidText`: the reason breaks a rule.
/// - `FrozenAlready`: this authority holds it.
pub(super) fn freeze(context: &mut Context<'_>, call: freezeCall) -> Outcome<()> {
    views::known(context, call.target)?;
    let authority = authority(context, call.target)?;
    members::require_text("reason", &call.reason, rules::REASON_BYTES_MAX)?;
    impose(context, call.target, authority, call.reason)
}

/// Lifts the freeze of the caller's authority.
///
/// # Errors
/// - `UnknownContract`, `NotOwner`, `NotMember`, `NotActive`, `NotAdmin`: the caller may not.
/// - `NotFrozenBy`: this authority does not hold it.
pub(super) fn unfreeze(context: &mut Context<'_>, call: unfreezeCall) -> Outcome<()> {
    views::known(context, call.target)?;
    let authority = authority(context, call.target)?;
    lift(context, call.target, authority)
}

/// Proposes to freeze or unfreeze a contract with the validators' authority.
///
/// # Errors
/// - `NotMember`, `NotAdmin`, `NotVoter`: the caller may not.
/// - `UnknownContract`, `InvalidText`, `InvalidVoteTime`: the proposal breaks a rule.
/// - `FrozenAlready`, `NotFrozenBy`: it could not take effect.
pub(super) fn propose(context: &mut Context<'_>, call: proposeCall) -> Outcome<u64> {
    let proposeCall { target, freezes, reason, voteSeconds } = call;
    let organisation = require_voter(context)?;
    views::known(context, target)?;
    members::require_text("reason", &reason, rules::REASON_BYTES_MAX)?;
    let (min, max) = (rules::VOTE_SECONDS_MIN, rules::VOTE_SECONDS_MAX);
    ensure((min..=max).contains(&voteSeconds), || InvalidVoteTime { voteSeconds, min, max })?;
    let holders = storage::standing(context, target)?.holders;
    require_possible(target, holders, Authority::Validators, freezes)?;
    let until = context.block_time().saturating_add(voteSeconds);
    let state = rules::after(ProposalState::None, ProposalAct::Proposed);
    let state = state.expect("the table lets proposals begin");
    let proposal = Proposal { target, freezes, state, approvals: 0, until, organisation, reason };
    let id = storage::add_proposal(context, &proposal)?;
    context.emit(ProposalMade {
        proposal: id,
        target,
        organisation: organisation.get(),
        freezes,
        reason: proposal.reason.clone(),
        until,
    })?;
    add_approval(context, id, proposal, organisation)?;
    Ok(id)
}

/// Approves a proposal.
///
/// # Errors
/// - `NotMember`, `NotAdmin`, `NotVoter`: the caller may not.
/// - `UnknownProposal`, `ProposalClosed`, `ApprovedAlready`: it cannot be approved.
/// - `FrozenAlready`, `NotFrozenBy`: it cannot take effect any more.
pub(super) fn approve(context: &mut Context<'_>, call: approveCall) -> Outcome<()> {
    let organisation = require_voter(context)?;
    let proposal = open_proposal(context, call.proposal)?;
    let id = call.proposal;
    let has_approved = storage::has_approved(context, id, organisation)?;
    ensure(!has_approved, || ApprovedAlready { proposal: id, organisation: organisation.get() })?;
    add_approval(context, id, proposal, organisation)
}

/// Withdraws an approval.
///
/// # Errors
/// - `NotMember`, `NotAdmin`, `NotVoter`: the caller may not.
/// - `UnknownProposal`, `ProposalClosed`, `NotApproved`: there is nothing to withdraw.
pub(super) fn withdraw(context: &mut Context<'_>, call: withdrawCall) -> Outcome<()> {
    let organisation = require_voter(context)?;
    let id = call.proposal;
    let mut proposal = open_proposal(context, id)?;
    let has_approved = storage::has_approved(context, id, organisation)?;
    ensure(has_approved, || NotApproved { proposal: id, organisation: organisation.get() })?;
    storage::set_approved(context, id, organisation, false)?;
    proposal.approvals -= 1;
    let approvals = proposal.approvals;
    step(&mut proposal, id, rules::withdrawal(approvals))?;
    storage::set_proposal(context, id, &proposal)?;
    let by = context.caller();
    let organisation = organisation.get();
    context.emit(ApprovalWithdrawn { proposal: id, organisation, by, approvals })
}

/// Counts the vote of an organisation that has not voted, and carries the proposal if that is enough.
fn add_approval(
    context: &mut Context<'_>,
    id: u64,
    mut proposal: Proposal,
    organisation: OrganisationId,
) -> Outcome<()> {
    storage::set_approved(context, id, organisation, true)?;
    proposal.approvals += 1;
    let approvals = proposal.approvals;
    let act = rules::approval(approvals, storage::voters(context)?);
    step(&mut proposal, id, act)?;
    storage::set_proposal(context, id, &proposal)?;
    let by = context.caller();
    let organisation = organisation.get();
    context.emit(ProposalApproved { proposal: id, organisation, by, approvals })?;
    if proposal.state != ProposalState::Carried {
        return Ok(());
    }
    let target = proposal.target;
    if proposal.freezes {
        impose(context, target, Authority::Validators, proposal.reason)?;
    } else {
        lift(context, target, Authority::Validators)?;
    }
    context.emit(ProposalCarried { proposal: id, target })
}

fn step(proposal: &mut Proposal, id: u64, act: ProposalAct) -> Outcome<()> {
    let (state, until) = (proposal.state as u8, proposal.until);
    let after = rules::after(proposal.state, act);
    proposal.state = after.ok_or(ProposalClosed { proposal: id, state, until })?;
    Ok(())
}

/// Puts a freeze on a contract; the first takes its code away.
fn impose(
    context: &mut Context<'_>,
    target: Address,
    authority: Authority,
    reason: String,
) -> Outcome<()> {
    let mut standing = storage::standing(context, target)?;
    require_possible(target, standing.holders, authority, true)?;
    if standing.holders.is_none() {
        let hash = context.code_hash(target)?;
        storage::set_true_code(context, target, hash)?;
        context.put_code(target, rules::frozen_code(target))?;
    }
    standing.holders = standing.holders.with(authority);
    storage::set_standing(context, target, &standing)?;
    let (by, since) = (context.caller(), context.block_time());
    storage::set_freeze(context, target, authority, &Freeze { by, since, reason: reason.clone() })?;
    context.emit(FreezeImposed { target, authority: authority.number(), by, reason })
}

/// Takes a freeze from a contract; the last gives its code back.
fn lift(context: &mut Context<'_>, target: Address, authority: Authority) -> Outcome<()> {
    let mut standing = storage::standing(context, target)?;
    require_possible(target, standing.holders, authority, false)?;
    standing.holders = standing.holders.without(authority);
    if standing.holders.is_none() {
        let hash = storage::true_code(context, target)?;
        context.share_code(target, hash)?;
        storage::set_true_code(context, target, B256::ZERO)?;
    }
    storage::set_standing(context, target, &standing)?;
    let gone = Freeze { by: Address::ZERO, since: 0, reason: String::new() };
    storage::set_freeze(context, target, authority, &gone)?;
    let by = context.caller();
    context.emit(FreezeLifted { target, authority: authority.number(), by })
}

fn require_possible(
    target: Address,
    holders: Holders,
    authority: Authority,
    freezes: bool,
) -> Outcome<()> {
    let (is_held, authority) = (holders.has(authority), authority.number());
    ensure(!freezes || !is_held, || FrozenAlready { target, authority })?;
    ensure(freezes || is_held, || NotFrozenBy { target, authority })
}

/// With which authority the caller freezes and unfreezes a contract.
fn authority(context: &mut Context<'_>, target: Address) -> Outcome<Authority> {
    let caller = context.caller();
    let member = members::active_member(context, caller)?;
    if member.is_some_and(|member| member.roles.has(Role::Regulator)) {
        return Ok(Authority::Regulator);
    }
    require_owners_admin(context, target)?;
    Ok(Authority::Owner)
}

/// The caller, who administers the owner of a contract.
fn require_owners_admin(context: &mut Context<'_>, target: Address) -> Outcome<Membership> {
    let caller = context.caller();
    members::require_admin(context, caller)?;
    require_owner(context, target)
}

/// The caller, who belongs to the owner of a contract and may act.
fn require_owner(context: &mut Context<'_>, target: Address) -> Outcome<Membership> {
    let caller = context.caller();
    let creation = views::known(context, target)?;
    let owner = views::owner(context, &creation)?;
    let member = members::active_member(context, caller)?;
    let member = member.filter(|member| member.organisation == owner);
    member.ok_or_else(|| NotOwner { target, organisation: owner.get() }.into())
}

/// The organisation for which the caller votes.
fn require_voter(context: &mut Context<'_>) -> Outcome<OrganisationId> {
    let caller = context.caller();
    let organisation = members::require_admin(context, caller)?;
    let runs_validator = members::runs_validator(context, organisation)?;
    ensure(runs_validator, || NotVoter { caller })?;
    Ok(organisation)
}

fn upgradeable(context: &mut Context<'_>, target: Address) -> Outcome<Standing> {
    let standing = storage::standing(context, target)?;
    ensure(standing.is_upgradeable, || NotUpgradeable { target })?;
    Ok(standing)
}

fn open_proposal(context: &mut Context<'_>, id: u64) -> Outcome<Proposal> {
    let proposal = storage::proposal(context, id)?;
    ensure(proposal.state != ProposalState::None, || UnknownProposal { proposal: id })?;
    let is_open = proposal.state == ProposalState::Open && context.block_time() <= proposal.until;
    ensure(is_open, || ProposalClosed {
        proposal: id,
        state: proposal.state as u8,
        until: proposal.until,
    })?;
    Ok(proposal)
}
