//! Which part of the events is shown.

use std::collections::BTreeSet;

use qiao_epcis::{Action, Event, EventKind, ItemRole, Json};

use super::{Certificate, Fact, Step, is_alarm};
use crate::{Recorded, product_of};

/// Certificates that are shown at most.
const CERTIFICATES_MAX: usize = 50;

/// Bytes of a value that is shown at most.
const VALUE_BYTES_MAX: usize = 200;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// What of the master data of a lot or item stands on labels too (CBV 2.0 §9, GS1 Web Vocabulary).
const FACTS: &[&str] = &[
    "lotNumber",
    "bestBeforeDate",
    "itemExpirationDate",
    "expirationDate",
    "sellByDate",
    "productionDate",
    "packagingDate",
    "harvestStartDate",
    "harvestEndDate",
    "harvestDateStart",
    "harvestDateEnd",
    "countryOfOrigin",
    "catchZone",
    "fishType",
    "growingMethodCode",
    "preservationTechniqueCode",
    "storageStateCode",
    "speciesForFisheryStatisticsPurposesName",
    "productionMethodForFishAndSeafoodCode",
];

/// Where those attributes live.
const VOCABULARIES: &[&str] =
    &["urn:epcglobal:cbv:mda:", "https://ref.gs1.org/cbv/", "https://gs1.org/voc/"];

/// Business between parties and their equipment is nobody else's business.
pub(super) fn is_shown(one: &Recorded) -> bool {
    let is_business = matches!(one.event.kind(), EventKind::Transaction | EventKind::Association);
    !is_business && !matches!(one.event.biz_step(), Some("stock_taking" | "reserving"))
}

/// The steps, those of one kind in a row as one.
pub(super) fn steps(events: &[&Recorded], line: &BTreeSet<String>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for one in events.iter().filter(|one| is_shown(one)) {
        let next = step(one, line);
        match steps.last_mut() {
            Some(last) if are_alike(last, &next) => {
                last.until_ms = next.until_ms;
                last.events += 1;
                add(&mut last.products, next.products);
                add(&mut last.made_of, next.made_of);
            }
            _ => steps.push(next),
        }
    }
    steps
}

fn step(one: &Recorded, line: &BTreeSet<String>) -> Step {
    let event = &one.event;
    let of = |roles: &[ItemRole]| {
        let mut products = Vec::new();
        let items = event.items().iter().filter(|item| roles.contains(&item.role));
        // Of what else went the same way only the line of this thing is told.
        let own = items.filter(|item| line.contains(item.id.as_str()));
        add(&mut products, own.map(|item| product_of(item.id.as_str()).to_owned()).collect());
        products
    };
    Step {
        kind: event.kind().as_str().to_owned(),
        action: event.action().map(Action::as_str).map(str::to_owned),
        biz_step: event.biz_step().map(str::to_owned),
        disposition: event.disposition().map(str::to_owned),
        from_ms: event.event_time_ms(),
        until_ms: event.event_time_ms(),
        time_zone: event.time_zone_offset().to_owned(),
        place: one.place().map(str::to_owned),
        party: one.party_name.clone(),
        products: of(&[ItemRole::Object, ItemRole::Child, ItemRole::Parent, ItemRole::Output]),
        made_of: of(&[ItemRole::Input]),
        is_alarm: is_alarm(event.disposition()),
        events: 1,
    }
}

fn add(list: &mut Vec<String>, more: Vec<String>) {
    for one in more {
        if !list.contains(&one) {
            list.push(one);
        }
    }
}

/// Whether two steps say the same of things of the same kind on one day.
fn are_alike(left: &Step, right: &Step) -> bool {
    let key = |step: &Step| {
        let deed = (step.kind.clone(), step.action.clone(), step.biz_step.clone());
        let place = (step.place.clone(), step.party.clone());
        (deed, place, step.disposition.clone(), step.products.clone())
    };
    key(left) == key(right) && right.from_ms - left.from_ms < DAY_MS
}

/// What the label of a thing says, by the event that made it.
pub(super) fn facts(events: &[&Recorded], id: &str) -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    for one in events.iter().filter(|one| makes(&one.event, id)) {
        let Some(ilmd) = one.event.json().get("ilmd").and_then(Json::as_object) else { continue };
        for (name, value) in ilmd.iter() {
            let whole = one.event.expanded(name);
            let short = VOCABULARIES.iter().find_map(|vocabulary| whole.strip_prefix(vocabulary));
            let Some(short) = short.filter(|short| FACTS.contains(short)) else { continue };
            let Some(value) = text(value) else { continue };
            match facts.iter_mut().find(|fact| fact.name == short) {
                Some(fact) => fact.value = value,
                None => facts.push(Fact { name: short.to_owned(), value }),
            }
        }
    }
    facts
}

/// Whether an event says what a thing is: it begins in it.
fn makes(event: &Event, id: &str) -> bool {
    let is_new = |role: ItemRole| {
        role == ItemRole::Output || role == ItemRole::Object && event.action() == Some(Action::Add)
    };
    event.items().iter().any(|item| is_new(item.role) && item.id.as_str() == id)
}

fn text(value: &Json) -> Option<String> {
    let text = match value {
        Json::String(text) | Json::Number(text) => text.clone(),
        Json::Array(items) => {
            let texts: Vec<String> = items.iter().filter_map(text).collect();
            texts.join(", ")
        }
        Json::Object(object) => object.get("@value").and_then(text)?,
        _ => return None,
    };
    (!text.is_empty() && text.len() <= VALUE_BYTES_MAX).then_some(text)
}

/// Certificates and test results, each once.
pub(super) fn certificates(events: &[&Recorded]) -> Vec<Certificate> {
    let mut certificates: Vec<Certificate> = Vec::new();
    for one in events.iter().filter(|one| is_shown(one)) {
        for (kind, id) in referred(&one.event) {
            let is_known = certificates.iter().any(|known| known.id == id);
            if is_known || certificates.len() == CERTIFICATES_MAX {
                continue;
            }
            certificates.push(Certificate {
                kind,
                id,
                party: one.party_name.clone(),
                time_ms: one.event.event_time_ms(),
                time_zone: one.event.time_zone_offset().to_owned(),
            });
        }
    }
    certificates
}

/// The certificates to which an event refers.
fn referred(event: &Event) -> Vec<(String, String)> {
    let documents = event.biz_transactions().iter();
    let mut found: Vec<(String, String)> = documents
        .filter(|(kind, _)| matches!(kind.as_deref(), Some("cert" | "testres")))
        .map(|(kind, id)| (kind.clone().unwrap_or_default(), id.clone()))
        .collect();
    let mut add = |value: &Json| {
        if let Json::String(id) = value {
            found.push(("certificationInfo".to_owned(), event.expanded(id).into_owned()));
        }
    };
    match event.json().get("certificationInfo") {
        Some(Json::Array(items)) => items.iter().for_each(&mut add),
        Some(single) => add(single),
        None => {}
    }
    found
}
