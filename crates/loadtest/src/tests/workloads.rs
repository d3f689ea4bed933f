//! What the transactions are.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{U256, hex, keccak256};
use qiao_types::SignedTransaction;

use crate::Accounts;
use crate::genesis::{TOKEN, holdings};
use crate::workload::{
    ACTIONS, Fees, MODULE_DEFAULT, Scene, Sender, Turn, Workload, account, clerks, creation_code,
    runtime_code, sign_all,
};

pub fn scene() -> Scene {
    Scene {
        chain_id: 5169,
        token: TOKEN,
        party: 1,
        events: 3,
        accounts: 1_000,
        hot: 0,
        seed: 1,
        now_unix: 1_800_000_000,
        fees: Fees::Dynamic(0),
        gas: BTreeMap::new(),
    }
}

pub fn senders(count: usize) -> Vec<Sender> {
    let accounts = Accounts::new(1, count);
    let signers = (0..).zip(accounts.signers());
    signers.map(|(number, one)| Sender { number, key: one.to_bytes(), first_nonce: 7 }).collect()
}

fn workload(name: &str) -> Workload {
    Workload::named(name, MODULE_DEFAULT).unwrap()
}

#[test]
fn every_sender_signs_in_the_order_of_its_nonces() {
    for name in ["transfer", "erc20", "module", "receivables", "capture", "mixed"] {
        let signed = sign_all(&workload(name), &scene(), &senders(5), 23);
        assert_eq!(signed.len(), 23);
        let mut next = BTreeMap::new();
        for signed in &signed {
            let transaction = SignedTransaction::decode(signed.bytes.clone()).unwrap();
            assert_eq!(transaction.hash(), signed.hash);
            let nonce = next.entry(transaction.sender()).or_insert(7);
            assert_eq!(transaction.nonce(), *nonce, "{name}");
            *nonce += 1;
        }
        assert_eq!(next.values().sum::<u64>(), 5 * 7 + 23);
    }
}

#[test]
fn a_legacy_price_is_signed_for_the_chain() {
    let scene = Scene { fees: Fees::Legacy(9), ..scene() };
    let signed = sign_all(&workload("transfer"), &scene, &senders(1), 1);
    let transaction = SignedTransaction::decode(signed[0].bytes.clone()).unwrap();
    assert_eq!(transaction.sender(), Accounts::new(1, 1).addresses()[0]);
    assert_eq!(signed[0].bytes[0] & 0xc0, 0xc0, "a list, not a typed transaction");
}

#[test]
fn accounts_follow_from_the_seed() {
    assert_eq!(Accounts::new(1, 3).addresses()[..2], Accounts::new(1, 2).addresses()[..]);
    assert_ne!(Accounts::new(1, 1).addresses(), Accounts::new(2, 1).addresses());
    assert_eq!(account(1, 5), account(1, 5));
    assert_ne!(account(1, 5), account(2, 5));
}

#[test]
fn transfers_go_to_the_accounts_and_mostly_to_the_hot_ones() {
    let known: BTreeSet<_> = (0..1_000).map(|index| account(1, index)).collect();
    let hot: BTreeSet<_> = (0..4).map(|index| account(1, index)).collect();
    let recipients = |scene: &Scene| -> Vec<_> {
        let turn = |nonce| Turn { sender: 3, first_nonce: 0, nonce, repetition: nonce };
        (0..2_000).map(|nonce| scene.recipient(&turn(nonce))).collect()
    };
    let even = recipients(&scene());
    assert!(even.iter().all(|address| known.contains(address)));
    let distinct = even.iter().collect::<BTreeSet<_>>().len();
    assert!(distinct > 700, "2,000 draws of 1,000 accounts gave {distinct}");
    let skewed = recipients(&Scene { hot: 4, ..scene() });
    let to_hot = skewed.iter().filter(|address| hot.contains(*address)).count();
    assert!((1_700..1_900).contains(&to_hot), "{to_hot} of 2,000");
}

