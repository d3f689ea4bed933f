//! Where `collateral` keeps what it knows.

use alloy_primitives::B256;
use qiao_module_kit::{
    Context, Outcome, layout,
    storage::{Map, Value},
    uniqueness::{Asset, Ledger},
};

use super::{rules::EVALUATORS_MAX, types::Evaluator};
use crate::members::OrganisationId;

layout! { pub(super) fn layout();
    /// Assets and claims.
    ASSETS: Ledger;
    /// Who may register assets.
    REGISTRARS: Map<OrganisationId, bool>;
    /// Who registered an asset.
    REGISTERED_BY: Map<B256, OrganisationId>;
    /// Further keys of assets: to the key with which they were registered.
    FURTHER_KEYS: Map<B256, B256>;
    /// The number of the appointment in force; they are numbered from 1.
    LAST_APPOINTMENT: Value<u64>;
    /// Evaluators by appointment and place.
    EVALUATORS: Map<(u64, u64), Evaluator>;
}

/// Assets and claims.
pub(super) const LEDGER: Ledger = ASSETS;

pub(super) fn is_registrar(context: &mut Context<'_>, id: OrganisationId) -> Outcome<bool> {
    REGISTRARS.get(context, &id)
}

pub(super) fn set_registrar(
    context: &mut Context<'_>,
    id: OrganisationId,
    is_licensed: bool,
) -> Outcome<()> {
    REGISTRARS.set(context, &id, &is_licensed)
}

/// The key with which an asset was registered, and the asset; it may be asked for by a further key.
pub(super) fn find(context: &mut Context<'_>, key: B256) -> Outcome<(B256, Asset)> {
    let asset = LEDGER.asset(context, key)?;
    if asset.value > 0 {
        return Ok((key, asset));
    }
    let first = FURTHER_KEYS.get(context, &key)?;
    if first.is_zero() {
        return Ok((key, asset));
    }
    Ok((first, LEDGER.asset(context, first)?))
}

pub(super) fn set_further_key(context: &mut Context<'_>, key: B256, first: B256) -> Outcome<()> {
    FURTHER_KEYS.set(context, &key, &first)
}

pub(super) fn registered_by(context: &mut Context<'_>, asset: B256) -> Outcome<OrganisationId> {
    REGISTERED_BY.get(context, &asset)
}

pub(super) fn set_registered_by(
    context: &mut Context<'_>,
    asset: B256,
    registrar: OrganisationId,
) -> Outcome<()> {
    REGISTERED_BY.set(context, &asset, &registrar)
}

pub(super) fn last_appointment(context: &mut Context<'_>) -> Outcome<u64> {
    LAST_APPOINTMENT.get(context)
}

/// Keeps an appointment and returns its number.
pub(super) fn add_appointment(context: &mut Context<'_>, evaluators: &[Evaluator]) -> Outcome<u64> {
    let number = LAST_APPOINTMENT.get(context)? + 1;
    LAST_APPOINTMENT.set(context, &number)?;
    for (place, evaluator) in (0..).zip(evaluators) {
        EVALUATORS.set(context, &(number, place), evaluator)?;
    }
    Ok(number)
}

/// The evaluators of an appointment; none where there is no such appointment.
pub(super) fn evaluators(context: &mut Context<'_>, number: u64) -> Outcome<Vec<Evaluator>> {
    let mut found = Vec::new();
    for place in 0..EVALUATORS_MAX as u64 {
        let evaluator = EVALUATORS.get(context, &(number, place))?;
        if evaluator.public_key.is_zero() {
            break;
        }
        found.push(evaluator);
    }
    Ok(found)
}
