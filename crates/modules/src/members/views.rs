//! What can be asked of `members`, by calldata and by sibling modules.

use alloy_primitives::Address;
use qiao_module_kit::{Context, Outcome, ensure};

use super::{
    ADDRESS,
    abi::IMembers::{self, *},
    rules, storage,
    types::{Freeze, Membership, OrganisationId, Role, SealingKey},
};

/// The organisation of an account; 0 where it is not registered.
pub(super) fn organisation_of(context: &mut Context<'_>, call: organisationOfCall) -> Outcome<u64> {
    Ok(storage::membership(context, call.account)?.organisation.get())
}

/// An organisation by number; all zero where there is none.
pub(super) fn organisation(
    context: &mut Context<'_>,
    call: organisationCall,
) -> Outcome<IMembers::Organisation> {
    let is_known = (1..=storage::organisation_count(context)?).contains(&call.id);
    let id = if is_known { OrganisationId::new(call.id) } else { OrganisationId::NONE };
    let standing = storage::standing(context, id)?;
    let profile = storage::profile(context, id)?;
    Ok(IMembers::Organisation {
        id: id.get(),
        frozen: standing.is_frozen,
        accounts: standing.accounts,
        name: profile.name,
        gln: profile.gln,
    })
}

/// The organisation with a Global Location Number; 0 where there is none.
pub(super) fn organisation_by_gln(
    context: &mut Context<'_>,
    call: organisationByGlnCall,
) -> Outcome<u64> {
    Ok(storage::organisation_by_gln(context, &call.gln)?.get())
}

/// How many organisations there are.
pub(super) fn organisation_count(
    context: &mut Context<'_>,
    _: organisationCountCall,
) -> Outcome<u64> {
    storage::organisation_count(context)
}

/// An account with its roles.
pub(super) fn account(context: &mut Context<'_>, call: accountCall) -> Outcome<IMembers::Account> {
    let membership = storage::membership(context, call.account)?;
    Ok(IMembers::Account {
        organisation: membership.organisation.get(),
        frozen: membership.freeze != Freeze::None,
        roles: membership.roles.bits(),
    })
}

/// Whether an account was given a role, frozen or not.
pub(super) fn has_role(context: &mut Context<'_>, call: hasRoleCall) -> Outcome<bool> {
    let Some(role) = Role::from_number(call.role) else { return Ok(false) };
    Ok(storage::membership(context, call.account)?.roles.has(role))
}

/// Whether an account is registered and neither it nor its organisation is frozen.
pub(super) fn is_active(context: &mut Context<'_>, call: isActiveCall) -> Outcome<bool> {
    let membership = storage::membership(context, call.account)?;
    is_active_member(context, &membership)
}

/// The key for which others seal what an organisation may read.
pub(super) fn sealing_key(
    context: &mut Context<'_>,
    call: sealingKeyCall,
) -> Outcome<IMembers::SealingKey> {
    let SealingKey { number, key } =
        storage::sealing_key(context, OrganisationId::new(call.organisation))?;
    Ok(IMembers::SealingKey { number, key })
}

/// For siblings: the organisation that an account administers.
///
/// # Errors
/// `NotMember`, `NotActive`, `NotAdmin`.
pub fn require_admin(context: &mut Context<'_>, account: Address) -> Outcome<OrganisationId> {
    context.on(ADDRESS, |members| admin_organisation(members, account))
}

/// For siblings: the organisation for which an account signs in matters of money.
///
/// # Errors
/// `NotMember`, `NotActive`, `NotSigner`.
pub fn require_signer(context: &mut Context<'_>, account: Address) -> Outcome<OrganisationId> {
    context.on(ADDRESS, |members| {
        let membership = active_membership(members, account)?;
        ensure(membership.roles.has(Role::Signer), || NotSigner { caller: account })?;
        Ok(membership.organisation)
    })
}

