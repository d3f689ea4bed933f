//! What peers and files bring, damaged: the corpus of the fuzzer for a second, on the stable compiler.

#[path = "../../../../fuzz/kept.rs"]
mod kept;

use qiao_consensus::{
    FinalityVerifier,
    block::{decode, encode},
    decode_introduction, decode_transactions,
    scheme::Committee,
};
use qiao_execution::genesis_changes;
use qiao_types::{B256, Bytes, Genesis, SignedTransaction};

use self::kept::kept;
use super::codec;

#[test]
fn a_damaged_block_is_refused_or_another_block() {
    let mut read = 0;
    for bytes in kept("block", 100) {
        let Ok(block) = decode(Bytes::copy_from_slice(&bytes).0, &codec()) else { continue };
        assert_eq!(encode(&block), bytes, "one encoding per block");
        read += 1;
    }
    assert!(read >= 2, "the seeds themselves are blocks");
}

#[test]
fn damaged_messages_of_peers_make_no_certificate() {
    let seed = include_str!("../../../../fuzz/corpus/genesis/seed-four-members.json");
    let genesis: Genesis = serde_json::from_str(seed).unwrap();
    let verifier = FinalityVerifier::new(&genesis).unwrap();
    let [mut transactions, mut introductions] = [0, 0];
    for bytes in kept("gossip", 100) {
        let Some((_, rest)) = bytes.split_first() else { continue };
        let message = Bytes::copy_from_slice(rest);
        for transaction in decode_transactions(message.0.clone()).into_iter().flatten() {
            transactions += usize::from(SignedTransaction::decode(transaction.into()).is_ok());
        }
        introductions += usize::from(decode_introduction(&message).is_some());
        assert!(verifier.verify(B256::ZERO, &message).is_err(), "nobody holds these keys");
    }
    assert!(transactions > 0 && introductions > 0, "the seeds themselves are read");
}

#[test]
fn a_damaged_genesis_is_refused_or_says_what_it_says_when_written_again() {
    let mut read = 0;
    for bytes in kept("genesis", 100) {
        let Ok(genesis) = serde_json::from_slice::<Genesis>(&bytes) else { continue };
        let again = serde_json::to_vec(&genesis).unwrap();
        let again: Genesis = serde_json::from_slice(&again).unwrap();
        assert_eq!(again.fingerprint(), genesis.fingerprint());
        // Refused with a reason or taken, and no panic.
        let _ = (genesis_changes(&genesis), Committee::from_genesis(&genesis));
        read += 1;
    }
    assert!(read >= 2, "the seeds themselves are read");
}
