//! Keys, committees and blocks through the public interface.

// Helpers of tests may unwrap as tests do.
#![allow(clippy::unwrap_used)]

mod damaged;

use std::{sync::Arc, time::Duration};

use proptest::prelude::*;
use qiao_consensus::{
    Pace, ValidatorKeys,
    block::{BlockCodec, ConsensusBlock, decode, encode},
    memberships::Memberships,
    scheme::{Committee, CommitteeError},
    senders::Senders,
};
use qiao_execution::Membership;
use qiao_types::{
    Address, Block, Genesis, GenesisValidator, Parameters, SignedTransaction, StateCommitment,
};
use rand::{SeedableRng as _, rngs::StdRng};

fn validator(keys: &ValidatorKeys, number: u64) -> GenesisValidator {
    GenesisValidator {
        organisation: number,
        name: format!("member-{number}"),
        network_key: keys.network_key(),
        vote_key: keys.vote_key(),
        possession: keys.possession(),
        account: Address::repeat_byte(number as u8),
        address: "127.0.0.1:9400".into(),
    }
}

fn genesis() -> Genesis {
    let mut random = StdRng::seed_from_u64(1);
    let keys: Vec<_> = (0..4).map(|_| ValidatorKeys::generate(&mut random)).collect();
    Genesis {
        chain_id: 1,
        name: "test".into(),
        timestamp_ms: 1_234,
        parameters: Parameters::default(),
        organisations: Vec::new(),
        validators: keys.iter().zip(1..).map(|(keys, number)| validator(keys, number)).collect(),
        accounts: Default::default(),
        imported: None,
        state: StateCommitment {
            root: [1; 32].into(),
            operations_root: [2; 32].into(),
            operations_start: 0,
            operations_end: 9,
        },
    }
}

fn codec() -> BlockCodec {
    BlockCodec { block_bytes_max: 1_000_000, senders: Senders::default(), pool: None }
}

#[test]
fn keys_read_back_from_their_file() {
    let keys = ValidatorKeys::generate(StdRng::seed_from_u64(5));
    let read = ValidatorKeys::from_file_string(&keys.to_file_string()).unwrap();
    assert_eq!(read.network_key(), keys.network_key());
    assert_eq!(read.vote_key(), keys.vote_key());
    assert_eq!(keys.vote_key().len(), 96);
    assert!(ValidatorKeys::from_file_string("network = zz").is_err());
    assert!(!format!("{keys:?}").contains(keys.to_file_string().trim()));
}

#[test]
fn a_committee_needs_a_proof_of_possession_from_everybody() {
    let genesis = genesis();
    assert_eq!(Committee::from_genesis(&genesis).unwrap().size(), 4);
    let mut stolen = genesis.clone();
    stolen.validators[1].possession = genesis.validators[0].possession.clone();
    assert_eq!(
        Committee::from_genesis(&stolen).unwrap_err(),
        CommitteeError::Possession { validator: "member-2".into() }
    );
    let mut twice = genesis.clone();
    twice.validators[1] = genesis.validators[0].clone();
    assert_eq!(Committee::from_genesis(&twice).unwrap_err(), CommitteeError::NotDistinct);
}

#[test]
fn a_block_reads_back_and_its_hash_is_ethereums() {
    let block = ConsensusBlock::genesis(&genesis());
    let read = decode(encode(&block), &codec()).unwrap();
    assert_eq!(read, block);
    assert_eq!(read.hash(), read.block().header.hash_slow());
    assert_eq!(read.seal().timestamp_ms, 1_234);
}

#[test]
fn two_genesis_files_have_two_first_blocks() {
    let one = genesis();
    let mut other = one.clone();
    other.name = "other".into();
    assert_ne!(ConsensusBlock::genesis(&one).hash(), ConsensusBlock::genesis(&other).hash());
}

#[test]
fn a_body_that_the_header_does_not_name_is_refused() {
    let block = ConsensusBlock::genesis(&genesis());
    let mut ethereum: Block = block.block().as_ref().clone();
    ethereum.header.transactions_root = [7; 32].into();
    let forged = ConsensusBlock::new(ethereum).unwrap();
    assert!(decode(encode(&forged), &codec()).is_err());
    let mut bytes = encode(&block).to_vec();
    bytes.push(0);
    assert!(decode(bytes.into(), &codec()).is_err());
}

