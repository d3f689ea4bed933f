//! Stories of a price that a farm shows to its customer only.

mod damaged;
mod properties;
mod shown;

use proptest::prelude::*;
use qiao_epcis::{Event, Json, Limits};

use crate::{
    Author, Disclosure, DisclosureError, Field, Keyring, Reader, SealError, State, Wish, disclose,
    is_sealed, seal, shows_sealed, view,
};

const FARM: u64 = 1;
const PACKER: u64 = 2;
const RIVAL: u64 = 3;

/// A delivery of a lot at a price.
pub(super) const DELIVERY: &str = r#"{
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        {"farm": "https://farm.example/"}],
    "type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping", "disposition": "in_transit",
    "eventTime": "2026-03-04T10:00:00Z", "eventTimeZoneOffset": "+00:00",
    "quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.012345.L7", "quantity": 25.50, "uom": "KGM"}],
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00005.0"},
    "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:4012345.00005"}],
    "farm:price": "12.50", "farm:breed": "Duroc"
}"#;

pub(super) fn event(text: &str) -> Event {
    Event::parse(text.as_bytes(), &Limits::DOCUMENT).unwrap()
}

/// Keys that do not change between runs.
pub(super) fn keys(number: u8) -> Keyring {
    Keyring::parse(&hex::encode([number; 32])).unwrap()
}

pub(super) fn wish(field: &str, readers: &[(u64, &Keyring)]) -> Wish {
    let reader = |(organisation, keys): &(u64, &Keyring)| Reader {
        organisation: *organisation,
        key: keys.newest(),
    };
    Wish { field: Field::parse(field).unwrap(), readers: readers.iter().map(reader).collect() }
}

/// The event with these fields sealed by the farm for the packer.
pub(super) fn sealed(text: &str, fields: &[&str]) -> Event {
    let (farm, packer) = (keys(1), keys(2));
    let wishes: Vec<Wish> = fields.iter().map(|field| wish(field, &[(PACKER, &packer)])).collect();
    let author = Author { organisation: FARM, keys: &farm };
    let sealed = seal(&event(text), author, &wishes).unwrap();
    assert!(sealed.found.iter().all(|found| *found));
    event(&sealed.event.to_json())
}

fn states(event: &Event, reader: Option<(u64, &Keyring)>) -> Vec<State> {
    view(event, FARM, reader).unwrap().fields.iter().map(|field| field.state).collect()
}

#[test]
fn a_price_is_read_by_whom_it_was_sealed_for_and_by_nobody_else() {
    let on_chain = sealed(DELIVERY, &["farm:price"]);
    let text = on_chain.to_json();
    assert!(!text.contains("12.50") && text.contains("Duroc") && is_sealed(&text), "{text}");

    let packer = view(&on_chain, FARM, Some((PACKER, &keys(2)))).unwrap();
    let seen = event(&packer.body);
    assert_eq!(seen.json().str("farm:price"), Some("12.50"));
    assert!(packer.body.contains("sealed by organisation 1 for 1, 2; opened by this node"));
    let values = &packer.fields[0].values;
    assert_eq!(values, &[("/farm:price".to_owned(), Json::String("12.50".to_owned()))]);
    assert_eq!(states(&on_chain, Some((FARM, &keys(1)))), [State::Opened]);

    let rival = view(&on_chain, FARM, Some((RIVAL, &keys(3)))).unwrap();
    assert!(!rival.body.contains("12.50"), "{}", rival.body);
    let field = &rival.fields[0];
    assert_eq!(field.values, []);
    assert_eq!(
        (field.field.as_str(), field.author, &field.readers[..]),
        ("farm:price", 1, &[1, 2][..])
    );
    assert_eq!(field.state, State::Closed);
    assert!(field.commitment.starts_with("ni:///sha-256;"));
    assert!(view(&event(DELIVERY), FARM, None).is_none());
}

#[test]
fn the_event_on_the_chain_is_valid_and_its_hash_is_the_same_for_all_who_may_not_read_it() {
    let on_chain = sealed(DELIVERY, &["farm:price", "quantity", "source"]);
    assert_eq!(on_chain.items()[0].quantity, None);
    assert!(on_chain.sources().is_empty());
    let rival = view(&on_chain, FARM, None).unwrap();
    assert_eq!(event(&rival.body).hash(), on_chain.hash());
}