#[test]
fn a_sender_grants_and_revokes_in_turns_and_never_for_another_senders_clerk() {
    let (workload, scene) = (workload("module"), scene());
    let mut owners = BTreeMap::new();
    for sender in 0..3 {
        let own: BTreeSet<_> = clerks(1, sender).map(|clerk| clerk.into_word().to_vec()).collect();
        let mut granted = BTreeSet::new();
        for index in 0..100 {
            let (action, turn) = workload.turn(sender, 7, index);
            let call = action.call(&scene, &turn);
            let (selector, clerk) = (&call.input[..4], call.input[4..36].to_vec());
            assert!(own.contains(&clerk));
            assert_eq!(*owners.entry(clerk.clone()).or_insert(sender), sender);
            if selector == &keccak256("grantRole(address,uint8)")[..4] {
                assert!(granted.insert(clerk), "granted twice");
            } else {
                assert_eq!(selector, &keccak256("revokeRole(address,uint8)")[..4]);
                assert!(granted.remove(&clerk), "nothing to revoke");
            }
        }
        let (action, _) = workload.turn(sender, 7, 0);
        assert_eq!(action.settle(&scene, sender).len(), own.len(), "each can be set back");
    }
    assert_eq!(owners.len(), 12);
}

#[test]
fn the_mixed_round_keeps_the_turns_of_each_action() {
    let workload = workload("mixed");
    for sender in 0..10 {
        let mut repetitions: BTreeMap<&str, u64> = BTreeMap::new();
        for index in 0..40 {
            let (action, turn) = workload.turn(sender, 3, index);
            let next = repetitions.entry(action.name()).or_default();
            assert_eq!((turn.repetition, turn.nonce), (*next, 3 + index));
            *next += 1;
        }
        let counts: Vec<_> = repetitions.into_values().collect();
        assert_eq!(counts, [4, 12, 12, 12], "capture, erc20, module, transfer");
    }
}

#[test]
fn names_that_do_not_exist_are_refused_with_those_that_do() {
    let error = Workload::named("module", "members.dance").unwrap_err().to_string();
    assert!(error.contains("members.dance") && error.contains(MODULE_DEFAULT), "{error}");
    // An action that is no call of a module does not pass for one.
    assert!(Workload::named("module", "transfer").is_err());
    assert!(Workload::named("waltz", MODULE_DEFAULT).is_err());
    assert!(ACTIONS.iter().any(|action| action.name() == MODULE_DEFAULT));
}

#[test]
fn the_events_are_valid_and_all_different() {
    let mut hashes = BTreeSet::new();
    let scene = Scene { seed: 999_999, ..scene() };
    for (sender, nonce) in [(0, 0), (0, 1), (1, 0), (99_999, 86_400), (5, 300_000_000)] {
        for position in 0..3 {
            let turn = Turn { sender, first_nonce: 0, nonce, repetition: nonce };
            let event = crate::workload::event(&scene, &turn, position);
            let parsed = qiao_epcis::Event::parse(event.as_bytes(), &qiao_epcis::Limits::default());
            let parsed = parsed.unwrap_or_else(|problems| panic!("{event}: {problems:?}"));
            assert!(hashes.insert(parsed.hash().0));
        }
    }
}

#[test]
fn the_genesis_holds_the_contract_and_as_many_tokens_as_it_says() {
    let senders = Accounts::new(1, 3);
    let held = holdings(1, &senders, 20);
    let token = &held[&TOKEN];
    assert_eq!(held.len(), 24);
    let supply = token.storage[&U256::ZERO];
    let sum: U256 = token.storage.iter().filter(|(slot, _)| !slot.is_zero()).map(|(_, v)| *v).sum();
    assert_eq!(sum, supply);
    for address in senders.addresses() {
        assert!(held[&address].balance > U256::ZERO);
    }
    // The creation code ends with the account's code and the argument of the constructor.
    let creation = hex::encode(creation_code());
    let runtime = hex::encode(runtime_code());
    assert!(creation.ends_with(&format!("{runtime}{}", "ff".repeat(32))));
    assert!(runtime.starts_with("6080604052"), "{}", &runtime[..20]);
}
