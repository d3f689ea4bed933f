//! What a recall would call back and whom it would tell, from what is affected.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::B256;
use qiao_epcis::Amount;
use qiao_indexer::{Affected, AffectedLine, ThingKind, ThingState};
use qiao_modules::{
    lots::{self, HOLD_THINGS_MAX, ILots},
    recall::IRecall,
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use super::RecallError;
use crate::{
    Chain,
    finance::{Desk, names::Party, views},
};

/// What a recall would do.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// What is called back, and on hold everywhere from then on; canonical, the suspects first.
    pub things: Vec<String>,
    /// Affected things that are not called back with it: another organisation owns their numbers, or a
    /// recall has no more room.
    pub left_out: Vec<String>,
    /// Who is told how much of what.
    pub notices: Vec<PlannedNotice>,
    /// The SHA-256 of everything affected, as JSON, which the chain keeps.
    #[schema(value_type = String)]
    pub scope: B256,
}

/// A notice that would be sent.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlannedNotice {
    /// To whom.
    pub party: Party,
    /// What it has, or let out.
    pub lines: Vec<PlannedLine>,
}

/// A line of a notice that would be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlannedLine {
    /// Canonical identifier.
    pub thing: String,
    /// A decimal number; 0 where no event says how much.
    pub quantity: String,
    /// A code of UN/ECE Recommendation 20; absent for pieces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// Whether something is still to be looked for: what was used up goes on in what was made of it, and
/// what was destroyed is no danger.
fn is_out(line: &AffectedLine) -> bool {
    !matches!(line.state, ThingState::Consumed | ThingState::Gone)
}

/// What a desk's recall of what is affected would do.
///
/// # Errors
/// The modules cannot be asked.
pub async fn plan(
    chain: &dyn Chain,
    desk: &Desk,
    affected: &Affected,
) -> Result<Plan, RecallError> {
    let (things, left_out) = things(chain, desk, affected).await?;
    let json = serde_json::to_vec(affected).unwrap_or_default();
    Ok(Plan {
        things,
        left_out,
        notices: notices(affected),
        scope: B256::from_slice(&Sha256::digest(&json)),
    })
}

/// What is called back, and what is left out.
async fn things(
    chain: &dyn Chain,
    desk: &Desk,
    affected: &Affected,
) -> Result<(Vec<String>, Vec<String>), RecallError> {
    let of_kind = |kind: ThingKind| {
        let lines = affected.lines.iter().filter(move |line| line.kind == kind && is_out(line));
        lines.map(|line| line.thing.clone())
    };
    let lots = of_kind(ThingKind::Lot);
    let later = affected.containers.iter().cloned().chain(of_kind(ThingKind::Item));
    let mut seen = BTreeSet::new();
    let mut wanted: Vec<String> =
        affected.suspects.iter().cloned().chain(lots).chain(later).collect();
    wanted.retain(|thing| seen.insert(thing.clone()));
    let calls = wanted.iter().map(|thing| ILots::ownerOfCall { id: thing.clone() });
    let owners = match desk.is_regulator {
        true => vec![desk.organisation; wanted.len()],
        false => views(chain, lots::ADDRESS, calls).await?,
    };
    let suspects = affected.suspects.len();
    let (mut own, mut left_out) = (Vec::new(), Vec::new());
    for (place, (thing, owner)) in wanted.into_iter().zip(owners).enumerate() {
        // The chain itself refuses a suspect thing of somebody else, and says why.
        let may = owner == desk.organisation || place < suspects;
        if may && own.len() < HOLD_THINGS_MAX { own.push(thing) } else { left_out.push(thing) }
    }
    Ok((own, left_out))
}

/// Who is told: everybody that has, or let out, something that is still to be looked for.
pub(super) fn notices(affected: &Affected) -> Vec<PlannedNotice> {
    let mut parties: BTreeMap<u64, Share<'_>> = BTreeMap::new();
    for line in affected.lines.iter().filter(|line| is_out(line) && line.party != 0) {
        let quantity = line.quantity.as_deref().unwrap_or("0");
        let Ok(amount) = Amount::read(quantity, line.unit.as_deref()) else { continue };
        let share = parties.entry(line.party).or_default();
        share.name = line.party_name.as_deref();
        let none = Amount { dimension: amount.dimension, units: 0 };
        let sum = share.amounts.entry(&line.thing).or_insert(none);
        // A notice counts a thing in one dimension: the first that its holder's events use.
        if sum.dimension == amount.dimension {
            sum.units = sum.units.saturating_add(amount.units);
        }
    }
    parties.into_iter().map(|(organisation, share)| share.notice(organisation)).collect()
}

/// What one organisation has, or let out.
#[derive(Default)]
struct Share<'a> {
    name: Option<&'a str>,
    amounts: BTreeMap<&'a str, Amount>,
}

impl Share<'_> {
    fn notice(self, organisation: u64) -> PlannedNotice {
        let name = self.name.map(str::to_owned);
        let name = name.unwrap_or_else(|| format!("organisation {organisation}"));
        let lines = self.amounts.into_iter().map(|(thing, amount)| PlannedLine {
            thing: thing.to_owned(),
            quantity: amount.decimal(),
            unit: amount.dimension.usual_unit().map(str::to_owned),
        });
        PlannedNotice { party: Party { organisation, name }, lines: lines.collect() }
    }
}

impl PlannedLine {
    pub(super) fn call(&self) -> IRecall::Affected {
        IRecall::Affected {
            thing: self.thing.clone(),
            quantity: self.quantity.clone(),
            unit: self.unit.clone().unwrap_or_default(),
        }
    }
}
