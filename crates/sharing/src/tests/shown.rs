//! What a partner sees.

use std::collections::BTreeSet;

use super::*;
use crate::show;

fn profile(fields: &[&str]) -> BTreeSet<Field> {
    fields.iter().map(|field| Field::parse(field).unwrap()).collect()
}

fn seen(text: &str, fields: &[&str]) -> (Event, bool) {
    let (body, is_hidden) = show(&event(text), &profile(fields)).unwrap();
    (event(&body), is_hidden)
}

#[test]
fn a_partner_sees_what_its_profile_names_and_nothing_else() {
    let (bare, is_hidden) = seen(DELIVERY, &[]);
    assert!(is_hidden);
    let names: Vec<&str> = bare.json().iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["type", "action", "eventTime", "eventTimeZoneOffset", "quantityList"]);
    assert_eq!(bare.items()[0].quantity, None);

    let (some, _) = seen(DELIVERY, &["quantity", "bizStep", "https://farm.example/breed"]);
    assert_eq!(some.items()[0].quantity.as_deref(), Some("25.5"));
    assert_eq!(some.biz_step(), Some("shipping"));
    assert_eq!(some.json().str("farm:breed"), Some("Duroc"));
    assert_eq!(some.json().get("farm:price"), None);
    assert!(some.sources().is_empty() && some.read_point().is_none());

    let (all, is_hidden) = seen(DELIVERY, &["all"]);
    assert!(!is_hidden && all.hash() == event(DELIVERY).hash());
}

#[test]
fn a_prefix_is_what_the_event_says_so_that_a_profile_names_the_namespace() {
    let disguised = DELIVERY
        .replace("\"farm\": \"https://farm.example/\"", "\"farm\": \"https://other.example/\"");
    let (seen, _) = seen(&disguised, &["https://farm.example/price", "farm:price"]);
    assert_eq!(seen.json().get("farm:price"), None);
}

#[test]
fn comments_extensions_of_declarations_and_what_is_sealed_are_hidden_too() {
    let declared = DELIVERY.replace(
        "\"farm:breed\"",
        "\"rdfs:comment\": \"cheap\", \"errorDeclaration\": {\"declarationTime\": \
         \"2026-03-05T10:00:00Z\", \"farm:why\": \"price was 12.50\"}, \"farm:breed\"",
    );
    let (seen, _) = seen(&declared, &["bizStep"]);
    let text = seen.to_json();
    assert!(!text.contains("cheap") && !text.contains("12.50"), "{text}");
    assert!(seen.corrects().is_some());
    let (body, _) = show(&sealed(DELIVERY, &["farm:price"]), &profile(&["farm:price"])).unwrap();
    assert!(!body.contains("commitment"), "{body}");
}

#[test]
fn an_event_that_cannot_be_without_what_is_hidden_is_not_shown() {
    let order = DELIVERY.replace("ObjectEvent", "TransactionEvent").replace(
        "\"sourceList\"",
        "\"bizTransactionList\": [{\"type\": \"po\", \"bizTransaction\": \"urn:x:1\"}], \"sourceList\"",
    );
    assert!(show(&event(&order), &profile(&["bizStep"])).is_none());
    assert!(show(&event(&order), &profile(&["bizTransaction"])).is_some());
}
