//! Holds: what is held back, by whom and why; and whether a thing is, or was recalled.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256};
use qiao_goods::journey::{Stop, StopKind};
use qiao_indexer::RecordQuery;
use qiao_modules::{
    lots::{self, ILots},
    recall::{self, IRecall},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{RecallError, names, words};
use crate::{
    Chain,
    finance::{
        names::{Names as Parties, Party},
        records, view, views,
    },
};

/// Things of one page of the module's views.
const VIEW_PAGE: u64 = 100;

/// Holds and open recalls that one answer looks at, the newest.
const HOLDS_MAX: usize = 200;

/// A hold.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// Its number.
    pub hold: u64,
    /// For whom it counts: `holder` for its organisation alone, `owner` and `regulator` everywhere.
    pub kind: &'static str,
    /// Who holds.
    pub organisation: Party,
    /// The account that signed it.
    #[schema(value_type = String)]
    pub by: Address,
    /// Why: `quality_check`, `contamination` …
    pub reason: &'static str,
    /// In words.
    pub note: String,
    /// Since when, in seconds since the Unix epoch.
    pub since: u64,
    /// Whether it is over.
    pub released: bool,
    /// The recall that holds; absent where it is no recall's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<u64>,
    /// How many things are held.
    pub things_total: u32,
    /// What is held: canonical identifiers, or their hashes where a contract made the hold.
    pub things: Vec<String>,
    /// The reason by number.
    #[serde(skip)]
    pub reason_number: u8,
}

/// The holds that are not over, the newest first; at most 200 of them.
///
/// # Errors
/// The chain cannot be asked.
pub async fn holds(chain: &dyn Chain, parties: &Parties) -> Result<Vec<Hold>, RecallError> {
    let open = open(chain, "lots_held_back", "lots_released", "hold").await?;
    let calls = open.iter().map(|id| ILots::holdCall { id: *id });
    let mut found = Vec::new();
    for record in views(chain, lots::ADDRESS, calls).await? {
        // The state decides, whatever the index has heard of.
        if record.id != 0 && !record.released {
            found.push(told(chain, parties, record).await?);
        }
    }
    Ok(found)
}

/// One hold.
///
/// # Errors
/// There is none with this number.
pub async fn hold(chain: &dyn Chain, parties: &Parties, id: u64) -> Result<Hold, RecallError> {
    let record = view(chain, lots::ADDRESS, ILots::holdCall { id }).await?;
    if record.id == 0 {
        return Err(RecallError::Unknown { what: "hold", number: id });
    }
    told(chain, parties, record).await
}

async fn told(
    chain: &dyn Chain,
    parties: &Parties,
    record: ILots::Hold,
) -> Result<Hold, RecallError> {
    let names = names::of_hold(chain, record.id).await?;
    let things = keys(chain, record.id, record.things).await?;
    let named = |key: B256| names.get(&key).cloned().unwrap_or_else(|| key.to_string());
    let mut things: Vec<String> = things.into_iter().map(named).collect();
    things.sort_unstable();
    Ok(Hold {
        recall: recall_of(chain, record.id).await?,
        hold: record.id,
        kind: words::word(&words::HOLD_KINDS, record.kind),
        organisation: parties.party(record.organisation),
        by: record.by,
        reason: words::word(&words::REASONS, record.reason),
        note: record.note,
        since: record.since,
        released: record.released,
        things_total: record.things,
        things,
        reason_number: record.reason,
    })
}

/// The hashes of the things of a hold.
async fn keys(chain: &dyn Chain, id: u64, count: u32) -> Result<Vec<B256>, RecallError> {
    let pages = (0..u64::from(count)).step_by(VIEW_PAGE as usize);
    let calls = pages.map(|from| ILots::holdThingsCall { id, from, count: VIEW_PAGE });
    Ok(views(chain, lots::ADDRESS, calls).await?.into_iter().flatten().collect())
}

/// The recall to which a hold belongs.
async fn recall_of(chain: &dyn Chain, hold: u64) -> Result<Option<u64>, RecallError> {
    let query = RecordQuery::of("recall_declared").with("hold", hold);
    Ok(records::newest(chain, query).await?.map(|row| row.number("recall")))
}

