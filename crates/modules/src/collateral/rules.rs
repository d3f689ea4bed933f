//! The decisions of `collateral`, without state.

use alloy_primitives::B256;
use qiao_module_kit::{Outcome, ensure, money::Currency, uniqueness::asset_key};

use super::{abi::ICollateral::*, types::Evaluator};

/// Seconds that a reservation may run: seven days.
pub const RESERVATION_SECONDS_MAX: u64 = 7 * 86_400;
/// Parts of an identity.
pub const PARTS_MAX: usize = 8;
/// Evaluators of one appointment.
pub const EVALUATORS_MAX: usize = 8;
/// Bytes of the address of an evaluator.
pub const URL_BYTES_MAX: usize = 128;

/// Whether a reservation may run until this time.
///
/// # Errors
/// `InvalidReservationTime`.
pub fn check_until(now: u64, until: u64) -> Outcome<()> {
    let latest = now.saturating_add(RESERVATION_SECONDS_MAX);
    ensure(until > now && until <= latest, || InvalidReservationTime { until, latest })
}

/// Whether evaluators can be appointed: a few, each with a key of its own, and a web address.
///
/// # Errors
/// `InvalidEvaluator`.
pub fn check_evaluators(evaluators: &[Evaluator]) -> Outcome<()> {
    let refuse = |field: &str, rule: &str| InvalidEvaluator {
        field: field.to_owned(),
        rule: rule.to_owned(),
    };
    let is_count = (1..=EVALUATORS_MAX).contains(&evaluators.len());
    ensure(is_count, || refuse("evaluators", "must be 1 to 8"))?;
    for (place, evaluator) in evaluators.iter().enumerate() {
        let Evaluator { public_key, url, .. } = evaluator;
        let is_first = evaluators.iter().take(place).all(|other| other.public_key != *public_key);
        ensure(!public_key.is_zero() && is_first, || {
            refuse("publicKey", "must be the evaluator's own")
        })?;
        let is_web = url.starts_with("http://") || url.starts_with("https://");
        let is_line = url.len() <= URL_BYTES_MAX && url.bytes().all(|byte| byte.is_ascii_graphic());
        ensure(is_web && is_line, || {
            refuse("url", "must be a web address of at most 128 characters")
        })?;
    }
    Ok(())
}

/// A currency as the unit of an asset's value.
///
/// # Errors
/// `AssetCurrency`.
pub fn unit(asset: B256, currency: u16) -> Outcome<u32> {
    let is_known = Currency::from_number(currency).is_some();
    ensure(is_known, || AssetCurrency { asset, currency })?;
    Ok(u32::from(currency))
}

/// The key of an asset from its kind and the parts of its identity.
///
/// # Errors
/// `uniqueness`' `InvalidIdentity`.
pub fn key(kind: &str, identity: &[String]) -> Outcome<B256> {
    // A part too many is left to stand as an empty one, which the identity refuses.
    let shown = identity.iter().take(PARTS_MAX).map(String::as_str);
    let overflow = (identity.len() > PARTS_MAX || identity.is_empty()).then_some("");
    let parts: Vec<(&str, &str)> = shown.chain(overflow).map(|part| ("identity", part)).collect();
    let kind = qiao_module_kit::uniqueness::normal_form("kind", kind)?;
    asset_key(&kind, &parts)
}