#[test]
fn what_an_older_record_of_the_members_said_is_not_remembered() {
    let (memberships, account) = (Memberships::default(), Address::repeat_byte(1));
    let active = Membership { active: true, may_deploy: false };
    let edition = memberships.edition();
    memberships.remember(edition, account, active);
    assert_eq!(memberships.get(&account), Some(active));
    memberships.forget();
    assert_eq!(memberships.get(&account), None);
    memberships.remember(edition, account, active);
    assert_eq!(memberships.get(&account), None, "the account may be frozen by now");
    memberships.remember(memberships.edition(), account, active);
    assert_eq!(memberships.get(&account), Some(active));
}

/// A block with the transaction of another seed in it.
fn block_with_a_transaction() -> ConsensusBlock {
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus");
    let encoded = std::fs::read(format!("{seeds}/transaction/seed-eip155")).unwrap();
    let transaction = Arc::new(SignedTransaction::decode(encoded.into()).unwrap());
    let mut block: Block = ConsensusBlock::genesis(&genesis()).block().as_ref().clone();
    block.transactions = vec![transaction];
    block.header.transactions_root = Block::transactions_root(&block.transactions);
    ConsensusBlock::new(block).unwrap()
}

#[test]
fn the_seeds_of_the_fuzzer_are_blocks() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/block");
    let seeds = [
        ("seed-genesis", ConsensusBlock::genesis(&genesis())),
        ("seed-transaction", block_with_a_transaction()),
    ];
    for (name, block) in seeds {
        let path = format!("{folder}/{name}");
        if std::env::var_os("QIAO_UPDATE_SNAPSHOTS").is_some() {
            std::fs::write(&path, encode(&block)).unwrap();
        }
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(decode(bytes.into(), &codec()).unwrap(), block, "{name}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_block_decoder_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        at in 0usize..500,
    ) {
        let _ = decode(bytes.clone().into(), &codec());
        // Damage to a real block is found or changes its hash.
        let block = ConsensusBlock::genesis(&genesis());
        let mut damaged = encode(&block).to_vec();
        let at = at % damaged.len();
        damaged[at] ^= 1;
        if let Ok(read) = decode(damaged.into(), &codec()) {
            prop_assert_ne!(read.hash(), block.hash());
        }
    }
}

const CHAIN_MAX: u64 = 4 * 1024 * 1024;

#[test]
fn a_leader_takes_more_while_its_full_blocks_are_built_quickly() {
    let pace = Pace::default();
    let first = pace.bytes(CHAIN_MAX);
    pace.built(first, Duration::from_millis(20), CHAIN_MAX);
    assert_eq!(pace.bytes(CHAIN_MAX), 2 * first);
    // A block with room left says nothing, and neither does one that was neither quick nor slow.
    pace.built(first, Duration::from_millis(20), CHAIN_MAX);
    pace.built(2 * first, Duration::from_millis(100), CHAIN_MAX);
    assert_eq!(pace.bytes(CHAIN_MAX), 2 * first);
    for _ in 0..40 {
        pace.built(pace.bytes(CHAIN_MAX), Duration::ZERO, CHAIN_MAX);
    }
    assert_eq!(pace.bytes(CHAIN_MAX), CHAIN_MAX);
}

#[test]
fn one_block_that_was_too_large_is_enough_for_leader_and_others() {
    let (leader, other) = (Pace::default(), Pace::default());
    for _ in 0..40 {
        leader.built(leader.bytes(CHAIN_MAX), Duration::ZERO, CHAIN_MAX);
    }
    other.checked(CHAIN_MAX, Duration::from_millis(10), CHAIN_MAX);
    assert_eq!(other.bytes(CHAIN_MAX), CHAIN_MAX, "what was checked quickly may be proposed");
    leader.built(CHAIN_MAX, Duration::from_secs(1), CHAIN_MAX);
    assert_eq!(leader.bytes(CHAIN_MAX), CHAIN_MAX / 10);
    other.checked(CHAIN_MAX, Duration::from_millis(1_200), CHAIN_MAX);
    assert_eq!(other.bytes(CHAIN_MAX), CHAIN_MAX / 4);
    // However slow a machine is, something goes into a block.
    other.checked(CHAIN_MAX, Duration::from_secs(3_600), CHAIN_MAX);
    assert_eq!(other.bytes(CHAIN_MAX), 64 * 1024);
}
