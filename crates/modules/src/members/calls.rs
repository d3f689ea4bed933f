//! What changes members: authorize, load, decide, store, emit.

use alloy_primitives::Address;
use qiao_module_kit::{Context, Outcome, ensure};

use super::{
    abi::IMembers::*,
    rules, storage,
    types::{
        Freeze, FreezeAct, Membership, OrganisationId, Profile, Role, Roles, SealingKey, Standing,
    },
    views,
};

/// Registers an organisation with its first admin.
///
/// # Errors
/// - `NotMember`, `NotActive`, `NotRegistrar`: the caller may not register.
/// - `InvalidText`, `InvalidGln`, `GlnTaken`: the profile breaks a rule.
/// - `InvalidAccount`, `AlreadyMember`: the admin cannot be one.
/// - `TooMany`: the consortium is full.
pub(super) fn register_organisation(
    context: &mut Context<'_>,
    call: registerOrganisationCall,
) -> Outcome<u64> {
    require_registrar(context)?;
    views::require_text("name", &call.name, rules::NAME_BYTES_MAX)?;
    require_free_gln(context, &call.gln)?;
    let last = storage::organisation_count(context)?;
    ensure(last < rules::ORGANISATIONS_MAX, || TooMany {
        what: "organisations".to_owned(),
        max: rules::ORGANISATIONS_MAX,
    })?;
    let id = OrganisationId::new(last + 1);
    storage::set_organisation_count(context, id.get())?;
    let profile = Profile { name: call.name, gln: call.gln };
    storage::set_profile(context, id, &profile)?;
    context.emit(OrganisationRegistered {
        organisation: id.get(),
        name: profile.name,
        gln: profile.gln,
    })?;
    let empty = Standing { is_frozen: false, accounts: 0, admins: 1, validators: 0 };
    add(context, id, empty, call.admin, Roles::default().with(Role::Admin))?;
    let role = Role::Admin.number();
    context.emit(RoleGranted { organisation: id.get(), account: call.admin, role })?;
    Ok(id.get())
}

/// Adds an account to the caller's organisation.
///
/// # Errors
/// - `NotMember`, `NotActive`, `NotAdmin`: the caller may not add accounts.
/// - `InvalidAccount`, `AlreadyMember`: the account cannot be added.
/// - `TooMany`: the organisation is full.
pub(super) fn add_account(context: &mut Context<'_>, call: addAccountCall) -> Outcome<()> {
    let organisation = views::admin_organisation(context, context.caller())?;
    let standing = storage::standing(context, organisation)?;
    add(context, organisation, standing, call.account, Roles::default())
}

/// Gives a role to an account of the caller's organisation.
///
/// # Errors
/// - `NotMember`, `NotActive`, `NotAdmin`, `ForeignAccount`: the caller may not.
/// - `UnknownRole`, `RoleFixedAtGenesis`, `RoleHeld`: the role cannot be given.
pub(super) fn grant_role(context: &mut Context<'_>, call: grantRoleCall) -> Outcome<()> {
    let role = grantable(call.role)?;
    let mut membership = own_account(context, call.account)?;
    ensure(!membership.roles.has(role), || RoleHeld { account: call.account, role: call.role })?;
    membership.roles = membership.roles.with(role);
    storage::set_membership(context, call.account, &membership)?;
    let organisation = membership.organisation;
    if role == Role::Admin {
        let mut standing = storage::standing(context, organisation)?;
        standing.admins += 1;
        storage::set_standing(context, organisation, &standing)?;
    }
    let (account, role) = (call.account, call.role);
    context.emit(RoleGranted { organisation: organisation.get(), account, role })
}

/// Takes a role from an account of the caller's organisation.
///
/// # Errors
/// - `NotMember`, `NotActive`, `NotAdmin`, `ForeignAccount`: the caller may not.
/// - `UnknownRole`, `RoleFixedAtGenesis`, `RoleNotHeld`: the role cannot be taken.
/// - `LastAdmin`: nobody would administer the organisation.
pub(super) fn revoke_role(context: &mut Context<'_>, call: revokeRoleCall) -> Outcome<()> {
    let role = grantable(call.role)?;
    let mut membership = own_account(context, call.account)?;
    ensure(membership.roles.has(role), || RoleNotHeld { account: call.account, role: call.role })?;
    membership.roles = membership.roles.without(role);
    let organisation = membership.organisation;
    if role == Role::Admin {
        let mut standing = storage::standing(context, organisation)?;
        ensure(standing.admins > 1, || LastAdmin { organisation: organisation.get() })?;
        standing.admins -= 1;
        storage::set_standing(context, organisation, &standing)?;
    }
    storage::set_membership(context, call.account, &membership)?;
    let (account, role) = (call.account, call.role);
    context.emit(RoleRevoked { organisation: organisation.get(), account, role })
}