/// The newest numbers that one table has and another, of what is over, has not.
async fn open(
    chain: &dyn Chain,
    begun: &str,
    over: &str,
    column: &str,
) -> Result<Vec<u64>, RecallError> {
    let over = records::all(chain, &RecordQuery::of(over).newest_first()).await?;
    let over: BTreeSet<u64> = over.iter().map(|row| row.number(column)).collect();
    let begun = records::all(chain, &RecordQuery::of(begun).newest_first()).await?;
    let open = begun.iter().map(|row| row.number(column)).filter(|one| !over.contains(one));
    Ok(open.take(HOLDS_MAX).collect())
}

/// What the state of the chain says against any of these things: open recalls, and holds that count
/// everywhere. `present` is a thing with the organisation that has it: a hold of its holder alone counts
/// for it, too. The gravest first, one entry for each recall or hold.
///
/// # Errors
/// The chain cannot be asked.
pub async fn stops(
    chain: &dyn Chain,
    things: &BTreeSet<String>,
    present: Option<(&str, u64)>,
) -> Result<Vec<Stop>, RecallError> {
    if view(chain, lots::ADDRESS, ILots::holdCountCall {}).await? == 0 {
        return Ok(Vec::new());
    }
    let mut asked: Vec<(&str, u64)> = things.iter().map(|thing| (thing.as_str(), 0)).collect();
    asked.extend(present);
    let calls = asked.iter().map(|(id, organisation)| ILots::holdOnCall {
        id: (*id).to_owned(),
        organisation: *organisation,
    });
    let found = views(chain, lots::ADDRESS, calls).await?;
    let mut held: BTreeMap<u64, &str> = BTreeMap::new();
    for ((thing, _), hold) in asked.iter().zip(found) {
        if hold != 0 {
            held.entry(hold).or_insert(thing);
        }
    }
    if held.is_empty() {
        return Ok(Vec::new());
    }
    // A thing tells its newest hold only; a recall may lie below it.
    for (hold, thing) in recalled(chain, things).await? {
        held.entry(hold).or_insert(thing);
    }
    let parties = Parties::load(chain).await?;
    let mut stops = Vec::new();
    for (hold, thing) in held {
        stops.extend(stop(chain, &parties, hold, thing).await?);
    }
    stops.sort_by_key(|stop| (stop.kind, stop.since_ms));
    Ok(stops)
}

/// The holds of open recalls that have one of these things.
async fn recalled<'a>(
    chain: &dyn Chain,
    things: &'a BTreeSet<String>,
) -> Result<Vec<(u64, &'a str)>, RecallError> {
    let wanted: BTreeMap<B256, &str> =
        things.iter().map(|thing| (names::key(thing), thing.as_str())).collect();
    let open = open(chain, "recall_declared", "recall_ended", "recall").await?;
    let calls = open.into_iter().map(|id| IRecall::recallCall { id });
    let mut found = Vec::new();
    for recall in views(chain, recall::ADDRESS, calls).await? {
        let hold = view(chain, lots::ADDRESS, ILots::holdCall { id: recall.hold }).await?;
        let keys = keys(chain, recall.hold, hold.things).await?;
        let thing = keys.iter().find_map(|key| wanted.get(key));
        found.extend(thing.map(|thing| (recall.hold, *thing)));
    }
    Ok(found)
}

async fn stop(
    chain: &dyn Chain,
    parties: &Parties,
    hold: u64,
    thing: &str,
) -> Result<Option<Stop>, RecallError> {
    let record = view(chain, lots::ADDRESS, ILots::holdCall { id: hold }).await?;
    if record.id == 0 || record.released {
        return Ok(None);
    }
    let mut stop = Stop {
        kind: StopKind::Hold,
        number: hold,
        thing: thing.to_owned(),
        reason: words::reason(record.reason).to_owned(),
        text: record.note,
        level: None,
        party: Some(parties.name(record.organisation)),
        since_ms: i64::try_from(record.since.saturating_mul(1_000)).unwrap_or(i64::MAX),
    };
    if let Some(number) = recall_of(chain, hold).await? {
        let recall = view(chain, recall::ADDRESS, IRecall::recallCall { id: number }).await?;
        stop.kind = StopKind::Recall;
        stop.number = number;
        stop.text = recall.text;
        stop.level = Some(words::word(&words::LEVELS, recall.level).to_owned());
    }
    Ok(Some(stop))
}
