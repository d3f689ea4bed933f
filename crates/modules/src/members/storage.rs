//! Where `members` keeps what it knows.

use alloy_primitives::Address;
use qiao_module_kit::{
    Context, Outcome, layout,
    storage::{Map, Value},
};

use super::types::{Membership, OrganisationId, Profile, SealingKey, Standing};

layout! { pub(super) fn layout();
    /// The number of the last organisation; they are numbered from 1 without gaps.
    LAST_ORGANISATION: Value<u64>;
    /// What decides about an organisation.
    STANDINGS: Map<OrganisationId, Standing>;
    /// How an organisation is called.
    PROFILES: Map<OrganisationId, Profile>;
    /// The organisation of a Global Location Number.
    GLNS: Map<String, OrganisationId>;
    /// Accounts.
    MEMBERSHIPS: Map<Address, Membership>;
    /// The newest sealing key of an organisation.
    SEALING_KEYS: Map<OrganisationId, SealingKey>;
}

pub(super) fn organisation_count(context: &mut Context<'_>) -> Outcome<u64> {
    LAST_ORGANISATION.get(context)
}

pub(super) fn set_organisation_count(context: &mut Context<'_>, count: u64) -> Outcome<()> {
    LAST_ORGANISATION.set(context, &count)
}

pub(super) fn standing(context: &mut Context<'_>, id: OrganisationId) -> Outcome<Standing> {
    STANDINGS.get(context, &id)
}

pub(super) fn set_standing(
    context: &mut Context<'_>,
    id: OrganisationId,
    standing: &Standing,
) -> Outcome<()> {
    STANDINGS.set(context, &id, standing)
}

pub(super) fn profile(context: &mut Context<'_>, id: OrganisationId) -> Outcome<Profile> {
    PROFILES.get(context, &id)
}

/// Keeps the profile and finds it again by its GLN.
pub(super) fn set_profile(
    context: &mut Context<'_>,
    id: OrganisationId,
    profile: &Profile,
) -> Outcome<()> {
    PROFILES.set(context, &id, profile)?;
    if profile.gln.is_empty() {
        return Ok(());
    }
    GLNS.set(context, &profile.gln, &id)
}

pub(super) fn organisation_by_gln(
    context: &mut Context<'_>,
    gln: &String,
) -> Outcome<OrganisationId> {
    GLNS.get(context, gln)
}

pub(super) fn membership(context: &mut Context<'_>, account: Address) -> Outcome<Membership> {
    MEMBERSHIPS.get(context, &account)
}

pub(super) fn set_membership(
    context: &mut Context<'_>,
    account: Address,
    membership: &Membership,
) -> Outcome<()> {
    MEMBERSHIPS.set(context, &account, membership)
}

pub(super) fn sealing_key(context: &mut Context<'_>, id: OrganisationId) -> Outcome<SealingKey> {
    SEALING_KEYS.get(context, &id)
}

pub(super) fn set_sealing_key(
    context: &mut Context<'_>,
    id: OrganisationId,
    key: &SealingKey,
) -> Outcome<()> {
    SEALING_KEYS.set(context, &id, key)
}