/// Freezes an account.
///
/// # Errors
/// - `NotMember`, `NotActive`, `NotAdmin`, `ForeignAccount`: the caller may not.
/// - `OwnFreeze`: the account is the caller.
/// - `InvalidText`: the reason breaks a rule.
/// - `AlreadyFrozen`: there is nothing to do.
pub(super) fn freeze_account(context: &mut Context<'_>, call: freezeAccountCall) -> Outcome<()> {
    let caller = context.caller();
    let (mut membership, is_regulator) = account_to_freeze(context, call.account)?;
    ensure(call.account != caller, || OwnFreeze { caller })?;
    views::require_text("reason", &call.reason, rules::REASON_BYTES_MAX)?;
    let act = if is_regulator { FreezeAct::RegulatorFreezes } else { FreezeAct::AdminFreezes };
    membership.freeze = rules::after(membership.freeze, act).ok_or(AlreadyFrozen {})?;
    storage::set_membership(context, call.account, &membership)?;
    context.emit(AccountFrozen { account: call.account, by: caller, reason: call.reason })
}

/// Unfreezes an account.
///
/// # Errors
/// - `NotMember`, `NotActive`, `NotAdmin`, `ForeignAccount`: the caller may not.
/// - `FrozenByRegulator`: only a regulator may.
/// - `NotFrozen`: there is nothing to do.
pub(super) fn unfreeze_account(
    context: &mut Context<'_>,
    call: unfreezeAccountCall,
) -> Outcome<()> {
    let by = context.caller();
    let (mut membership, is_regulator) = account_to_freeze(context, call.account)?;
    let account = call.account;
    ensure(membership.freeze != Freeze::None, || NotFrozen {})?;
    let act = if is_regulator { FreezeAct::RegulatorUnfreezes } else { FreezeAct::AdminUnfreezes };
    let unfrozen = rules::after(membership.freeze, act);
    membership.freeze = unfrozen.ok_or(FrozenByRegulator { account })?;
    storage::set_membership(context, account, &membership)?;
    context.emit(AccountUnfrozen { account, by })
}

/// Freezes an organisation with all its accounts.
///
/// # Errors
/// - `NotMember`, `NotActive`, `NotRegulator`: the caller may not.
/// - `UnknownOrganisation`: there is none with this number.
/// - `OwnFreeze`: it is the caller's own.
/// - `InvalidText`: the reason breaks a rule.
/// - `AlreadyFrozen`: there is nothing to do.
pub(super) fn freeze_organisation(
    context: &mut Context<'_>,
    call: freezeOrganisationCall,
) -> Outcome<()> {
    let caller = context.caller();
    let own = require_regulator(context)?;
    let id = known_organisation(context, call.organisation)?;
    ensure(id != own, || OwnFreeze { caller })?;
    views::require_text("reason", &call.reason, rules::REASON_BYTES_MAX)?;
    let mut standing = storage::standing(context, id)?;
    ensure(!standing.is_frozen, || AlreadyFrozen {})?;
    standing.is_frozen = true;
    storage::set_standing(context, id, &standing)?;
    let (organisation, reason) = (id.get(), call.reason);
    context.emit(OrganisationFrozen { organisation, by: caller, reason })
}

/// Unfreezes an organisation.
///
/// # Errors
/// - `NotMember`, `NotActive`, `NotRegulator`: the caller may not.
/// - `UnknownOrganisation`: there is none with this number.
/// - `NotFrozen`: there is nothing to do.
pub(super) fn unfreeze_organisation(
    context: &mut Context<'_>,
    call: unfreezeOrganisationCall,
) -> Outcome<()> {
    require_regulator(context)?;
    let id = known_organisation(context, call.organisation)?;
    let mut standing = storage::standing(context, id)?;
    ensure(standing.is_frozen, || NotFrozen {})?;
    standing.is_frozen = false;
    storage::set_standing(context, id, &standing)?;
    let by = context.caller();
    context.emit(OrganisationUnfrozen { organisation: id.get(), by })
}