#[test]
fn what_was_sealed_is_put_back_as_it_was() {
    let all: &[&[&str]] = &[
        &["farm:price"],
        &["https://farm.example/price"],
        &["quantity", "source", "readPoint"],
        &["all"],
        &["quantity", "all"],
    ];
    for fields in all {
        let on_chain = sealed(DELIVERY, fields);
        let seen = view(&on_chain, FARM, Some((PACKER, &keys(2)))).unwrap();
        assert!(seen.fields.iter().all(|field| field.state == State::Opened), "{fields:?}");
        let without_markers = seen.body.replacen("\"qiao:sealed\":", "\"rdfs:comment\":", 1);
        assert_eq!(event(&without_markers).hash(), event(DELIVERY).hash(), "{fields:?}");
    }
}

#[test]
fn with_all_of_it_sealed_only_the_thing_the_type_the_time_and_the_action_are_left() {
    let on_chain = sealed(DELIVERY, &["all"]);
    let names: Vec<&str> = on_chain.json().iter().map(|(name, _)| name).collect();
    let left =
        ["type", "action", "eventTime", "eventTimeZoneOffset", "quantityList", "qiao:sealed"];
    assert_eq!(names, left);
    let text = on_chain.to_json();
    for word in ["25.5", "KGM", "shipping", "Duroc", "sgln", "pgln"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

#[test]
fn the_same_event_sealed_again_is_the_same_event_whoever_reads_it_then() {
    let (farm, packer, rival) = (keys(1), keys(2), keys(3));
    let author = Author { organisation: FARM, keys: &farm };
    let one = seal(&event(DELIVERY), author, &[wish("farm:price", &[(PACKER, &packer)])]).unwrap();
    let other = seal(&event(DELIVERY), author, &[wish("farm:price", &[(RIVAL, &rival)])]).unwrap();
    assert_eq!(one.event.hash(), other.event.hash());
    let dearer = DELIVERY.replace("12.50", "12.51");
    let dearer = seal(&event(&dearer), author, &[wish("farm:price", &[])]).unwrap();
    assert_ne!(one.event.hash(), dearer.event.hash());
}

#[test]
fn who_knows_every_possible_price_cannot_tell_which_one_it_is() {
    let on_chain = sealed(DELIVERY, &["farm:price"]);
    let commitment = view(&on_chain, FARM, None).unwrap().fields[0].commitment.clone();
    // Another farm, with keys of its own, seals every price: none gives this commitment.
    let rival = keys(3);
    for cents in 1_200..1_300_u32 {
        let price = format!("{}.{:02}", cents / 100, cents % 100);
        let guess = event(&DELIVERY.replace("12.50", &price));
        let author = Author { organisation: FARM, keys: &rival };
        let guess = seal(&guess, author, &[wish("farm:price", &[])]).unwrap();
        assert_ne!(view(&guess.event, FARM, None).unwrap().fields[0].commitment, commitment);
    }
}

#[test]
fn old_keys_open_what_was_sealed_for_them() {
    let on_chain = sealed(DELIVERY, &["farm:price"]);
    let mut packer = keys(2);
    packer.renew().unwrap();
    assert_ne!(packer.newest(), keys(2).newest());
    assert_eq!(states(&on_chain, Some((PACKER, &packer))), [State::Opened]);
    let again = Keyring::parse(&packer.to_text()).unwrap();
    assert_eq!(again.newest(), packer.newest());
    assert_eq!(states(&on_chain, Some((PACKER, &Keyring::fresh()))), [State::Spoiled]);
}

#[test]
fn an_envelope_opens_in_no_other_event_for_no_other_member_and_of_no_other_author() {
    let on_chain = sealed(DELIVERY, &["farm:price", "farm:breed"]);
    let packer = keys(2);
    let text = on_chain.to_json();
    let is_spoiled = |text: &str, author: u64| {
        let seen = view(&event(text), author, Some((PACKER, &packer))).unwrap();
        assert!(!seen.body.contains("12.50"));
        seen.fields[0].state == State::Spoiled
    };
    assert!(!view(&on_chain, FARM, Some((PACKER, &packer))).unwrap().fields.is_empty());
    assert!(is_spoiled(&text.replace("in_transit", "in_progress"), FARM), "in another event");
    assert!(is_spoiled(&text, RIVAL), "captured by another");
    let renamed = event(&text.replace("\"2 01", "\"4 01"));
    assert_eq!(states(&renamed, Some((4, &packer))), [State::Spoiled; 2], "for another member");
    let swapped = text.replace("\"farm:price\"", "\"farm:cost\"");
    assert!(is_spoiled(&swapped, FARM), "as another field");
}

#[test]
fn a_field_that_an_event_cannot_be_without_is_not_sealed() {
    let order = DELIVERY.replace("ObjectEvent", "TransactionEvent").replace(
        "\"sourceList\"",
        "\"bizTransactionList\": [{\"type\": \"po\", \"bizTransaction\": \"urn:x:1\"}], \"sourceList\"",
    );
    let farm = keys(1);
    let author = Author { organisation: FARM, keys: &farm };
    let refused = seal(&event(&order), author, &[wish("bizTransaction", &[])]).unwrap_err();
    assert_eq!(refused.code(), "sharing.required", "{refused}");
}

#[test]
fn what_is_not_there_is_told_and_what_is_sealed_is_not_sealed_again() {
    let farm = keys(1);
    let author = Author { organisation: FARM, keys: &farm };
    let untouched = seal(&event(DELIVERY), author, &[wish("farm:prize", &[])]).unwrap();
    assert_eq!(untouched.found, [false]);
    assert_eq!(untouched.event.hash(), event(DELIVERY).hash());
    let again = seal(&sealed(DELIVERY, &["farm:price"]), author, &[wish("farm:breed", &[])]);
    assert!(matches!(again, Err(SealError::SealedAlready)));
    let zero = Reader { organisation: PACKER, key: crate::PublicKey([0; 32]) };
    let wish = Wish { field: Field::Quantity, readers: vec![zero] };
    assert!(matches!(seal(&event(DELIVERY), author, &[wish]), Err(SealError::Key(PACKER))));
    for text in ["", "price", "epcList", "farm:", ":x", "a b:c", "type"] {
        assert!(Field::parse(text).is_err(), "{text}");
    }
}

#[test]
fn an_answer_that_shows_what_is_sealed_is_told_from_what_is_on_the_chain() {
    let on_chain = sealed(DELIVERY, &["farm:price", "quantity"]);
    assert!(!shows_sealed(&on_chain));
    let packer = keys(2);
    for reader in [(PACKER, &packer), (RIVAL, &packer)] {
        let answer = view(&on_chain, FARM, Some(reader)).unwrap();
        let is_opened = answer.fields.iter().any(|field| field.state == State::Opened);
        assert_eq!(shows_sealed(&event(&answer.body)), is_opened);
    }
}

#[test]
fn a_reader_proves_to_a_third_party_what_the_price_was() {
    let on_chain = sealed(DELIVERY, &["farm:price"]);
    let packer = keys(2);
    let shown = disclose(&on_chain, FARM, (PACKER, &packer), "farm:price").unwrap();
    let file = shown.to_json();
    let read = Disclosure::parse(file.as_bytes()).unwrap();
    assert_eq!(read, shown);
    assert_eq!(read.check(&on_chain), Ok(()));
    assert_eq!(read.field(), "https://farm.example/price");
    assert_eq!(read.values(), [("/farm:price".to_owned(), "\"12.50\"".to_owned())]);

    let lie = Disclosure::parse(file.replace("12.50", "12.49").as_bytes()).unwrap();
    assert!(matches!(lie.check(&on_chain), Err(DisclosureError::NotCommitted(_))));
    let elsewhere = sealed(&DELIVERY.replace("Duroc", "Mangalica"), &["farm:price"]);
    assert!(matches!(read.check(&elsewhere), Err(DisclosureError::OtherEvent(_))));
    assert!(disclose(&on_chain, FARM, (RIVAL, &packer), "farm:price").is_none());
    assert!(disclose(&on_chain, FARM, (PACKER, &packer), "farm:breed").is_none());
    assert_eq!(Disclosure::parse(b"{}"), Err(DisclosureError::Malformed));
}
