//! Questions that a partner may not ask: whoever may filter by a field finds its value by asking.

use axum::http::StatusCode;
use qiao_indexer::Resource;
use qiao_sharing::Field;

use super::problem::Problem;
use crate::sharing::Sight;

/// Parameters that look at nothing that is ever hidden.
const OPEN: [&str; 27] = [
    "eventType",
    "GE_eventTime",
    "LT_eventTime",
    "GE_recordTime",
    "LT_recordTime",
    "EQ_action",
    "EQ_transformationID",
    "MATCH_epc",
    "MATCH_epcClass",
    "MATCH_parentID",
    "MATCH_inputEPC",
    "MATCH_inputEPCClass",
    "MATCH_outputEPC",
    "MATCH_outputEPCClass",
    "MATCH_anyEPC",
    "MATCH_anyEPCClass",
    "orderBy",
    "orderDirection",
    "eventCountLimit",
    "maxEventCount",
    "perPage",
    "nextPageToken",
    "stream",
    "schedule",
    "reportIfEmpty",
    "initialRecordTime",
    "EXISTS_errorDeclaration",
];

/// Parameters that look at one field: how they begin, and the field.
const OF_FIELDS: [(&str, &str); 13] = [
    ("EQ_bizStep", "bizStep"),
    ("EQ_disposition", "disposition"),
    ("EQ_persistentDisposition", "persistentDisposition"),
    ("EQ_readPoint", "readPoint"),
    ("EQ_bizLocation", "bizLocation"),
    ("EQ_bizTransaction", "bizTransaction"),
    ("EQ_source", "source"),
    ("EQ_destination", "destination"),
    ("EQ_quantity", "quantity"),
    ("GE_quantity", "quantity"),
    ("GT_quantity", "quantity"),
    ("LE_quantity", "quantity"),
    ("LT_quantity", "quantity"),
];

/// Refuses a query that looks at what is hidden. A parameter that is not known here is refused too: it
/// looks at extensions, sensors, attributes of master data or the identity of events.
pub(super) fn check(sight: &Sight, parameters: &[(String, String)]) -> Result<(), Box<Problem>> {
    let may = |name: &str| {
        let of = OF_FIELDS.iter().find(|(start, _)| {
            name.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        });
        OPEN.contains(&name)
            || of.is_some_and(|(_, word)| Field::parse(word).is_ok_and(|field| sight.shows(&field)))
    };
    match parameters.iter().find(|(name, _)| !sight.shows_all() && !may(name)) {
        Some((name, _)) => Err(hidden(&format!("the parameter `{}`", super::cut(name)))),
        None => Ok(()),
    }
}

/// Refuses to look an event up by its identity: of an event of which something is hidden, the Event Hash
/// ID tells the rest to whoever tries values.
pub(super) fn check_identity(sight: &Sight) -> Result<(), Box<Problem>> {
    if sight.shows_all() { Ok(()) } else { Err(hidden("the identity of an event")) }
}

/// Refuses lists of what is hidden.
pub(super) fn check_resource(sight: &Sight, resource: Resource) -> Result<(), Box<Problem>> {
    let word = match resource {
        Resource::Epcs => return Ok(()),
        Resource::BizSteps => "bizStep",
        Resource::Dispositions => "disposition",
        Resource::BizLocations => "bizLocation",
        Resource::ReadPoints => "readPoint",
    };
    let field = Field::parse(word).expect("it is a word for a field");
    if sight.shows(&field) { Ok(()) } else { Err(hidden(&format!("the field `{word}`"))) }
}

fn hidden(what: &str) -> Box<Problem> {
    let detail = format!("{what} looks at what is hidden from this key");
    Problem::new(StatusCode::FORBIDDEN, "sharing.hidden", detail)
        .hint("the operator of the node keeps what a partner sees: `PUT /partners/{name}`")
}