/// Announces the key for which others seal what the caller's organisation may read.
///
/// # Errors
/// - `NotMember`, `NotActive`, `NotAdmin`: the caller may not.
/// - `InvalidSealingKey`: the key is none, or nothing would change.
pub(super) fn announce_sealing_key(
    context: &mut Context<'_>,
    call: announceSealingKeyCall,
) -> Outcome<u32> {
    let key = call.key;
    let organisation = views::admin_organisation(context, context.caller())?;
    let last = storage::sealing_key(context, organisation)?;
    ensure(!key.is_zero() && key != last.key, || InvalidSealingKey { key })?;
    let number = last.number.saturating_add(1);
    storage::set_sealing_key(context, organisation, &SealingKey { number, key })?;
    context.emit(SealingKeyAnnounced { organisation: organisation.get(), number, key })?;
    Ok(number)
}

/// Puts a new account into an organisation whose standing is given.
fn add(
    context: &mut Context<'_>,
    organisation: OrganisationId,
    mut standing: Standing,
    account: Address,
    roles: Roles,
) -> Outcome<()> {
    ensure(rules::can_act(account), || InvalidAccount { account })?;
    let before = storage::membership(context, account)?.organisation;
    ensure(before.is_none(), || AlreadyMember { account, organisation: before.get() })?;
    ensure(standing.accounts < rules::ACCOUNTS_MAX, || TooMany {
        what: "accounts".to_owned(),
        max: u64::from(rules::ACCOUNTS_MAX),
    })?;
    standing.accounts += 1;
    storage::set_standing(context, organisation, &standing)?;
    let membership = Membership { organisation, roles, freeze: Freeze::None };
    storage::set_membership(context, account, &membership)?;
    context.emit(AccountAdded { organisation: organisation.get(), account })
}

fn require_registrar(context: &mut Context<'_>) -> Outcome<()> {
    let caller = context.caller();
    let membership = views::active_membership(context, caller)?;
    if membership.roles.has(Role::Regulator) {
        return Ok(());
    }
    let runs_validator = storage::standing(context, membership.organisation)?.validators > 0;
    ensure(membership.roles.has(Role::Admin) && runs_validator, || NotRegistrar { caller })
}

/// The organisation of the caller, who is a regulator.
fn require_regulator(context: &mut Context<'_>) -> Outcome<OrganisationId> {
    let caller = context.caller();
    let membership = views::active_membership(context, caller)?;
    ensure(membership.roles.has(Role::Regulator), || NotRegulator { caller })?;
    Ok(membership.organisation)
}

/// An account of the organisation that the caller administers.
fn own_account(context: &mut Context<'_>, account: Address) -> Outcome<Membership> {
    let own = views::admin_organisation(context, context.caller())?;
    let membership = views::registered(context, account)?;
    let organisation = membership.organisation;
    ensure(organisation == own, || ForeignAccount { account, organisation: organisation.get() })?;
    Ok(membership)
}

/// An account that the caller may freeze or unfreeze, and whether it may as a regulator.
fn account_to_freeze(context: &mut Context<'_>, account: Address) -> Outcome<(Membership, bool)> {
    let caller = views::active_membership(context, context.caller())?;
    if caller.roles.has(Role::Regulator) {
        return Ok((views::registered(context, account)?, true));
    }
    Ok((own_account(context, account)?, false))
}

fn grantable(number: u8) -> Outcome<Role> {
    let role = Role::from_number(number).ok_or(UnknownRole { role: number })?;
    ensure(rules::is_grantable(role), || RoleFixedAtGenesis { role: number })?;
    Ok(role)
}

fn known_organisation(context: &mut Context<'_>, number: u64) -> Outcome<OrganisationId> {
    let last = storage::organisation_count(context)?;
    ensure((1..=last).contains(&number), || UnknownOrganisation { organisation: number })?;
    Ok(OrganisationId::new(number))
}

fn require_free_gln(context: &mut Context<'_>, gln: &String) -> Outcome<()> {
    if let Some(rule) = rules::broken_gln_rule(gln) {
        return Err(InvalidGln { gln: gln.clone(), rule: rule.to_owned() }.into());
    }
    let holder = storage::organisation_by_gln(context, gln)?;
    ensure(holder.is_none(), || GlnTaken { gln: gln.clone(), organisation: holder.get() })
}
