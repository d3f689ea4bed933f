//! What providers charge, and what is paid of it.

use qiao_module_kit::{Context, Outcome, ensure, position::PositionId};

use super::signer;
use crate::{
    financing::{
        abi::IFinancing::*,
        rules, storage,
        types::{Fee, FeeLimit, FeeService, Tariff},
    },
    members::{self, OrganisationId},
    payments::{self, Instruction},
    receivables::{self, Due, PartStanding},
};

/// Publishes what the provider charges for a service.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`: the caller signs for nobody.
/// - `InvalidFinancing`.
pub(in crate::financing) fn set_tariff(
    context: &mut Context<'_>,
    call: setTariffCall,
) -> Outcome<()> {
    let provider = signer(context)?;
    let currency = rules::currency(call.currency)?;
    let service = rules::fee_service(call.service)?;
    let basis_points = rules::basis_points(call.basisPoints)?;
    let tariff = Tariff { flat: call.flat, basis_points, block: context.block_number() };
    storage::set_tariff(context, provider, currency, service, &tariff)?;
    context.emit(TariffSet {
        provider: provider.get(),
        currency: call.currency,
        service: call.service,
        flat: call.flat,
        basisPoints: basis_points,
    })
}

/// Pays a fee for a part.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotSigner`; `NotFeeBearer`: the caller may not.
/// - `UnfitPart`, `InvalidFinancing`; `position`'s `UnknownPosition`.
/// - `FeeByIssuer`, `FeeNotPublished`, `FeeDiffers`, `FeePaidBefore`, `FeeOverLimit`.
/// - Those of `payments`' `pay`.
pub(in crate::financing) fn pay_fee(context: &mut Context<'_>, call: payFeeCall) -> Outcome<()> {
    let payer = signer(context)?;
    let (position, provider) = (PositionId::new(call.position), OrganisationId::new(call.provider));
    let service = rules::fee_service(call.service)?;
    let part = receivables::part_standing(context, position)?;
    ensure(part.is_current && part.amount > 0, || {
        rules::unfit(call.position, "must be live, of a live voucher, and not frozen")
    })?;
    let bearer = part.bearer();
    let (organisation, bears) = (payer.get(), bearer.get());
    ensure(payer == bearer, || NotFeeBearer {
        position: call.position,
        organisation,
        bearer: bears,
    })?;
    ensure(provider != payer, || rules::invalid("provider", "must be another than who pays"))?;
    let amount = charged(context, &part, &call, service)?;
    let fee = Fee { provider, payer, amount };
    storage::set_fee(context, position, part.holder, service, &fee)?;
    let due = Due { payee: provider, amount, currency: part.currency };
    let remittance = format!("fee for part {}", call.position);
    let instruction =
        Instruction { uetr: call.uetr, payer: call.payer, payee: call.payee, remittance };
    payments::pay_for(context, payer, due, instruction)?;
    context.emit(FeePaid {
        position: call.position,
        provider: call.provider,
        payer: payer.get(),
        holder: part.holder.get(),
        service: call.service,
        amount,
        uetr: call.uetr,
    })
}

/// What the provider may charge now: what it published, to which the payer agreed, once, within the
/// limit of the rules.
fn charged(
    context: &mut Context<'_>,
    part: &PartStanding,
    call: &payFeeCall,
    service: FeeService,
) -> Outcome<u64> {
    let pack = receivables::rule_pack(part.pack)?;
    let (position, provider) = (PositionId::new(call.position), OrganisationId::new(call.provider));
    rules::check_provider(pack, call.position, call.provider, part.issuer.get())?;
    let tariff = storage::tariff(context, provider, part.currency, service)?;
    let is_published = rules::is_published(pack, &tariff, context.block_number());
    ensure(is_published, || {
        rules::unpublished(pack, call.provider, part.currency.number(), call.service)
    })?;
    let amount = rules::fee(&tariff, part.amount);
    rules::check_agreed(pack, call.position, call.amount, amount)?;
    let holder = part.holder;
    let before = storage::fee(context, position, holder, service)?;
    ensure(before.amount == 0, || FeePaidBefore {
        position: call.position,
        holder: holder.get(),
        service: call.service,
    })?;
    let mut paid = 0u64;
    for service in FeeService::ALL {
        paid = paid.saturating_add(storage::fee(context, position, holder, *service)?.amount);
    }
    let limit = storage::fee_limit(context, part.pack)?;
    rules::check_fee_limit(pack, &limit, [call.position, part.amount], paid, amount)?;
    Ok(amount)
}

/// Says what the fees of a part may come to under a pack of rules.
///
/// # Errors
/// - `members`' `NotMember`, `NotActive`, `NotRegulator`: the caller may not.
/// - `receivables`' `UnknownPack`; `InvalidFinancing`.
pub(in crate::financing) fn set_fee_limit(
    context: &mut Context<'_>,
    call: setFeeLimitCall,
) -> Outcome<()> {
    let caller = context.caller();
    members::require_regulator(context, caller)?;
    receivables::rule_pack(call.pack)?;
    let basis_points = rules::basis_points(call.basisPoints)?;
    let limit = FeeLimit { basis_points, is_set: call.isSet };
    storage::set_fee_limit(context, call.pack, &limit)?;
    context.emit(FeeLimitSet { pack: call.pack, isSet: call.isSet, basisPoints: basis_points })
}
