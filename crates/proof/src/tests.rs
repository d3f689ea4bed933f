//! Proofs of transactions with real votes, and everything that must not pass for one.

#[path = "../../../fuzz/kept.rs"]
mod kept;

use alloy_consensus::{
    Receipt, ReceiptEnvelope, ReceiptWithBloom, SignableTransaction as _, TxEnvelope, TxLegacy,
};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::TxKind;
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use proptest::prelude::*;
use qiao_consensus::{ValidatorKeys, simulated::certify};
use qiao_types::{
    Address, Claim, ExecutedReceipt, GenesisValidator, Log, Parameters, ProofNetwork,
    SignedTransaction, StateCommitment, TransactionClaim, U256, ordered_path,
};
use rand::{SeedableRng as _, rngs::StdRng};

use self::kept::kept;
use super::*;

#[test]
fn a_damaged_proof_file_is_refused_or_written_again_to_the_same_proof() {
    let mut proofs = 0;
    for bytes in kept("proof", 100) {
        let Ok(proof) = read(&bytes) else { continue };
        let json = serde_json::to_vec(&proof).unwrap();
        assert_eq!(read(&json).as_ref(), Ok(&proof));
        proofs += 1;
    }
    assert!(proofs >= 2, "the seeds themselves are proofs");
}

struct Network {
    genesis: Genesis,
    keys: Vec<ValidatorKeys>,
}

fn network(name: &str) -> Network {
    let seeds = 0..4u64;
    let keys: Vec<ValidatorKeys> = seeds
        .map(|seed| ValidatorKeys::generate(StdRng::seed_from_u64(seed + 100 * name.len() as u64)))
        .collect();
    let validators = keys.iter().enumerate().map(|(position, keys)| GenesisValidator {
        organisation: 1,
        name: format!("validator-{position}"),
        network_key: keys.network_key(),
        vote_key: keys.vote_key(),
        possession: keys.possession(),
        account: Address::ZERO,
        address: "127.0.0.1:1".to_owned(),
    });
    let genesis = Genesis {
        chain_id: 7,
        name: name.to_owned(),
        timestamp_ms: 0,
        parameters: Parameters::default(),
        organisations: Vec::new(),
        validators: validators.collect(),
        accounts: Default::default(),
        imported: None,
        state: StateCommitment {
            root: B256::ZERO,
            operations_root: B256::ZERO,
            operations_start: 0,
            operations_end: 1,
        },
    };
    Network { genesis, keys }
}

fn transaction(nonce: u64) -> SignedTransaction {
    let signer = PrivateKeySigner::from_slice(&[7; 32]).unwrap();
    let unsigned = TxLegacy {
        chain_id: Some(7),
        nonce,
        gas_limit: 21_000,
        to: TxKind::Call(Address::repeat_byte(9)),
        ..TxLegacy::default()
    };
    let signature = signer.sign_hash_sync(&unsigned.signature_hash()).unwrap();
    let envelope = TxEnvelope::from(unsigned.into_signed(signature));
    SignedTransaction::decode(envelope.encoded_2718().into()).unwrap()
}

fn receipt(gas: u64) -> ExecutedReceipt {
    let log =
        Log::new_unchecked(Address::repeat_byte(3), vec![B256::repeat_byte(4)], Bytes::from("x"));
    let receipt = Receipt { status: true.into(), cumulative_gas_used: gas, logs: vec![log] };
    ExecutedReceipt {
        envelope: ReceiptEnvelope::Legacy(ReceiptWithBloom::from(receipt)),
        gas_used: gas,
        contract_address: None,
        output: Bytes::new(),
    }
}

/// A block of three transactions and the one after it, which alone has votes; the proof of the
/// second transaction.
fn proof(network: &Network) -> Proof {
    let transactions: Vec<_> =
        (0..3).map(|nonce| std::sync::Arc::new(transaction(nonce))).collect();
    let receipts: Vec<_> = (1..=3).map(|nth| receipt(21_000 * nth)).collect();
    let (receipts_root, logs_bloom) = Block::receipts_root(&receipts);
    let first = Header {
        number: 5,
        timestamp: 1_700_000_000,
        transactions_root: Block::transactions_root(&transactions),
        receipts_root,
        logs_bloom,
        ..Header::default()
    };
    let second = Header { number: 6, parent_hash: first.hash_slow(), ..Header::default() };
    let encoded: Vec<Bytes> = transactions.iter().map(|tx| tx.encoded().clone()).collect();
    let outcomes: Vec<Bytes> =
        receipts.iter().map(|receipt| receipt.envelope.encoded_2718().into()).collect();
    let voters = &network.keys[..3];
    let certificate = certify(&network.genesis, voters, second.hash_slow()).unwrap().unwrap();
    Proof {
        version: Proof::VERSION,
        network: ProofNetwork {
            name: network.genesis.name.clone(),
            chain_id: network.genesis.chain_id,
            genesis: network.genesis.fingerprint(),
        },
        claim: Claim::Transaction(TransactionClaim {
            index: 1,
            transaction: encoded[1].clone(),
            transaction_path: ordered_path(&encoded, 1),
            receipt: outcomes[1].clone(),
            receipt_path: ordered_path(&outcomes, 1),
        }),
        headers: [first, second].iter().map(|header| Block::encode_header(header).into()).collect(),
        certificate,
    }
}

