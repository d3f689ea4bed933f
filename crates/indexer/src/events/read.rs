//! An event as the index gives it out.

use alloy_primitives::{Address, B256};
use serde::{Deserialize, Serialize};

use crate::columns::{address, count, hash, number};
use crate::database::Row;
use crate::{IndexError, TransactionPlace};

/// A recorded event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexedEvent {
    /// The Event Hash ID: `ni:///sha-256;…?ver=CBV2.0`.
    pub hash: String,
    /// The type: `ObjectEvent`.
    pub kind: String,
    /// The action: `ADD`, `OBSERVE`, `DELETE`; a transformation has none.
    pub action: Option<String>,
    /// When it happened, in milliseconds since the Unix epoch.
    pub event_time_ms: i64,
    /// The offset of local time where it happened.
    pub time_zone: String,
    /// When the chain recorded it, in milliseconds since the Unix epoch.
    pub record_time_ms: u64,
    /// The business step.
    pub biz_step: Option<String>,
    /// The disposition.
    pub disposition: Option<String>,
    /// Where it happened.
    pub read_point: Option<String>,
    /// Where the things are afterwards.
    pub biz_location: Option<String>,
    /// Number of the organisation that it was recorded for.
    pub party: u64,
    /// Name of that organisation.
    pub party_name: Option<String>,
    /// The account that recorded it.
    pub capturer: Address,
    /// Where the transaction is that carried it.
    #[serde(flatten)]
    pub place: TransactionPlace,
    /// Hash of that transaction.
    pub transaction: B256,
    /// Its position among the events of that transaction.
    pub event_position: u32,
    /// Whether its party declared it wrong later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<Withdrawal>,
    /// The event as it was captured: JSON with its own `@context`.
    pub body: String,
}

/// An error declaration: the event should not have been recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdrawal {
    /// When it was declared, in milliseconds since the Unix epoch.
    pub declared_ms: i64,
    /// Why.
    pub reason: Option<String>,
}

/// What [`IndexedEvent::from_row`] reads.
pub(super) const COLUMNS: &str = "e.id, e.hash, e.kind, e.action, e.event_time_ms, e.time_zone, \
     e.record_time_ms, step.name AS step, disposition.name AS disposition, \
     read_point.name AS read_point, biz_location.name AS biz_location, e.party, \
     o.name AS party_name, e.capturer, e.transaction_place, t.hash AS transaction_hash, \
     e.position, e.withdrawn_ms, e.withdrawn_reason, b.body";

/// Where [`COLUMNS`] come from, besides `events e`.
pub(super) const JOINS: &str = "JOIN bodies b ON b.event = e.id \
     JOIN transactions t ON t.place = e.transaction_place \
     LEFT JOIN names step ON step.id = e.step_name \
     LEFT JOIN names disposition ON disposition.id = e.disposition_name \
     LEFT JOIN names read_point ON read_point.id = e.read_point_name \
     LEFT JOIN names biz_location ON biz_location.id = e.biz_location_name \
     LEFT JOIN organisations o ON o.id = e.party";

impl IndexedEvent {
    pub(super) fn from_row(row: &Row) -> Result<Self, IndexError> {
        let withdrawn_ms: Option<i64> = row.try_get("withdrawn_ms")?;
        let reason = row.try_get("withdrawn_reason")?;
        Ok(Self {
            hash: qiao_epcis::EventHash(hash(row, "hash")?.0).to_string(),
            kind: kind_name(row.try_get("kind")?)?.to_owned(),
            action: action_name(row.try_get("action")?)?.map(str::to_owned),
            event_time_ms: row.try_get("event_time_ms")?,
            time_zone: row.try_get("time_zone")?,
            record_time_ms: number(row, "record_time_ms")?,
            biz_step: row.try_get("step")?,
            disposition: row.try_get("disposition")?,
            read_point: row.try_get("read_point")?,
            biz_location: row.try_get("biz_location")?,
            party: number(row, "party")?,
            party_name: row.try_get("party_name")?,
            capturer: address(row, "capturer")?,
            place: TransactionPlace::from_number(row.try_get("transaction_place")?),
            transaction: hash(row, "transaction_hash")?,
            event_position: count(row, "position")?,
            withdrawn: withdrawn_ms.map(|declared_ms| Withdrawal { declared_ms, reason }),
            body: row.try_get("body")?,
        })
    }
}

/// The name of a kind in `events`.
pub(crate) fn kind_name(code: i64) -> Result<&'static str, IndexError> {
    let names = [
        "ObjectEvent",
        "AggregationEvent",
        "TransactionEvent",
        "TransformationEvent",
        "AssociationEvent",
    ];
    usize::try_from(code)
        .ok()
        .and_then(|code| names.get(code).copied())
        .ok_or_else(|| IndexError::Damaged(format!("event kind {code}")))
}

/// The name of an action in `events`.
pub(crate) fn action_name(code: i64) -> Result<Option<&'static str>, IndexError> {
    match code {
        0 => Ok(None),
        1 => Ok(Some("ADD")),
        2 => Ok(Some("OBSERVE")),
        3 => Ok(Some("DELETE")),
        other => Err(IndexError::Damaged(format!("event action {other}"))),
    }
}
