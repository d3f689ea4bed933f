//! Rules for events.

use super::Check;
use super::sensor::sensor_element_list;
use super::values::{
    closed_fields, distinct_identifiers, extension, fields, identifier, identifiers, number,
    required, time, time_zone_offset, uom, uri, word, words,
};
use crate::event::{Action, EventKind};
use crate::json::{Json, Object};
use crate::vocabulary::{
    BIZ_STEP, BIZ_TRANSACTION_TYPE, DISPOSITION, ERROR_REASON, SOURCE_DESTINATION_TYPE,
};

/// Checks one event, without its `@context`.
pub(crate) fn event(check: &mut Check<'_>, event: &Object) {
    let Some(kind) = kind(check, event) else { return };
    required(check, event, &["eventTime", "eventTimeZoneOffset"]);
    if kind != EventKind::Transformation {
        required(check, event, &["action"]);
    }
    for (name, value) in event.iter() {
        if check.is_full() {
            return;
        }
        check.at(name, |check| field(check, kind, name, value));
    }
    match kind {
        EventKind::Object => object_event(check, event),
        EventKind::Aggregation | EventKind::Association => containment_event(check, kind, event),
        EventKind::Transaction => transaction_event(check, event),
        EventKind::Transformation => transformation_event(check, event),
    }
}

fn kind(check: &mut Check<'_>, event: &Object) -> Option<EventKind> {
    let Some(value) = event.get("type") else {
        check.missing("type", "an event has a `type`");
        return None;
    };
    let kind = value.as_str().and_then(EventKind::from_name);
    if kind.is_none() {
        let names = EventKind::ALL.map(EventKind::as_str).join(", ");
        check.at("type", |check| {
            check.problem("epcis.unknown_event_type", format!("an event's type is one of {names}"));
        });
    }
    kind
}

fn field(check: &mut Check<'_>, kind: EventKind, name: &str, value: &Json) {
    if !is_field_of(name, kind) {
        return extension(check, name, value);
    }
    match name {
        "eventTime" | "recordTime" => time(check, value),
        "eventTimeZoneOffset" => time_zone_offset(check, value),
        "eventID" => uri(check, value),
        "certificationInfo" => certification_info(check, value),
        "errorDeclaration" => error_declaration(check, value),
        "action" => action(check, value),
        "bizStep" => word(check, value, &BIZ_STEP),
        "disposition" => word(check, value, &DISPOSITION),
        "persistentDisposition" => persistent_disposition(check, value),
        "readPoint" | "bizLocation" => place(check, value),
        "bizTransactionList" => list_of(check, value, biz_transaction),
        "sourceList" => list_of(check, value, source),
        "destinationList" => list_of(check, value, destination),
        "sensorElementList" => sensor_element_list(check, value),
        "ilmd" => ilmd(check, value),
        "parentID" | "transformationID" => identifier(check, value),
        "epcList" if kind == EventKind::Object => distinct_identifiers(check, value),
        "epcList" | "childEPCs" => identifiers(check, value),
        "inputEPCList" | "outputEPCList" => distinct_identifiers(check, value),
        "quantityList" | "childQuantityList" | "inputQuantityList" | "outputQuantityList" => {
            list_of(check, value, quantity_element);
        }
        _ => {}
    }
}

/// Whether the standard gives this field to this type of event. The standard gives a persistent
/// disposition to all of them, the published schema forgets it for three.
fn is_field_of(name: &str, kind: EventKind) -> bool {
    use EventKind::{Aggregation, Association, Object, Transaction, Transformation};
    match name {
        "type"
        | "eventTime"
        | "recordTime"
        | "eventTimeZoneOffset"
        | "eventID"
        | "certificationInfo"
        | "errorDeclaration"
        | "bizStep"
        | "disposition"
        | "readPoint"
        | "bizLocation"
        | "bizTransactionList"
        | "sourceList"
        | "destinationList"
        | "sensorElementList"
        | "persistentDisposition" => true,
        "action" => kind != Transformation,
        "ilmd" => matches!(kind, Object | Transformation),
        "parentID" => matches!(kind, Aggregation | Association | Transaction),
        "epcList" | "quantityList" => matches!(kind, Object | Transaction),
        "childEPCs" | "childQuantityList" => matches!(kind, Aggregation | Association),
        "inputEPCList" | "inputQuantityList" | "outputEPCList" | "outputQuantityList"
        | "transformationID" => kind == Transformation,
        _ => false,
    }
}

fn action_of(event: &Object) -> Option<Action> {
    event.str("action").and_then(Action::from_name)
}

/// Whether the event has one of these lists with at least one element.
fn has_any(event: &Object, lists: &[&str]) -> bool {
    lists.iter().any(|list| !event.array(list).is_empty())
}

fn missing_identifiers(check: &mut Check<'_>, rule: &str) {
    check.problem("epcis.missing_identifiers", rule);
}

fn object_event(check: &mut Check<'_>, event: &Object) {
    let has_reading = has_any(event, &["sensorElementList"]) && event.get("readPoint").is_some();
    if event.get("epcList").is_none() && !has_any(event, &["quantityList"]) && !has_reading {
        missing_identifiers(
            check,
            "an object event has `epcList` or `quantityList`, or a `sensorElementList` with a \
             `readPoint`",
        );
    }
    let action = action_of(event);
    if event.get("ilmd").is_some() && action.is_some_and(|action| action != Action::Add) {
        check.at("ilmd", |check| {
            let rule = "`ilmd` describes new objects: the action is `ADD`";
            check.problem("epcis.ilmd_without_add", rule);
        });
    }
}

