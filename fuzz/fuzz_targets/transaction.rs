//! Signed transactions: what is decoded is encoded to the same bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use qiao_types::{Bytes, SignedTransaction};

fuzz_target!(|bytes: &[u8]| {
    let encoded = Bytes::copy_from_slice(bytes);
    if let Ok(transaction) = SignedTransaction::decode(encoded.clone()) {
        assert_eq!(transaction.encoded(), &encoded);
    }
});
