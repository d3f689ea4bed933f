//! Steps, facts and links in words for everybody.

use qiao_goods::journey::{Certificate, Step};

use crate::{
    console::Console,
    decoding::spelled,
    telling::{self, Told},
};

/// Products named in one sentence.
const NAMED_MAX: usize = 3;

/// What happened: `Made Minced pork 1 kg from Minced pork, bulk`.
pub(super) fn sentence(console: &Console, step: &Step) -> String {
    let told = Told {
        kind: &step.kind,
        action: step.action.as_deref(),
        step: step.biz_step.as_deref(),
        disposition: step.disposition.as_deref(),
    };
    let verb = telling::verb(told);
    let (made, used) = (names(console, &step.products), names(console, &step.made_of));
    match (made, used) {
        (Some(made), Some(used)) => format!("{verb} {made} from {used}"),
        (Some(made), None) => format!("{verb} {made}"),
        (None, Some(used)) => format!("Used {used}"),
        (None, None) => verb.trim_end_matches(':').to_owned(),
    }
}

fn names(console: &Console, ids: &[String]) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for id in ids {
        let name = console.labels.thing(id).kind;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.len() > NAMED_MAX {
        let rest = names.len() - NAMED_MAX;
        names.truncate(NAMED_MAX);
        names.push(format!("{rest} more"));
    }
    match names.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [first @ .., last] => Some(format!("{} and {last}", first.join(", "))),
    }
}

/// A disposition that means trouble, at the beginning of a sentence.
pub(super) fn alarm(disposition: &str) -> &'static str {
    match disposition {
        "recalled" => "Recalled",
        "expired" => "Declared expired",
        "damaged" => "Declared damaged",
        "stolen" => "Reported stolen",
        _ => "Found unfit",
    }
}

/// What a fact is called on labels.
pub(super) fn fact(name: &str) -> String {
    match name {
        "lotNumber" => "Lot".to_owned(),
        "bestBeforeDate" => "Best before".to_owned(),
        "itemExpirationDate" | "expirationDate" => "Use by".to_owned(),
        "sellByDate" => "Sell by".to_owned(),
        "countryOfOrigin" => "Country of origin".to_owned(),
        "fishType" => "Species".to_owned(),
        other => spelled(other),
    }
}

/// What a certificate is called: its kind and number.
pub(super) fn certificate(one: &Certificate) -> String {
    let number = telling::document_number(&one.id);
    match one.kind.as_str() {
        "testres" => format!("Test result {number}"),
        "cert" => format!("Certificate {number}"),
        _ => format!("Certificate at {}", host(&one.id)),
    }
}

/// Who refers to a certificate, and who issued it, where its number tells.
pub(super) fn issuer(console: &Console, one: &Certificate) -> String {
    let gln = one.id.strip_prefix("urn:epcglobal:cbv:bt:").and_then(|rest| rest.split_once(':'));
    let issuer = gln.map(|(gln, _)| console.labels.place(&format!("https://id.gs1.org/417/{gln}")));
    match (issuer, &one.party) {
        (Some(issuer), _) => issuer,
        (None, Some(party)) => format!("named by {party}"),
        (None, None) => String::new(),
    }
}

fn host(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// What a link type means.
pub(super) fn link_type(link_type: &str) -> String {
    let word = link_type.rsplit([':', '/']).next().unwrap_or(link_type);
    match word {
        "pip" => "Product information".to_owned(),
        "certificationInfo" => "Certificates".to_owned(),
        "recipeInfo" => "Recipes".to_owned(),
        "recallStatus" => "Recalls".to_owned(),
        "masterData" => "Master data".to_owned(),
        other => spelled(other),
    }
}
