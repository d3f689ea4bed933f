//! Genesis files: what is read is written to a file that says the same, and no file breaks those
//! who check it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qiao_consensus::{ValidatorKeys, scheme::Committee};
use qiao_execution::genesis_changes;
use qiao_types::Genesis;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = ValidatorKeys::from_file_string(text);
    }
    let Ok(genesis) = serde_json::from_slice::<Genesis>(bytes) else { return };
    let json = serde_json::to_vec(&genesis).expect("genesis has only string keys");
    let again: Genesis = serde_json::from_slice(&json).expect("what was written is read");
    assert_eq!(again, genesis);
    assert_eq!(again.fingerprint(), genesis.fingerprint());
    let _ = genesis_changes(&genesis);
    let _ = Committee::from_genesis(&genesis);
});
