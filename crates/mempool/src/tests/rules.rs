//! The pool's rules one by one.

use alloy_primitives::{Address, TxKind, U256, map::B256Set};

use super::*;
use crate::{Added, PoolCounts, Refusal};

const A: Address = Address::repeat_byte(0xa);
const B: Address = Address::repeat_byte(0xb);

#[test]
fn what_comes_first_is_ready_first_and_nonces_are_in_sequence() {
    let pool = pool();
    for tx in [tx(A, 0), tx(B, 0), tx(A, 1), tx(B, 2), tx(A, 2)] {
        pool.add(tx, &standing(0)).expect("there is room");
    }
    assert_eq!(ready(&pool), [(0xa, 0), (0xb, 0), (0xa, 1), (0xa, 2)]);
    assert_eq!(pool.next_nonce(A), Some(3));
    assert_eq!(pool.next_nonce(B), Some(1));
    assert_eq!(pool.next_nonce(sender(1)), None);
}

#[test]
fn a_gap_is_held_until_it_is_filled() {
    let pool = pool();
    let arrivals = pool.arrivals();
    let queued = pool.add(tx(A, 1), &standing(0));
    assert_eq!(queued, Ok(Added { ready: false, replaced: None }));
    assert_eq!(*arrivals.borrow(), 0);
    assert_eq!(ready(&pool), []);
    let filling = pool.add(tx(A, 0), &standing(0));
    assert_eq!(filling, Ok(Added { ready: true, replaced: None }));
    assert_eq!(*arrivals.borrow(), 2);
    assert_eq!(ready(&pool), [(0xa, 0), (0xa, 1)]);
}

#[test]
fn a_final_block_takes_its_transactions_out() {
    let pool = pool();
    let txs: Vec<_> = (0..4).map(|nonce| tx(A, nonce)).collect();
    for tx in &txs {
        pool.add(tx.clone(), &standing(0)).expect("there is room");
    }
    let included = txs[..2].iter().map(|tx| (tx.hash(), tx.sender(), tx.nonce()));
    pool.on_finalized(included);
    assert_eq!(ready(&pool), [(0xa, 2), (0xa, 3)]);
    assert_eq!(pool.get(&txs[0].hash()), None);
    assert_eq!(pool.next_nonce(A), Some(4));
    let bytes = txs[2..].iter().map(|tx| tx.encoded().len()).sum();
    assert_eq!(pool.counts(), PoolCounts { ready: 2, queued: 0, bytes });
}

#[test]
fn there_is_work_only_beyond_the_blocks_that_are_under_way() {
    let pool = pool();
    assert!(!pool.has_ready(&B256Set::default()));
    let (first, second) = (tx(A, 0), tx(A, 1));
    pool.add(first.clone(), &standing(0)).expect("there is room");
    let under_way = B256Set::from_iter([first.hash()]);
    assert!(pool.has_ready(&B256Set::default()));
    assert!(!pool.has_ready(&under_way));
    pool.add(tx(B, 1), &standing(0)).expect("there is room");
    assert!(!pool.has_ready(&under_way), "what waits for an earlier nonce is no work yet");
    pool.add(second, &standing(0)).expect("there is room");
    assert!(pool.has_ready(&under_way));
}

#[test]
fn a_used_nonce_does_not_come_back_with_an_old_standing() {
    let pool = pool();
    let used = tx(A, 0);
    pool.add(used.clone(), &standing(0)).expect("there is room");
    pool.on_finalized([(used.hash(), A, 0)].into_iter());
    assert_eq!(pool.counts(), PoolCounts::default());
    let again = pool.add(used, &standing(0));
    assert_eq!(again, Err(Refusal::NonceTooLow { nonce: 0, next: 1 }));
    // Also for a sender whose transactions came with the block only.
    pool.on_finalized([(tx(B, 0).hash(), B, 0)].into_iter());
    let again = pool.add(tx(B, 0), &standing(0));
    assert_eq!(again, Err(Refusal::NonceTooLow { nonce: 0, next: 1 }));
}

#[test]
fn a_finalized_block_may_make_queued_transactions_ready() {
    let pool = pool();
    let arrivals = pool.arrivals();
    pool.add(tx(A, 1), &standing(0)).expect("there is room");
    pool.on_finalized([(tx(A, 0).hash(), A, 0)].into_iter());
    assert_eq!(ready(&pool), [(0xa, 1)]);
    assert_eq!(*arrivals.borrow(), 1);
}

