//! EPCIS documents in XML: no bytes make the reader panic, and what was read is an event in JSON.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qiao_epcis::{Event, Limits, parse_xml};

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = parse_xml(bytes, &Limits::DOCUMENT) else { return };
    for event in document.events {
        let text = event.to_json();
        let again = Event::parse(text.as_bytes(), &Limits::DOCUMENT).expect("it was valid before");
        assert_eq!(again.hash(), event.hash(), "{text}");
        assert_eq!(again.items(), event.items(), "{text}");
        assert_eq!(again.to_json(), text);
    }
});
