//! What can be asked of `collateral`.

use alloy_primitives::B256;
use qiao_module_kit::{Context, Outcome};

use super::{
    abi::ICollateral::{self, *},
    rules, storage,
    storage::LEDGER,
    types::ClaimId,
};
use crate::members::OrganisationId;

/// The key of an asset.
pub(super) fn asset_key(_: &mut Context<'_>, call: assetKeyCall) -> Outcome<B256> {
    rules::key(&call.kind, &call.identity)
}

/// An asset: its value and what is left of it.
pub(super) fn asset(context: &mut Context<'_>, call: assetCall) -> Outcome<ICollateral::Asset> {
    let (_, asset) = storage::find(context, call.key)?;
    let currency = u16::try_from(asset.unit).expect("units are numbers of currencies");
    Ok(ICollateral::Asset { value: asset.value, left: asset.left(), currency })
}

/// A claim.
pub(super) fn claim(context: &mut Context<'_>, call: claimCall) -> Outcome<ICollateral::Claim> {
    let claim = LEDGER.claim(context, ClaimId::new(call.id))?;
    Ok(ICollateral::Claim {
        asset: claim.asset,
        amount: claim.amount,
        until: claim.until,
        state: claim.state as u8,
    })
}

/// The number of the appointment in force.
pub(super) fn appointment(context: &mut Context<'_>, _: appointmentCall) -> Outcome<u64> {
    storage::last_appointment(context)
}

/// The evaluators of an appointment.
pub(super) fn evaluators(
    context: &mut Context<'_>,
    call: evaluatorsCall,
) -> Outcome<Vec<ICollateral::Evaluator>> {
    let found = storage::evaluators(context, call.appointment)?;
    let shown = found.into_iter().map(|evaluator| ICollateral::Evaluator {
        organisation: evaluator.organisation.get(),
        publicKey: evaluator.public_key,
        url: evaluator.url,
    });
    Ok(shown.collect())
}

/// Whether an organisation may register assets.
pub(super) fn is_registrar(context: &mut Context<'_>, call: isRegistrarCall) -> Outcome<bool> {
    storage::is_registrar(context, OrganisationId::new(call.organisation))
}