/// The code with which a changed proof is refused.
fn refusal(network: &Network, change: impl FnOnce(&mut Proof)) -> &'static str {
    let mut proof = proof(network);
    change(&mut proof);
    let verifier = Verifier::new(&network.genesis).unwrap();
    verifier.verify(&proof).expect_err("the changed proof must not hold").code()
}

fn transaction_claim(proof: &mut Proof) -> &mut TransactionClaim {
    match &mut proof.claim {
        Claim::Transaction(claim) => claim,
        Claim::Account(_) => panic!("the proof is of a transaction"),
    }
}

#[test]
fn a_transaction_is_proved_by_the_genesis_file_alone() {
    let network = network("harbour");
    let json = serde_json::to_vec(&proof(&network)).unwrap();
    let finding = Verifier::new(&network.genesis).unwrap().verify(&read(&json).unwrap()).unwrap();
    assert_eq!((finding.number, finding.timestamp, finding.validators), (5, 1_700_000_000, 4));
    let mut signers = finding.signers.clone();
    signers.sort();
    assert_eq!(signers, ["validator-0", "validator-1", "validator-2"]);
    let Fact::Transaction { index, transaction: found, receipt } = finding.fact else {
        panic!("the proof is of a transaction")
    };
    assert_eq!((index, found.as_ref()), (1, &transaction(1)));
    assert_eq!(receipt.logs()[0].address, Address::repeat_byte(3));
}

#[test]
fn the_answer_of_a_node_is_read_as_the_file_is() {
    let proof = proof(&network("harbour"));
    let answer = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "result": proof });
    assert_eq!(read(answer.to_string().as_bytes()), Ok(proof));
    assert_eq!(read(b"{}").unwrap_err().code(), "proof_malformed");
}

#[test]
fn what_was_changed_is_refused_with_its_reason() {
    let network = network("harbour");
    assert_eq!(refusal(&network, |proof| proof.version = 2), "proof_version");
    assert_eq!(
        refusal(&network, |proof| proof.network.genesis = B256::ZERO),
        "proof_other_network"
    );
    assert_eq!(refusal(&network, |proof| proof.headers.clear()), "proof_header");
    assert_eq!(refusal(&network, |proof| proof.headers.swap(0, 1)), "proof_not_linked");
    assert_eq!(refusal(&network, |proof| drop(proof.headers.pop())), "proof_not_final");
    assert_eq!(refusal(&network, |proof| drop(proof.headers.remove(0))), "proof_claim");
    let other = refusal(&network, |proof| {
        let claim = transaction_claim(proof);
        claim.transaction = transaction(2).encoded().clone();
    });
    assert_eq!(other, "proof_claim");
    let moved = refusal(&network, |proof| transaction_claim(proof).index = 0);
    assert_eq!(moved, "proof_claim");
}

#[test]
fn votes_of_two_of_four_or_of_another_network_prove_nothing() {
    let (network, foreign) = (network("harbour"), network("elsewhere"));
    let hash = Block::decode_header(&proof(&network).headers[1]).unwrap().hash_slow();
    assert_eq!(certify(&network.genesis, &network.keys[..2], hash), Ok(None));
    let votes = certify(&foreign.genesis, &foreign.keys, hash).unwrap().unwrap();
    assert_eq!(refusal(&network, |proof| proof.certificate = votes), "proof_not_final");
    let of_another_block = certify(&network.genesis, &network.keys, B256::ZERO).unwrap().unwrap();
    let code = refusal(&network, |proof| proof.certificate = of_another_block);
    assert_eq!(code, "proof_not_final");
}

#[test]
fn an_account_with_another_path_is_refused() {
    let network = network("harbour");
    let code = refusal(&network, |proof| {
        proof.claim = Claim::Account(qiao_types::AccountClaim {
            address: Address::ZERO,
            account: None,
            path: Bytes::from("no path"),
            storage: vec![qiao_types::SlotClaim {
                slot: U256::ZERO,
                value: U256::ONE,
                path: Bytes::new(),
            }],
        });
    });
    assert_eq!(code, "proof_state_path");
}

proptest! {
    #[test]
    fn no_changed_byte_goes_unnoticed(place in any::<prop::sample::Index>(), bit in 0..8u8) {
        let network = network("harbour");
        let mut proof = proof(&network);
        let mut fields: Vec<&mut Bytes> = Vec::new();
        fields.push(&mut proof.certificate);
        fields.extend(proof.headers.iter_mut());
        let Claim::Transaction(claim) = &mut proof.claim else { panic!("of a transaction") };
        fields.extend([&mut claim.transaction, &mut claim.receipt]);
        fields.extend(claim.transaction_path.iter_mut());
        fields.extend(claim.receipt_path.iter_mut());
        let total: usize = fields.iter().map(|field| field.len()).sum();
        let mut at = place.index(total);
        for field in fields {
            if at < field.len() {
                let mut bytes = field.to_vec();
                bytes[at] ^= 1 << bit;
                *field = bytes.into();
                break;
            }
            at -= field.len();
        }
        prop_assert!(Verifier::new(&network.genesis).unwrap().verify(&proof).is_err());
    }

    #[test]
    fn arbitrary_bytes_are_no_proof(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(read(&bytes).is_err());
    }
}
