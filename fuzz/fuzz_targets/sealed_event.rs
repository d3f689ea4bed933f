//! Events with markers and envelopes of strangers: none makes the reader panic, none is opened that was
//! not sealed for it, and what is shown is an event.

#![no_main]

use std::{collections::BTreeSet, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use qiao_epcis::{Event, Limits};
use qiao_sharing::{Disclosure, Keyring, State, show, view};

static KEYS: LazyLock<Keyring> = LazyLock::new(Keyring::fresh);

fuzz_target!(|bytes: &[u8]| {
    if let Ok(disclosure) = Disclosure::parse(bytes) {
        let again = Disclosure::parse(disclosure.to_json().as_bytes());
        assert_eq!(again.as_ref(), Ok(&disclosure));
    }
    let Ok(event) = Event::parse(bytes, &Limits::EVENT) else { return };
    if let Some(view) = view(&event, 1, Some((2, &KEYS))) {
        assert!(view.fields.iter().all(|field| field.state != State::Opened));
        let shown = Event::parse(view.body.as_bytes(), &Limits::DOCUMENT).expect("it stays an event");
        assert_eq!(shown.kind(), event.kind());
    }
    let Some((cut, _)) = show(&event, &BTreeSet::new()) else { return };
    let cut = Event::parse(cut.as_bytes(), &Limits::DOCUMENT).expect("what is shown is an event");
    assert!(cut.sources().is_empty() && cut.biz_step().is_none() && cut.read_point().is_none());
});
