//! What validators tell each other besides blocks and votes: transactions, introductions,
//! certificates. The first byte chooses.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use qiao_consensus::{FinalityVerifier, decode_introduction, decode_transactions};
use qiao_types::{B256, Bytes, Genesis, SignedTransaction};

const GENESIS: &str = include_str!("../corpus/genesis/seed-four-members.json");

static VERIFIER: LazyLock<FinalityVerifier> = LazyLock::new(|| {
    let genesis: Genesis = serde_json::from_str(GENESIS).expect("the seed is a genesis");
    FinalityVerifier::new(&genesis).expect("its validators have keys")
});

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let message = Bytes::copy_from_slice(rest);
    match kind % 3 {
        0 => {
            for transaction in decode_transactions(message.0).into_iter().flatten() {
                let _ = SignedTransaction::decode(transaction.into());
            }
        }
        1 => {
            let _ = decode_introduction(&message);
        }
        // Nobody holds these validators' keys: no bytes are their certificate.
        _ => assert!(VERIFIER.verify(B256::ZERO, &message).is_err()),
    }
});
