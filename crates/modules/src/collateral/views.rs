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
    let asset = LEDGER.asset(context, call.key)?;
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

/// Whether an organisation may register assets.
pub(super) fn is_registrar(context: &mut Context<'_>, call: isRegistrarCall) -> Outcome<bool> {
    storage::is_registrar(context, OrganisationId::new(call.organisation))
}
