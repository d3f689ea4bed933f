//! Proof files: nothing breaks who checks them, and what was read is written to the same proof.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qiao_proof::read;
use qiao_state::verify_entry;
use qiao_types::{B256, Bytes, Claim, StateKey, is_in_ordered_trie};

fuzz_target!(|bytes: &[u8]| {
    let path = Bytes::copy_from_slice(bytes);
    let value = Bytes::from_static(b"value");
    assert!(verify_entry(B256::ZERO, StateKey(B256::ZERO), Some(&value), &path).is_err());
    assert!(verify_entry(B256::ZERO, StateKey(B256::ZERO), None, &path).is_err());
    assert!(!is_in_ordered_trie(B256::ZERO, 0, &value, &[path]));
    let Ok(proof) = read(bytes) else { return };
    let json = serde_json::to_vec(&proof).expect("a proof is written");
    assert_eq!(read(&json).as_ref(), Ok(&proof));
    if let Claim::Account(claim) = &proof.claim {
        let key = StateKey::account(claim.address);
        let _ = verify_entry(B256::ZERO, key, None, &claim.path);
    }
});