#[test]
fn a_higher_fee_replaces_and_keeps_the_place() {
    let pool = pool();
    let old = with_fee(A, 0, 7);
    pool.add(old.clone(), &standing(0)).expect("there is room");
    pool.add(tx(B, 0), &standing(0)).expect("there is room");
    for fee in [0, 7] {
        let other = changed(A, 0, |tx| {
            tx.max_fee_per_gas = fee;
            tx.value = U256::ONE;
        });
        let refusal = pool.add(other, &standing(0)).expect_err("the fee is not higher");
        assert_eq!(refusal, Refusal::ReplacementUnderpriced { fee, replaced: 7 });
        assert!(refusal.to_string().starts_with("replacement transaction underpriced"));
    }
    let new = with_fee(A, 0, 8);
    let added = pool.add(new.clone(), &standing(0));
    assert_eq!(added, Ok(Added { ready: true, replaced: Some(old.hash()) }));
    assert_eq!(ready(&pool), [(0xa, 0), (0xb, 0)]);
    assert_eq!(pool.get(&old.hash()), None);
    assert_eq!(pool.get(&new.hash()), Some(new));
}

#[test]
fn the_same_transaction_is_known() {
    let pool = pool();
    pool.add(tx(A, 0), &standing(0)).expect("there is room");
    let again = pool.add(tx(A, 0), &standing(0)).expect_err("it waits already");
    assert_eq!((again.code(), again.to_string().as_str()), ("pool.already_known", "already known"));
}

#[test]
fn what_no_block_could_take_is_refused_with_geths_words() {
    let pool = pool_with(|config| config.transaction_gas_max = 1_000_000);
    let refusals = [
        (changed(A, 0, |tx| tx.chain_id = 1), "invalid sender: invalid chain id for signer"),
        (changed(A, 0, |tx| tx.gas_limit = 1_000_001), "exceeds block gas limit"),
        (changed(A, 0, |tx| tx.gas_limit = 20_999), "intrinsic gas too low"),
        (changed(A, 0, |tx| tx.value = U256::from(1_001)), "insufficient funds for gas"),
        (changed(A, 0, |tx| tx.max_priority_fee_per_gas = 1), "max priority fee per gas higher"),
        (tx(A, 5_000), "nonce too high"),
    ];
    for (tx, words) in refusals {
        let refusal = pool.add(tx, &standing(0)).expect_err(words);
        assert!(refusal.to_string().starts_with(words), "{refusal}");
        assert!(refusal.code().starts_with("pool."));
    }
    let refusal = pool.add(tx(A, 0), &standing(3)).expect_err("the nonce was used");
    assert_eq!(refusal.to_string(), "nonce too low: next nonce 3, tx nonce 0");
    assert_eq!(pool.counts(), PoolCounts::default());
}

#[test]
fn calldata_and_creation_cost_gas_before_they_run() {
    let pool = pool();
    let mut deployer = standing(0);
    deployer.may_deploy = true;
    let with = |gas_limit| {
        changed(A, 0, |tx| {
            tx.to = TxKind::Create;
            tx.input = vec![1; 33].into();
            tx.gas_limit = gas_limit;
        })
    };
    // 21000 + 32000 + 33 * 16 + 2 words of creation code * 2.
    let needed = 53_532;
    assert_eq!(
        pool.add(with(needed - 1), &deployer),
        Err(Refusal::IntrinsicGasTooLow { gas_limit: needed - 1, needed })
    );
    assert!(pool.add(with(needed), &deployer).is_ok());
    // EIP-7623: mere data costs ten gas per zero byte and forty per other byte.
    let data = changed(B, 0, |tx| {
        tx.input = vec![0; 1_000].into();
        tx.gas_limit = 30_999;
    });
    let refusal = Refusal::IntrinsicGasTooLow { gas_limit: 30_999, needed: 31_000 };
    assert_eq!(pool.add(data, &standing(0)), Err(refusal));
    let long = changed(B, 0, |tx| {
        tx.to = TxKind::Create;
        tx.input = vec![0; 49_153].into();
    });
    let refusal = pool.add(long, &deployer).expect_err("EIP-3860 allows 49152 bytes");
    assert_eq!(refusal.code(), "pool.initcode_too_large");
}

#[test]
fn only_active_members_enter_and_only_deployers_with_creations() {
    let pool = pool();
    let frozen = Standing { active: false, ..standing(0) };
    assert_eq!(pool.add(tx(A, 0), &frozen), Err(Refusal::SenderNotActive { sender: A }));
    let creation = changed(A, 0, |tx| tx.to = TxKind::Create);
    assert_eq!(pool.add(creation, &standing(0)), Err(Refusal::MayNotDeploy { sender: A }));
}

#[test]
fn a_frozen_sender_leaves_the_pool() {
    let pool = pool();
    for tx in [tx(A, 0), tx(A, 1), tx(B, 0), tx(A, 5)] {
        pool.add(tx, &standing(0)).expect("there is room");
    }
    let frozen = Standing { active: false, ..standing(0) };
    assert_eq!(pool.restate(A, &frozen), 3);
    assert_eq!(ready(&pool), [(0xb, 0)]);
    assert_eq!(pool.senders(), [B]);
    assert_eq!(pool.restate(B, &standing(0)), 0);
}

