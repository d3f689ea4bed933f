//! What the fuzzer kept, and small damage to it: nothing breaks a reader.

#[path = "../../../../fuzz/kept.rs"]
mod kept;

use self::kept::kept;
use crate::{Event, Identifier, Limits, parse, parse_xml};

fn reads_again(event: &Event) {
    let text = event.to_json();
    let again = Event::parse(text.as_bytes(), &Limits::DOCUMENT).expect("it was valid before");
    assert_eq!(again.hash(), event.hash(), "{text}");
    assert_eq!(again.items(), event.items(), "{text}");
    assert_eq!(again.to_json(), text);
}

#[test]
fn nothing_that_the_fuzzer_kept_breaks_a_reader_of_documents() {
    for bytes in kept("epcis_document", 40) {
        let Ok(document) = parse(&bytes, &Limits::DOCUMENT) else { continue };
        document.events.iter().for_each(reads_again);
    }
    for bytes in kept("epcis_xml", 60) {
        let Ok(document) = parse_xml(&bytes, &Limits::DOCUMENT) else { continue };
        document.events.iter().for_each(reads_again);
    }
}

#[test]
fn nothing_that_the_fuzzer_kept_breaks_the_reader_of_identifiers() {
    for bytes in kept("epcis_identifier", 100) {
        let Ok(text) = std::str::from_utf8(&bytes) else { continue };
        if let Ok(identifier) = Identifier::parse(text) {
            let again = Identifier::parse(identifier.as_str()).expect("a canonical form is one");
            assert_eq!(again, identifier, "{text}");
        }
    }
}
