//! What strangers write into markers, envelopes and disclosures: the corpus of the fuzzer, damaged.

#[path = "../../../../fuzz/kept.rs"]
mod kept;

use std::collections::BTreeSet;

use qiao_epcis::{Event, Limits};

use self::kept::kept;
use super::{Disclosure, FARM, PACKER, State, keys, view};
use crate::show;

#[test]
fn damaged_events_and_disclosures_are_read_without_panic_and_open_only_what_was_sealed() {
    let packer = keys(2);
    let mut opened = 0;
    for bytes in kept("sealed_event", 100) {
        if let Ok(disclosure) = Disclosure::parse(&bytes) {
            let again = Disclosure::parse(disclosure.to_json().as_bytes());
            assert_eq!(again.as_ref(), Ok(&disclosure));
        }
        let Ok(event) = Event::parse(&bytes, &Limits::EVENT) else { continue };
        if let Some(seen) = view(&event, FARM, Some((PACKER, &packer))) {
            let shown = Event::parse(seen.body.as_bytes(), &Limits::DOCUMENT).unwrap();
            let has_price = shown.json().str("farm:price") == Some("12.50");
            let price = seen.fields.iter().find(|field| field.field == "farm:price");
            let is_opened = price.is_some_and(|field| field.state == State::Opened);
            assert_eq!(has_price, is_opened, "{}", seen.body);
            opened += usize::from(is_opened);
        }
        let cut = show(&event, &BTreeSet::new());
        assert!(cut.is_none_or(|(body, _)| !body.contains("commitment")));
    }
    assert!(opened > 0, "the seed itself opens");
}