#[test]
fn a_sender_that_spent_its_balance_keeps_what_it_can_still_send() {
    let pool = pool();
    let paying = changed(A, 1, |tx| tx.value = U256::from(900));
    for tx in [tx(A, 0), paying, tx(A, 2)] {
        pool.add(tx, &standing(0)).expect("there is room");
    }
    let poor = Standing { balance: U256::from(10), ..standing(0) };
    assert_eq!(pool.restate(A, &poor), 1);
    assert_eq!(ready(&pool), [(0xa, 0)], "the third waits for another second");
    assert_eq!(pool.counts().queued, 1);
}

#[test]
fn a_removed_transaction_leaves_a_gap() {
    let pool = pool();
    let txs = [tx(A, 0), tx(A, 1), tx(A, 2)];
    for tx in &txs {
        pool.add(tx.clone(), &standing(0)).expect("there is room");
    }
    assert_eq!(pool.remove(&txs[1].hash()), Some(txs[1].clone()));
    assert_eq!(pool.remove(&txs[1].hash()), None);
    assert_eq!(ready(&pool), [(0xa, 0)]);
    pool.add(txs[1].clone(), &standing(0)).expect("there is room");
    assert_eq!(ready(&pool), [(0xa, 0), (0xa, 1), (0xa, 2)]);
}

#[test]
fn a_block_gets_what_fits_and_is_not_in_its_ancestors() {
    let pool = pool();
    let txs = [tx(A, 0), sized(B, 0, 5_000), tx(B, 1), tx(A, 1)];
    for tx in &txs {
        pool.add(tx.clone(), &standing(0)).expect("there is room");
    }
    let small = txs[0].encoded().len() as u64;
    let take = |bytes: u64, exclude: &[usize]| {
        let exclude: B256Set = exclude.iter().map(|index| txs[*index].hash()).collect();
        let chosen = pool.ready(bytes, &exclude);
        chosen.iter().map(|tx| (tx.sender()[0], tx.nonce())).collect::<Vec<_>>()
    };
    assert_eq!(take(4_000, &[]), [(0xa, 0), (0xa, 1)], "B waits for its long one");
    assert_eq!(take(4_000, &[0]), [(0xa, 1)]);
    assert_eq!(take(small, &[0]), [(0xa, 1)]);
    assert_eq!(take(u64::MAX, &[0, 1]), [(0xb, 1), (0xa, 1)]);
    assert_eq!(take(0, &[]), []);
}

#[test]
fn a_sender_at_its_limit_can_only_fill_gaps() {
    let pool = pool_with(|config| config.per_sender_max = 3);
    for nonce in [0, 2, 3] {
        pool.add(tx(A, nonce), &standing(0)).expect("there is room");
    }
    let refusal = Refusal::SenderLimit { sender: A, max: 3 };
    assert_eq!(pool.add(tx(A, 4), &standing(0)), Err(refusal));
    pool.add(tx(A, 1), &standing(0)).expect("it fills the gap");
    assert_eq!(ready(&pool), [(0xa, 0), (0xa, 1), (0xa, 2)]);
    let replacing = pool.add(with_fee(A, 2, 1), &standing(0));
    assert!(replacing.is_ok_and(|added| added.replaced.is_some()));
}

#[test]
fn who_fills_the_pool_makes_room_for_others() {
    let pool = pool_with(|config| config.total_max = 4);
    for nonce in 0..4 {
        pool.add(tx(A, nonce), &standing(0)).expect("there is room");
    }
    assert_eq!(pool.add(tx(A, 4), &standing(0)), Err(Refusal::Full));
    pool.add(tx(B, 0), &standing(0)).expect("A has more than its share");
    pool.add(tx(B, 1), &standing(0)).expect("A has more than its share");
    assert_eq!(ready(&pool), [(0xa, 0), (0xa, 1), (0xb, 0), (0xb, 1)]);
    assert_eq!(pool.add(tx(B, 2), &standing(0)), Err(Refusal::Full));
    assert_eq!(pool.add(tx(sender(0xc), 0), &standing(0)).map(|added| added.ready), Ok(true));
    assert_eq!(pool.counts().ready, 4);
}

#[test]
fn bytes_are_limited_too() {
    let pool = pool_with(|config| config.total_bytes_max = 10_000);
    pool.add(sized(A, 0, 4_000), &standing(0)).expect("there is room");
    pool.add(sized(A, 1, 4_000), &standing(0)).expect("there is room");
    assert_eq!(pool.add(sized(B, 0, 6_000), &standing(0)), Err(Refusal::Full));
    pool.add(sized(B, 0, 3_000), &standing(0)).expect("A keeps more than B then has");
    assert_eq!(ready(&pool), [(0xa, 0), (0xb, 0)]);
    let long = pool_with(|config| config.transaction_bytes_max = 500);
    let refusal = long.add(sized(A, 0, 500), &standing(0)).expect_err("it is too long");
    assert_eq!(refusal.code(), "pool.transaction_too_large");
}
