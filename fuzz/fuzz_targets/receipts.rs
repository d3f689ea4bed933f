//! Stored receipts: what is decoded is encoded to the same bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qiao_types::ExecutedReceipt;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(receipts) = ExecutedReceipt::decode_all(bytes) {
        let encoded = ExecutedReceipt::encode_all(&receipts);
        let again = ExecutedReceipt::decode_all(&encoded).expect("it was decoded before");
        assert_eq!(ExecutedReceipt::encode_all(&again), encoded);
    }
});
