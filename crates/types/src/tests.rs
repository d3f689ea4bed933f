//! Encodings read back, and bad bytes are refused with a reason.

use std::collections::BTreeMap;

use alloy_consensus::{Receipt, ReceiptEnvelope, ReceiptWithBloom};
use proptest::prelude::*;

use self::kept::kept;
use super::*;

#[path = "../../../fuzz/kept.rs"]
mod kept;

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

#[test]
fn every_place_of_an_ordered_trie_has_a_path_to_its_root() {
    for count in [1usize, 2, 3, 16, 17, 127, 128, 129, 300] {
        let items: Vec<Bytes> = (0..count)
            .map(|nth| format!("transaction {nth:40} of {count}").into_bytes().into())
            .collect();
        let root = alloy_consensus::proofs::ordered_trie_root_with_encoder(&items, |item, out| {
            out.extend_from_slice(item);
        });
        for (nth, item) in items.iter().enumerate() {
            let path = ordered_path(&items, nth);
            let index = nth as u64;
            assert!(is_in_ordered_trie(root, index, item, &path), "{nth} of {count}");
            assert!(!is_in_ordered_trie(root, index + 1, item, &path), "{nth} of {count}");
            assert!(!is_in_ordered_trie(root, index, &Bytes::from("other"), &path));
            assert!(!is_in_ordered_trie(B256::ZERO, index, item, &path));
        }
    }
}

#[test]
fn a_proof_file_reads_back_and_knows_no_other_fields() {
    let account = AccountClaim {
        address: Address::repeat_byte(1),
        account: None,
        path: Bytes::from("path"),
        storage: vec![SlotClaim { slot: U256::from(7), value: U256::ZERO, path: Bytes::new() }],
    };
    let proof = Proof {
        version: Proof::VERSION,
        network: ProofNetwork { name: "n".into(), chain_id: 1, genesis: B256::ZERO },
        claim: Claim::Account(account),
        headers: vec![Bytes::from("header")],
        certificate: Bytes::from("votes"),
    };
    let json = serde_json::to_string(&proof).unwrap();
    assert!(json.contains(r#""claim":{"kind":"account","address":"0x0101"#), "{json}");
    assert_eq!(serde_json::from_str::<Proof>(&json).unwrap(), proof);
    let more = json.replacen("\"version\":1", "\"version\":1,\"remark\":\"\"", 1);
    let error = serde_json::from_str::<Proof>(&more).unwrap_err();
    assert!(error.to_string().contains("unknown field `remark`"), "{error}");
}

#[test]
fn nothing_that_the_fuzzer_kept_is_two_transactions() {
    for bytes in kept("transaction", 100) {
        let encoded = Bytes::from(bytes);
        if let Ok(transaction) = SignedTransaction::decode(encoded.clone()) {
            assert_eq!(transaction.encoded(), &encoded);
        }
    }
}

fn genesis_with(accounts: BTreeMap<Address, GenesisAccount>) -> Genesis {
    let root = |byte| StateCommitment {
        root: B256::repeat_byte(byte),
        operations_root: B256::repeat_byte(byte),
        operations_start: 0,
        operations_end: 3,
    };
    let entries = BTreeMap::from([(B256::repeat_byte(5), Bytes::from("entry"))]);
    Genesis {
        chain_id: 7,
        name: "Harbour".into(),
        timestamp_ms: 1,
        parameters: Parameters::default(),
        organisations: Vec::new(),
        validators: Vec::new(),
        accounts,
        imported: Some(ImportedState {
            chain: B256::repeat_byte(1),
            number: 9,
            hash: B256::repeat_byte(2),
            state_root: B256::repeat_byte(3),
            entries,
        }),
        state: root(4),
    }
}

#[test]
fn the_header_of_a_genesis_tells_its_network_without_the_accounts() {
    let account = GenesisAccount { balance: U256::from(5), ..Default::default() };
    let whole = genesis_with(BTreeMap::from([(Address::repeat_byte(9), account)]));
    let json = serde_json::to_string_pretty(&whole).unwrap();
    let header = Genesis::header_from_json(&json).unwrap();
    assert_eq!(header, whole.header());
    assert!(header.accounts.is_empty());
    assert!(header.imported.as_ref().is_some_and(|imported| imported.entries.is_empty()));
    assert_eq!(header.fingerprint(), whole.fingerprint());

    // What the accounts amount to is in the state that the header states.
    let mut other = whole.clone();
    other.state.root = B256::repeat_byte(8);
    assert_ne!(other.fingerprint(), whole.fingerprint());
}

#[test]
fn the_header_of_a_genesis_knows_no_other_fields_and_needs_all_of_its_own() {
    let json = serde_json::to_string(&genesis_with(BTreeMap::new())).unwrap();
    let more = json.replacen("\"chain_id\":7", "\"chain_id\":7,\"remark\":\"\"", 1);
    let error = Genesis::header_from_json(&more).unwrap_err().to_string();
    assert!(error.contains("unknown field `remark`"), "{error}");
    let less = json.replacen("\"chain_id\":7,", "", 1);
    let error = Genesis::header_from_json(&less).unwrap_err().to_string();
    assert!(error.contains("missing field `chain_id`"), "{error}");
}
