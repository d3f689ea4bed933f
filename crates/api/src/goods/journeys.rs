//! The journey of a thing, from the trace of what it was made of.

use std::collections::BTreeSet;

use qiao_epcis::{Event, EventHash, Identifier, Limits};
use qiao_goods::{
    Recorded,
    journey::{Journey, Line, Names},
};
use qiao_indexer::{
    Direction, EventQuery, Index, IndexError, IndexedEvent, NodeRole, ThingKind, Trace,
    TraceLimits, TraceNode,
};
use qiao_modules::traceability;
use qiao_types::{B256, Proof};

use crate::{
    Chain,
    proofs::{self, Unproved},
    recalls::{self, RecallError},
};

/// What a page for everybody asks of the index.
const IDENTIFIERS_MAX: usize = 1_000;
const STEPS_MAX: usize = 600;

/// The journey of a thing as everybody may read it, with the recalls and holds that the chain has against
/// it; none where nothing was recorded of it.
///
/// # Errors
/// The index or the chain cannot answer.
pub async fn journey(
    chain: &dyn Chain,
    id: &Identifier,
    names: Names,
) -> Result<Option<Journey>, RecallError> {
    let index = chain.index();
    let limits = TraceLimits {
        identifiers_max: IDENTIFIERS_MAX,
        steps_max: STEPS_MAX,
        items_per_step_max: 1,
        ..TraceLimits::default()
    };
    let trace = index.trace(id, Direction::Back, &limits).await?;
    if !trace.found {
        return Ok(None);
    }
    let line = line(&trace);
    let followed = followed(index, &trace).await?;
    let mut events: Vec<Recorded> = followed.iter().filter_map(recorded).collect();
    events.extend(later_words(index, &line, &events).await?);
    let journey = Journey::of(id.as_str(), &line, &events, names);
    if !journey.is_known() {
        return Ok(None);
    }
    let holder = trace.nodes.first().and_then(|root| root.holder.as_ref());
    let present = holder.map(|holder| (id.as_str(), holder.party));
    let stops = recalls::stops(chain, &line.goods, present).await?;
    Ok(Some(journey.stopped_by(stops, names)))
}

/// Lots about which later words are looked for.
const LOTS_MAX: usize = 100;

/// What was said of lots after something was made of them: a trace ends where they were used up, a recall
/// often comes later.
async fn later_words(
    index: &Index,
    line: &Line,
    known: &[Recorded],
) -> Result<Vec<Recorded>, IndexError> {
    let is_lot = |id: &&String| id.contains("/10/");
    let lots: Vec<&str> =
        line.goods.iter().filter(is_lot).take(LOTS_MAX).map(String::as_str).collect();
    if lots.is_empty() {
        return Ok(Vec::new());
    }
    let wanted = lots.join("|");
    let query = EventQuery::parse([
        ("MATCH_epcClass", wanted.as_str()),
        ("EQ_bizStep", "holding|inspecting|accepting|storing|removing|sampling"),
    ]);
    let query = query.expect("the parameters are those of the index");
    let page = index.events(&query.per_page(EventQuery::PER_PAGE_MAX)).await?;
    let found = page.items.iter().filter_map(recorded);
    let is_new = |one: &Recorded| known.iter().all(|old| old.event.hash() != one.event.hash());
    Ok(found.filter(is_new).collect())
}

/// The events of a trace, oldest first.
///
/// # Errors
/// The index cannot answer.
pub async fn followed(index: &Index, trace: &Trace) -> Result<Vec<IndexedEvent>, IndexError> {
    let hashes = trace.timeline.iter().filter_map(|step| step.event.parse::<EventHash>().ok());
    index.events_of(&hashes.collect::<Vec<_>>()).await
}

/// An event of the index with what the chain says of it; none where a later version of the rules could
/// not read it.
pub fn recorded(event: &IndexedEvent) -> Option<Recorded> {
    let parsed = Event::parse(event.body.as_bytes(), &Limits::EVENT).ok()?;
    Some(Recorded {
        id: event.hash.clone(),
        event: parsed,
        party: event.party,
        party_name: event.party_name.clone(),
        record_time_ms: event.record_time_ms,
        block: event.place.block,
        transaction: event.transaction.to_string(),
        is_withdrawn: event.withdrawn.is_some(),
    })
}

/// The things whose events make the journey of a trace's root.
fn line(trace: &Trace) -> Line {
    let belongs = |node: &TraceNode| {
        [NodeRole::Root, NodeRole::Source].iter().any(|role| node.roles.contains(role))
    };
    let goods = trace.nodes.iter().filter(|node| belongs(node));
    let carriers = trace
        .nodes
        .iter()
        .filter(|node| node.roles.contains(&NodeRole::Carrier) && node.kind != ThingKind::Place);
    let ids = |nodes: &mut dyn Iterator<Item = &TraceNode>| -> BTreeSet<String> {
        nodes.map(|node| node.id.clone()).collect()
    };
    Line { goods: ids(&mut { goods }), carriers: ids(&mut { carriers }) }
}

/// The proof that the events of a journey are recorded: for each its place in the module's state, which
/// tells when it was captured, and nothing of what it says.
///
/// # Errors
/// The chain cannot prove it.
pub async fn journey_proof(chain: &dyn Chain, journey: &Journey) -> Result<Proof, Unproved> {
    let hashes = journey.events.iter().filter_map(|hash| hash.parse::<EventHash>().ok());
    let slots: Vec<_> = hashes
        .take(Proof::SLOTS_MAX)
        .map(|hash| traceability::record_slot(B256::from(hash.0)))
        .collect();
    proofs::account(chain, traceability::ADDRESS, &slots, None).await
}
