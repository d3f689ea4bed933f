//! The check of assets before they are financed: a light for each, and what is left.

use std::{collections::BTreeMap, sync::Arc};

use alloy_primitives::B256;
use qiao_module_kit::{money::Currency, uniqueness::Kind};
use qiao_modules::{
    collateral::{self, ICollateral},
    refusals,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asking::{AskError, private_keys};
use crate::{
    Chain,
    finance::{ViewError, view},
};

/// Assets of one check.
pub const ASSETS_MAX: usize = 1_000;

/// An asset by its identity.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Named {
    /// What it is: `invoice`, `customs_declaration`, `land_parcel`, `vehicle`, `chattel`,
    /// `warehouse_receipt` or `bill_of_lading`.
    pub kind: String,
    /// The parts of its identity, by their names: `seller` and `number` of an invoice.
    pub identity: BTreeMap<String, String>,
}

/// An asset that is to be checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wanted {
    /// What it is.
    pub kind: String,
    /// The parts of its identity, by their names.
    pub identity: BTreeMap<String, String>,
    /// What is to be financed, in the minor unit; 0 or absent: only what is left is asked.
    #[serde(default)]
    pub amount: u64,
    /// The letters of the currency; absent: whatever the asset is valued in.
    #[serde(default)]
    pub currency: Option<String>,
}

/// How an asset stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Light {
    /// All that was asked for is left.
    Green,
    /// Something is left, but not so much.
    Amber,
    /// Nothing is left.
    Red,
    /// Nobody registered it, or it cannot be looked up.
    Grey,
}

/// What a check says of an asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// How it stands.
    pub light: Light,
    /// A stable code: `collateral.free`, `.partly_financed`, `.financed`, `.not_registered`, or that of
    /// what is wrong with the question.
    pub code: String,
    /// In words.
    pub reason: String,
    /// What it is worth, in the minor unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<u64>,
    /// What nobody reserved or used of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<u64>,
    /// The letters of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<&'static str>,
    /// The key under which it is on the chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub key: Option<B256>,
}

/// Why an identity has no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {rule}")]
pub struct IdentityProblem {
    /// The part.
    pub field: String,
    /// The rule that it breaks.
    pub rule: String,
}

/// The code of an identity that has no key.
pub const INVALID_IDENTITY: &str = "uniqueness.invalid_identity";

/// The open key of an asset.
///
/// # Errors
/// The part and the rule that it breaks.
pub fn open_key(kind: &str, identity: &BTreeMap<String, String>) -> Result<B256, IdentityProblem> {
    let problem = |field: &str, rule: String| IdentityProblem { field: field.to_owned(), rule };
    let kind = Kind::named(kind).ok_or_else(|| {
        let names: Vec<&str> = qiao_module_kit::uniqueness::KINDS.iter().map(|k| k.name).collect();
        problem("kind", format!("must be one of {}", names.join(", ")))
    })?;
    let known = |name: &str| kind.parts.iter().any(|part| part.name == name);
    if let Some(other) = identity.keys().find(|name| !known(name)) {
        return Err(problem(other, format!("is no part of the identity of a {}", kind.name)));
    }
    let mut texts = Vec::new();
    for part in kind.parts {
        let text = identity.get(part.name);
        let text =
            text.ok_or_else(|| problem(part.name, format!("must be there: {}", part.doc)))?;
        texts.push(text.as_str());
    }
    kind.key(&texts).map_err(|halt| match halt {
        qiao_module_kit::Halt::Refused(output) => {
            let found = refusals().find(&output).map(|refusal| refusal.arguments(&output));
            let arguments: BTreeMap<String, String> =
                found.unwrap_or_default().into_iter().collect();
            let word = |name: &str| arguments.get(name).cloned().unwrap_or_default();
            IdentityProblem { field: word("field"), rule: word("rule") }
        }
        other => problem("identity", format!("cannot be hashed: {other:?}")),
    })
}

/// The key of an asset: private with the appointed evaluators, or open.
///
/// # Errors
/// The evaluators cannot be asked.
pub async fn keys(
    chain: &Arc<dyn Chain>,
    open: Vec<B256>,
    is_private: bool,
) -> Result<(u64, Vec<B256>), AskError> {
    if !is_private || open.is_empty() {
        return Ok((0, open));
    }
    private_keys(chain, &open).await
}

/// Checks assets; the number of the appointment under which the keys were made is 0 for open ones.
///
/// What is wrong with one asset is said in its place, and the others are checked all the same.
///
/// # Errors
/// The evaluators or the chain cannot be asked.
pub async fn check(
    chain: &Arc<dyn Chain>,
    wanted: &[Wanted],
    is_private: bool,
) -> Result<(u64, Vec<Check>), AskError> {
    let opened: Vec<Result<B256, IdentityProblem>> =
        wanted.iter().map(|asset| open_key(&asset.kind, &asset.identity)).collect();
    let open = opened.iter().filter_map(|key| key.clone().ok()).collect();
    let (appointment, keys) = keys(chain, open, is_private).await?;
    let mut keys = keys.into_iter();
    let mut checks = Vec::with_capacity(wanted.len());
    for (asset, open) in wanted.iter().zip(opened) {
        checks.push(match open {
            Err(problem) => unreadable(INVALID_IDENTITY, problem.to_string()),
            Ok(_) => {
                let key = keys.next().expect("there is a key for each identity");
                look_up(&**chain, key, asset).await?
            }
        });
    }
    Ok((appointment, checks))
}

async fn look_up(chain: &dyn Chain, key: B256, wanted: &Wanted) -> Result<Check, ViewError> {
    let asset = view(chain, collateral::ADDRESS, ICollateral::assetCall { key }).await?;
    if asset.value == 0 {
        let reason = "nobody registered this asset".to_owned();
        let check = unreadable("collateral.not_registered", reason);
        return Ok(Check { key: Some(key), ..check });
    }
    let currency = Currency::from_number(asset.currency).unwrap_or_default();
    let asked = wanted.currency.as_deref();
    if let Some(asked) = asked.filter(|asked| *asked != currency.code()) {
        let reason = format!("the asset is valued in {}, not in `{asked}`", currency.code());
        let check = unreadable("collateral.asset_currency", reason);
        return Ok(Check { key: Some(key), ..check });
    }
    let (value, left, amount) = (asset.value, asset.left, wanted.amount);
    let (light, code, reason) = light(currency, value, left, amount);
    Ok(Check {
        light,
        code: code.to_owned(),
        reason,
        value: Some(value),
        left: Some(left),
        currency: Some(currency.code()),
        key: Some(key),
    })
}

/// The light of an asset of which so much is left.
pub fn light(
    currency: Currency,
    value: u64,
    left: u64,
    amount: u64,
) -> (Light, &'static str, String) {
    let show = |units: u64| format!("{} {}", currency.code(), currency.decimal(units));
    if left == 0 {
        let reason = format!("all of {} is financed or reserved", show(value));
        (Light::Red, "collateral.financed", reason)
    } else if left < amount {
        let reason = format!("{} of {} are left, not {}", show(left), show(value), show(amount));
        (Light::Amber, "collateral.partly_financed", reason)
    } else {
        let reason = format!("{} of {} are left", show(left), show(value));
        (Light::Green, "collateral.free", reason)
    }
}

fn unreadable(code: &str, reason: String) -> Check {
    Check {
        light: Light::Grey,
        code: code.to_owned(),
        reason,
        value: None,
        left: None,
        currency: None,
        key: None,
    }
}
