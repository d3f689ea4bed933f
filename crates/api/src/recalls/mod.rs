//! Recalls and holds as people work with them: from a suspect lot to everything affected, declared with
//! one act, followed until everybody has answered. REST routes, commands and pages stand on it.
//!
//! What is affected is counted by the index of this node ([`Affected`]); who was told, who took note and
//! what became of the goods is what the modules `recall` and `lots` say.
//!
//! # What a desk sees
//! Recalls are open to all members. A key that is bound to one organisation sees of a recall what
//! concerns it: its own notice; all of it where it declared the recall or supervises.

mod declaring;
mod error;
mod holds;
mod names;
mod plan;
mod reading;
mod sheets;
pub mod words;

use std::time::Instant;

use qiao_epcis::Identifier;
use qiao_indexer::{Affected, TraceLimits};
use serde::Serialize;
use utoipa::ToSchema;

pub use self::{
    declaring::{Asked, Declared, Drilled, Sent, Step, TEXT_BYTES_MAX, declare, drill, notify},
    error::RecallError,
    holds::{Hold, hold, holds, stops},
    names::identifier,
    plan::{Plan, plan},
    reading::{Line, Notice, Page, Recall, Report, Total, lines, list, notice_to, one, report},
    sheets::{affected_sheet, report_sheet},
};
use crate::Chain;

/// Suspect things of one question.
pub const SUSPECTS_MAX: usize = 50;

/// How far a recall looks: beyond what a page shows.
const LIMITS: TraceLimits = TraceLimits {
    identifiers_max: 50_000,
    steps_max: 50_000,
    links_max: 200_000,
    depth_max: 200,
    items_per_step_max: 10_000,
    rows_max: 2_000_000,
};

/// Everything that some things concern, and how long it took to find it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// What is affected: lots, items, places, holders and quantities.
    #[schema(value_type = serde_json::Value)]
    #[serde(flatten)]
    pub affected: Affected,
    /// Milliseconds that it took.
    pub elapsed_ms: u64,
}

/// Everything that suspect things concern.
///
/// # Errors
/// There is none, too many, or no event names any of them; the index cannot answer.
pub async fn affected(chain: &dyn Chain, suspects: &[Identifier]) -> Result<Found, RecallError> {
    if !(1..=SUSPECTS_MAX).contains(&suspects.len()) {
        let rule = format!("names 1 to {SUSPECTS_MAX} suspect things");
        return Err(RecallError::input("lot", rule));
    }
    let begun = Instant::now();
    let affected = chain.index().affected(suspects, &LIMITS).await?;
    if affected.lines.is_empty() {
        return Err(RecallError::NothingKnown { thing: affected.suspects.join(", ") });
    }
    Ok(Found { affected, elapsed_ms: milliseconds(begun) })
}

fn milliseconds(begun: Instant) -> u64 {
    u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// What a recall calls back, as its declarer wrote it.
///
/// # Errors
/// The chain cannot be asked.
pub async fn things(chain: &dyn Chain, recall: u64) -> Result<Vec<String>, RecallError> {
    names::things_of(chain, recall).await
}

/// The time of the newest final block in seconds: what is overdue is overdue by it.
pub async fn now(chain: &dyn Chain) -> u64 {
    let head = chain.head();
    match chain.block_by_number(head.number).await {
        Ok(Some(block)) => block.block.header.timestamp,
        _ => head.timestamp_ms / 1_000,
    }
}
