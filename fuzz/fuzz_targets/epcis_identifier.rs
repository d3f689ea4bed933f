//! Identifiers: any text is one or a clear error, and the canonical form is final.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qiao_epcis::Identifier;

fuzz_target!(|text: &str| {
    match Identifier::parse(text) {
        Ok(identifier) => {
            let again = Identifier::parse(identifier.as_str()).expect("a canonical form is one");
            assert_eq!(again, identifier, "{text}");
        }
        Err(error) => assert!(error.to_string().len() < 1000),
    }
});
