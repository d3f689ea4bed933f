//! What changes assets and claims: authorize, load, decide, store, emit.

use qiao_module_kit::{Context, Outcome, ensure, position::Party};

use super::{abi::ICollateral::*, rules, storage, storage::LEDGER, types::ClaimId};
use crate::members::{self, OrganisationId};

/// Lets an organisation register assets, or does so no longer.
///
/// # Errors
/// `members`' `NotMember`, `NotActive`, `NotRegulator`: the caller may not.
pub(super) fn license_registrar(
    context: &mut Context<'_>,
    call: licenseRegistrarCall,
) -> Outcome<()> {
    members::require_regulator(context, context.caller())?;
    let (organisation, licensed) = (call.organisation, call.licensed);
    storage::set_registrar(context, OrganisationId::new(organisation), licensed)?;
    context.emit(RegistrarLicensed { organisation, licensed })
}

/// Registers an asset with its value.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotRegistrarOfAssets`: the caller may not.
/// - `AssetCurrency`; `uniqueness`' `InvalidAssetValue`, `AssetDiffers`.
pub(super) fn register(context: &mut Context<'_>, call: registerCall) -> Outcome<bool> {
    require_registrar(context)?;
    let unit = rules::unit(call.asset, call.currency)?;
    let is_new = LEDGER.register(context, call.asset, call.value, unit)?;
    if is_new {
        let (asset, value, currency) = (call.asset, call.value, call.currency);
        context.emit(AssetRegistered { asset, value, currency })?;
    }
    Ok(is_new)
}

/// Changes the value of an asset.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotRegistrarOfAssets`: the caller may not.
/// - `uniqueness`' `UnknownAsset`, `InvalidAssetValue`.
pub(super) fn revise(context: &mut Context<'_>, call: reviseCall) -> Outcome<()> {
    require_registrar(context)?;
    LEDGER.revise(context, call.asset, call.value)?;
    context.emit(AssetRevised { asset: call.asset, value: call.value })
}

/// Keeps a part of an asset until a time.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `InvalidReservationTime`, `AssetCurrency`; `uniqueness`' `UnknownAsset`, `ExceedsBalance`.
pub(super) fn reserve(context: &mut Context<'_>, call: reserveCall) -> Outcome<u64> {
    let financer = signer(context)?;
    let reserveCall { asset, amount, currency, until } = call;
    rules::check_until(context.block_time(), until)?;
    let unit = rules::unit(asset, currency)?;
    let known = LEDGER.asset(context, asset)?;
    let is_same = known.value == 0 || known.unit == unit;
    ensure(is_same, || AssetCurrency { asset, currency })?;
    let id = LEDGER.reserve(context, asset, financer, amount, until)?;
    context.emit(ClaimReserved { claim: id.get(), asset, amount, until })?;
    Ok(id.get())
}

/// Uses a reserved part.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `uniqueness`' `NotYourClaim`, `ReservationExpired`.
pub(super) fn take(context: &mut Context<'_>, call: takeCall) -> Outcome<()> {
    let financer = signer(context)?;
    LEDGER.consume(context, financer, ClaimId::new(call.claim))?;
    context.emit(ClaimUsed { claim: call.claim })
}

/// Makes an amount of a claim available again.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `uniqueness`' `NotYourClaim`, `ExceedsBalance`.
pub(super) fn release(context: &mut Context<'_>, call: releaseCall) -> Outcome<()> {
    let financer = signer(context)?;
    LEDGER.release(context, financer, ClaimId::new(call.claim), call.amount)?;
    context.emit(ClaimReleased { claim: call.claim, amount: call.amount })
}

/// Makes a reservation that ran out available again.
///
/// # Errors
/// `uniqueness`' `NotYourClaim`, `ReservationRuns`.
pub(super) fn expire(context: &mut Context<'_>, call: expireCall) -> Outcome<()> {
    let id = ClaimId::new(call.claim);
    let amount = LEDGER.claim(context, id)?.amount;
    LEDGER.expire(context, id)?;
    context.emit(ClaimReleased { claim: call.claim, amount })
}

/// The organisation for which the caller signs, as a party of the ledger.
fn signer(context: &mut Context<'_>) -> Outcome<Party> {
    let organisation = members::require_signer(context, context.caller())?;
    Ok(Party::new(organisation.get()))
}

fn require_registrar(context: &mut Context<'_>) -> Outcome<()> {
    let organisation = members::require_signer(context, context.caller())?;
    let is_registrar = storage::is_registrar(context, organisation)?;
    ensure(is_registrar, || NotRegistrarOfAssets { organisation: organisation.get() })
}
