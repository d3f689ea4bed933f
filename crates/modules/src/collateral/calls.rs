//! What changes assets and claims: authorize, load, decide, store, emit.

use alloy_primitives::B256;
use qiao_module_kit::{
    Context, Outcome, ensure, position::Party, uniqueness::IUniqueness::UnknownAsset,
};

use super::{
    abi::ICollateral::{self, *},
    rules, storage,
    storage::LEDGER,
    types::{ClaimId, Evaluator},
};
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
    let registrar = require_registrar(context)?;
    let unit = rules::unit(call.asset, call.currency)?;
    let (asset, _) = storage::find(context, call.asset)?;
    let is_new = LEDGER.register(context, asset, call.value, unit)?;
    if is_new {
        storage::set_registered_by(context, asset, registrar)?;
        let (value, currency) = (call.value, call.currency);
        context.emit(AssetRegistered { asset, value, currency })?;
    }
    Ok(is_new)
}

/// Changes the value of an asset.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotRegistrarOfAssets`, `NotYourAsset`: the
///   caller may not.
/// - `uniqueness`' `UnknownAsset`, `InvalidAssetValue`.
pub(super) fn revise(context: &mut Context<'_>, call: reviseCall) -> Outcome<()> {
    let asset = own_asset(context, call.asset)?;
    LEDGER.revise(context, asset, call.value)?;
    context.emit(AssetRevised { asset, value: call.value })
}

/// Makes an asset known by another key, too.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotRegistrarOfAssets`, `NotYourAsset`: the
///   caller may not.
/// - `KeyTaken`; `uniqueness`' `UnknownAsset`.
pub(super) fn rekey(context: &mut Context<'_>, call: rekeyCall) -> Outcome<()> {
    let asset = own_asset(context, call.asset)?;
    let key = call.key;
    let (_, taken) = storage::find(context, key)?;
    ensure(taken.value == 0 && !key.is_zero(), || KeyTaken { key })?;
    storage::set_further_key(context, key, asset)?;
    context.emit(AssetRekeyed { asset, key })
}

/// Appoints who helps to make private keys from here on.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotRegulator`: the caller may not.
/// - `InvalidEvaluator`.
pub(super) fn appoint_evaluators(
    context: &mut Context<'_>,
    call: appointEvaluatorsCall,
) -> Outcome<u64> {
    members::require_regulator(context, context.caller())?;
    let evaluator = |evaluator: ICollateral::Evaluator| Evaluator {
        organisation: OrganisationId::new(evaluator.organisation),
        public_key: evaluator.publicKey,
        url: evaluator.url,
    };
    let evaluators: Vec<Evaluator> = call.evaluators.into_iter().map(evaluator).collect();
    rules::check_evaluators(&evaluators)?;
    for Evaluator { organisation, .. } in &evaluators {
        let is_active = members::is_organisation_active(context, *organisation)?;
        ensure(is_active, || InvalidEvaluator {
            field: "organisation".to_owned(),
            rule: "must be an active organisation".to_owned(),
        })?;
    }
    let appointment = storage::add_appointment(context, &evaluators)?;
    context.emit(EvaluatorsAppointed { appointment, count: evaluators.len() as u64 })?;
    Ok(appointment)
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
    let (asset, known) = storage::find(context, asset)?;
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

/// The first key of an asset that the caller's organisation registered.
fn own_asset(context: &mut Context<'_>, key: B256) -> Outcome<B256> {
    let registrar = require_registrar(context)?;
    let (asset, known) = storage::find(context, key)?;
    ensure(known.value > 0, || UnknownAsset { asset })?;
    let is_own = storage::registered_by(context, asset)? == registrar;
    ensure(is_own, || NotYourAsset { asset, organisation: registrar.get() })?;
    Ok(asset)
}

/// The organisation for which the caller signs, if it may register assets.
fn require_registrar(context: &mut Context<'_>) -> Outcome<OrganisationId> {
    let organisation = members::require_signer(context, context.caller())?;
    let is_registrar = storage::is_registrar(context, organisation)?;
    ensure(is_registrar, || NotRegistrarOfAssets { organisation: organisation.get() })?;
    Ok(organisation)
}
