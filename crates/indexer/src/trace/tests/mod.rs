//! Traces of small stories, each told in full; and of many made-up ones against a simulation.

mod affected;
mod life;
mod sample;
mod simulation;
mod stories;

use std::collections::BTreeSet;

use qiao_epcis::Identifier;

use super::*;
use crate::testing::*;

/// An index that holds these events, a few per block, captured by party 1.
async fn told(events: &[Draft]) -> Index {
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    for chunk in events.chunks(4) {
        chain.capture(1, chunk);
        index.apply(&chain.block()).await.unwrap();
    }
    index
}

async fn trace(index: &Index, id: &str, direction: Direction) -> Trace {
    let id = Identifier::parse(id).unwrap();
    index.trace(&id, direction, &TraceLimits::default()).await.unwrap()
}

fn things(trace: &Trace) -> BTreeSet<&str> {
    trace.nodes.iter().map(|node| node.id.as_str()).collect()
}

fn set<'a>(ids: &[&'a str]) -> BTreeSet<&'a str> {
    ids.iter().copied().collect()
}

/// The minutes at which the steps happened.
fn minutes(trace: &Trace) -> Vec<i64> {
    trace.timeline.iter().map(|step| (step.event_time_ms - DAY_ONE_MS) / 60_000).collect()
}

fn node<'a>(trace: &'a Trace, id: &str) -> &'a TraceNode {
    trace.nodes.iter().find(|node| node.id == id).expect("the node is in the trace")
}