/// For siblings: refuses unless an account belongs to a regulator.
///
/// # Errors
/// `NotMember`, `NotActive`, `NotRegulator`.
pub fn require_regulator(context: &mut Context<'_>, account: Address) -> Outcome<()> {
    context.on(ADDRESS, |members| {
        let membership = active_membership(members, account)?;
        ensure(membership.roles.has(Role::Regulator), || NotRegulator { caller: account })
    })
}

/// For siblings: refuses a text of people that breaks the rules on names and reasons.
///
/// # Errors
/// `InvalidText` names the field and the rule.
pub fn require_text(field: &str, text: &str, bytes_max: usize) -> Outcome<()> {
    match rules::broken_text_rule(text, bytes_max) {
        Some(rule) => Err(IMembers::InvalidText { field: field.to_owned(), rule }.into()),
        None => Ok(()),
    }
}

/// For siblings: what is known of a registered account.
///
/// # Errors
/// `NotMember`.
pub fn require_member(context: &mut Context<'_>, account: Address) -> Outcome<Membership> {
    context.on(ADDRESS, |members| registered(members, account))
}

/// For siblings: what is known of an account if it may act; `None` if it may not.
///
/// # Errors
/// None but `OutOfGas` and `Fatal`.
pub fn active_member(context: &mut Context<'_>, account: Address) -> Outcome<Option<Membership>> {
    context.on(ADDRESS, |members| {
        let membership = storage::membership(members, account)?;
        let is_active = is_active_member(members, &membership)?;
        Ok(is_active.then_some(membership))
    })
}

/// For siblings: how an organisation is called; empty where there is none.
///
/// # Errors
/// None but `OutOfGas` and `Fatal`.
pub fn organisation_name(context: &mut Context<'_>, id: OrganisationId) -> Outcome<String> {
    context.on(ADDRESS, |members| Ok(storage::profile(members, id)?.name))
}

/// For siblings: whether an organisation exists and is not frozen.
///
/// # Errors
/// None but `OutOfGas` and `Fatal`.
pub fn is_organisation_active(context: &mut Context<'_>, id: OrganisationId) -> Outcome<bool> {
    context.on(ADDRESS, |members| {
        let standing = storage::standing(members, id)?;
        Ok(standing.accounts > 0 && !standing.is_frozen)
    })
}

/// For siblings: the organisation of an account; none where it is not registered.
///
/// # Errors
/// None but `OutOfGas` and `Fatal`.
pub fn home_of(context: &mut Context<'_>, account: Address) -> Outcome<OrganisationId> {
    context.on(ADDRESS, |members| Ok(storage::membership(members, account)?.organisation))
}

/// For siblings: whether an organisation runs a validator.
///
/// # Errors
/// None but `OutOfGas` and `Fatal`.
pub fn runs_validator(context: &mut Context<'_>, id: OrganisationId) -> Outcome<bool> {
    context.on(ADDRESS, |members| Ok(storage::standing(members, id)?.validators > 0))
}

pub(super) fn registered(context: &mut Context<'_>, account: Address) -> Outcome<Membership> {
    let membership = storage::membership(context, account)?;
    ensure(!membership.organisation.is_none(), || NotMember { account })?;
    Ok(membership)
}

pub(super) fn active_membership(
    context: &mut Context<'_>,
    account: Address,
) -> Outcome<Membership> {
    let membership = registered(context, account)?;
    ensure(is_active_member(context, &membership)?, || NotActive { account })?;
    Ok(membership)
}

pub(super) fn admin_organisation(
    context: &mut Context<'_>,
    account: Address,
) -> Outcome<OrganisationId> {
    let membership = active_membership(context, account)?;
    ensure(membership.roles.has(Role::Admin), || NotAdmin { caller: account })?;
    Ok(membership.organisation)
}

fn is_active_member(context: &mut Context<'_>, membership: &Membership) -> Outcome<bool> {
    if membership.organisation.is_none() || membership.freeze != Freeze::None {
        return Ok(false);
    }
    Ok(!storage::standing(context, membership.organisation)?.is_frozen)
}
