//! Encodings read back, and bad bytes are refused with a reason.

use alloy_consensus::{Receipt, ReceiptEnvelope, ReceiptWithBloom};
use proptest::prelude::*;

use super::*;

#[test]
fn an_account_reads_back_what_was_written() {
    let account =
        AccountState { nonce: 7, balance: U256::from(12), code_hash: B256::repeat_byte(9) };
    assert_eq!(AccountState::decode(&account.encode()), Ok(account));
    assert_eq!(
        AccountState::decode(&[0; 71]).expect_err("one byte short").to_string(),
        "stored account has 71 bytes instead of 72"
    );
}

#[test]
fn the_three_kinds_of_state_keys_never_meet() {
    let address = Address::repeat_byte(1);
    let keys = [
        StateKey::account(address),
        StateKey::storage(address, U256::ZERO),
        StateKey::code(B256::ZERO),
        StateKey::storage(address, U256::from(1)),
    ];
    for (i, left) in keys.iter().enumerate() {
        assert!(keys.iter().skip(i + 1).all(|right| left != right));
    }
}

#[test]
fn stored_receipts_read_back() {
    let log =
        Log::new_unchecked(Address::repeat_byte(3), vec![B256::repeat_byte(4)], Bytes::from("x"));
    let receipt = Receipt { status: true.into(), cumulative_gas_used: 21_000, logs: vec![log] };
    let stored = vec![ExecutedReceipt {
        envelope: ReceiptEnvelope::Eip1559(ReceiptWithBloom::from(receipt)),
        gas_used: 21_000,
        contract_address: Some(Address::repeat_byte(5)),
        output: Bytes::from("out"),
    }];
    assert_eq!(ExecutedReceipt::decode_all(&ExecutedReceipt::encode_all(&stored)), Ok(stored));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic_a_decoder(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = SignedTransaction::decode(bytes.clone().into());
        let _ = ExecutedReceipt::decode_all(&bytes);
        let _ = Block::decode_header(&bytes);
        let _ = AccountState::decode(&bytes);
    }
}