fn containment_event(check: &mut Check<'_>, kind: EventKind, event: &Object) {
    let action = action_of(event);
    let needs_parent =
        kind == EventKind::Association || action.is_some_and(|action| action != Action::Observe);
    if needs_parent && event.get("parentID").is_none() {
        check.missing("parentID", "`parentID` is required");
    }
    // To take everything out of the parent no child needs to be named.
    if action != Some(Action::Delete) && !has_any(event, &["childEPCs", "childQuantityList"]) {
        missing_identifiers(check, "the event has `childEPCs` or `childQuantityList`");
    }
}

fn transaction_event(check: &mut Check<'_>, event: &Object) {
    required(check, event, &["bizTransactionList"]);
    if event.get("bizTransactionList").is_some_and(|list| list.as_array() == Some(&[])) {
        check.at("bizTransactionList", |check| {
            check.problem("epcis.empty_list", "the list has one element at least");
        });
    }
    let has_identifiers = event.get("epcList").is_some() || has_any(event, &["quantityList"]);
    if action_of(event) != Some(Action::Delete) && !has_identifiers {
        missing_identifiers(check, "a transaction event has `epcList` or `quantityList`");
    }
}

fn transformation_event(check: &mut Check<'_>, event: &Object) {
    let has_inputs = has_any(event, &["inputEPCList", "inputQuantityList"]);
    let has_outputs = has_any(event, &["outputEPCList", "outputQuantityList"]);
    let is_part = event.get("transformationID").is_some() && (has_inputs || has_outputs);
    let is_whole = has_inputs && has_outputs;
    if !is_whole && !is_part {
        missing_identifiers(
            check,
            "a transformation event has inputs and outputs, or one of them and a \
             `transformationID`",
        );
    }
}

fn action(check: &mut Check<'_>, value: &Json) {
    if let Some(text) = check.as_str(value)
        && Action::from_name(text).is_none()
    {
        let rule = "an action is `ADD`, `OBSERVE` or `DELETE`";
        check.problem("epcis.unknown_action", rule);
    }
}

fn certification_info(check: &mut Check<'_>, value: &Json) {
    match value {
        Json::Array(items) => check.each(items, uri),
        single => uri(check, single),
    }
}

fn error_declaration(check: &mut Check<'_>, value: &Json) {
    if let Some(declaration) = check.as_object(value) {
        required(check, declaration, &["declarationTime"]);
        fields(
            check,
            declaration,
            &[
                ("declarationTime", time),
                ("reason", |check, value| word(check, value, &ERROR_REASON)),
                ("correctiveEventIDs", |check, value| list_of(check, value, uri)),
            ],
        );
    }
}

fn persistent_disposition(check: &mut Check<'_>, value: &Json) {
    let Some(object) = check.as_object(value) else { return };
    if object.get("set").is_none() && object.get("unset").is_none() {
        check.missing("set", "a persistent disposition has `set` or `unset`");
    }
    closed_fields(
        check,
        object,
        &[
            ("set", |check, value| words(check, value, &DISPOSITION)),
            ("unset", |check, value| words(check, value, &DISPOSITION)),
        ],
    );
}

fn place(check: &mut Check<'_>, value: &Json) {
    if let Some(place) = check.as_object(value) {
        required(check, place, &["id"]);
        fields(check, place, &[("id", identifier)]);
    }
}

fn list_of(check: &mut Check<'_>, value: &Json, rule: fn(&mut Check<'_>, &Json)) {
    if let Some(items) = check.as_array(value) {
        check.each(items, rule);
    }
}

fn biz_transaction(check: &mut Check<'_>, value: &Json) {
    if let Some(entry) = check.as_object(value) {
        required(check, entry, &["bizTransaction"]);
        closed_fields(
            check,
            entry,
            &[
                ("type", |check, value| word(check, value, &BIZ_TRANSACTION_TYPE)),
                ("bizTransaction", identifier),
            ],
        );
    }
}

fn source(check: &mut Check<'_>, value: &Json) {
    party(check, value, "source");
}

fn destination(check: &mut Check<'_>, value: &Json) {
    party(check, value, "destination");
}

fn party(check: &mut Check<'_>, value: &Json, field: &str) {
    if let Some(entry) = check.as_object(value) {
        required(check, entry, &["type", field]);
        closed_fields(
            check,
            entry,
            &[
                ("type", |check, value| word(check, value, &SOURCE_DESTINATION_TYPE)),
                (field, identifier),
            ],
        );
    }
}

fn quantity_element(check: &mut Check<'_>, value: &Json) {
    if let Some(element) = check.as_object(value) {
        required(check, element, &["epcClass"]);
        closed_fields(
            check,
            element,
            &[("epcClass", identifier), ("quantity", number), ("uom", uom)],
        );
    }
}

fn ilmd(check: &mut Check<'_>, value: &Json) {
    if let Some(object) = check.as_object(value) {
        fields(check, object, &[]);
    }
}
