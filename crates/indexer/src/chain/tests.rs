//! Blocks, transactions and logs are found by what people ask for.

use alloy_primitives::{Address, B256, TxKind, U256};

use super::*;
use crate::testing::{ChainBuilder, GENESIS_MS, empty_index, log};
use crate::{IndexError, PageRequest};

fn word(value: u64) -> B256 {
    U256::from(value).into()
}

fn any_log() -> LogFilter {
    LogFilter {
        from_block: 0,
        to_block: u64::MAX,
        addresses: vec![],
        topics: Default::default(),
        limit: 100,
    }
}

#[tokio::test]
async fn a_block_is_found_by_its_hash_and_lists_its_transactions() {
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    let recipient = Address::repeat_byte(2);
    let transfer = chain.transaction(TxKind::Call(recipient), vec![], true, vec![]);
    let call = chain.transaction(TxKind::Call(recipient), vec![1, 2, 3, 4, 5], false, vec![]);
    let deployment = chain.transaction(TxKind::Create, vec![0x60], true, vec![]);
    let block = chain.block();
    index.apply(&block).await.unwrap();

    assert_eq!(index.block_number(block.hash).await.unwrap(), Some(1));
    assert_eq!(index.block_number(B256::ZERO).await.unwrap(), None);
    let indexed = index.block(1).await.unwrap().expect("block 1 is there");
    assert_eq!((indexed.transactions, indexed.timestamp_ms), (3, GENESIS_MS + 1_000));
    assert!(indexed.bytes > 300);

    let place = index.transaction(call).await.unwrap();
    assert_eq!(place, Some(TransactionPlace { block: 1, position: 1 }));
    let all = index.transactions_of(1, &PageRequest::first(10)).await.unwrap().items;
    let hashes: Vec<B256> = all.iter().map(|transaction| transaction.hash).collect();
    assert_eq!(hashes, [transfer, call, deployment]);
    assert_eq!(all[0].kind, TransactionKind::Transfer);
    assert_eq!(all[1].kind, TransactionKind::Call);
    assert_eq!(all[1].selector, Some([1, 2, 3, 4].into()));
    assert!(!all[1].succeeded);
    assert_eq!(all[2].kind, TransactionKind::Deployment);
    assert_eq!(all[2].created, Some(Address::repeat_byte(0xcc)));
    assert_eq!(all[0].sender, chain.sender());
}

#[tokio::test]
async fn lists_are_paged_newest_first_without_repeats_or_gaps() {
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    let mut hashes = Vec::new();
    for nth in 0..7 {
        for _ in 0..nth % 3 {
            hashes.push(chain.transaction(TxKind::Call(Address::ZERO), vec![], true, vec![]));
        }
        index.apply(&chain.block()).await.unwrap();
    }
    hashes.reverse();
    let mut seen = Vec::new();
    let mut request = PageRequest::first(2);
    loop {
        let page = index.recent_transactions(&request).await.unwrap();
        seen.extend(page.items.iter().map(|transaction| transaction.hash));
        let Some(token) = page.next else { break };
        request = PageRequest::after(token, 2);
    }
    assert_eq!(seen, hashes);

    let first = index.recent_blocks(&PageRequest::first(5)).await.unwrap();
    let second = index.recent_blocks(&PageRequest::after(first.next.unwrap(), 5)).await.unwrap();
    let numbers: Vec<u64> = first.items.iter().chain(&second.items).map(|b| b.number).collect();
    assert_eq!(numbers, [7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(second.next, None);
    let wrong = index.recent_blocks(&PageRequest::after("x'", 5)).await;
    assert!(matches!(wrong, Err(IndexError::PageToken(_))));
}

#[tokio::test]
async fn logs_are_found_by_emitter_topic_and_range() {
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    let (apple, pear) = (Address::repeat_byte(0xa), Address::repeat_byte(0xb));
    let to = TxKind::Call(apple);
    let first = log(apple, &[word(100), word(1), word(0)]);
    let second = log(pear, &[word(100), word(2)]);
    chain.transaction(to, vec![], true, vec![first, second]);
    chain.transaction(to, vec![], true, vec![log(apple, &[])]);
    index.apply(&chain.block()).await.unwrap();
    chain.transaction(to, vec![], true, vec![log(apple, &[word(100), word(2), word(3), word(4)])]);
    index.apply(&chain.block()).await.unwrap();

    let found = async |filter: LogFilter| -> Vec<(u64, u32)> {
        let logs = index.logs(&filter).await.unwrap();
        logs.iter().map(|log| (log.block, log.log_index)).collect()
    };
    assert_eq!(found(any_log()).await, [(1, 0), (1, 1), (1, 2), (2, 0)]);
    let of_apple = LogFilter { addresses: vec![apple], ..any_log() };
    assert_eq!(found(of_apple.clone()).await, [(1, 0), (1, 2), (2, 0)]);
    assert_eq!(found(LogFilter { to_block: 1, ..of_apple }).await, [(1, 0), (1, 2)]);
    assert_eq!(found(LogFilter { from_block: 2, ..any_log() }).await, [(2, 0)]);
    let topics = [vec![word(100)], vec![word(1), word(2)], vec![], vec![]];
    assert_eq!(found(LogFilter { topics, ..any_log() }).await, [(1, 0), (1, 1), (2, 0)]);
    let zero = [vec![], vec![], vec![word(0)], vec![]];
    assert_eq!(found(LogFilter { topics: zero, ..any_log() }).await, [(1, 0)]);

    let logs = index.logs(&any_log()).await.unwrap();
    assert_eq!(logs[0].topics, [word(100), word(1), word(0)]);
    assert_eq!(logs[2].topics, [] as [B256; 0]);
    assert_eq!((logs[2].position, logs[2].index_in_receipt), (1, 0));
    assert_eq!(logs[3].topics.len(), 4);
    let place = index.transaction(logs[2].transaction).await.unwrap();
    assert_eq!(place, Some(TransactionPlace { block: 1, position: 1 }));
}

#[tokio::test]
async fn too_many_logs_are_an_error_that_names_the_limit() {
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    let logs = vec![log(Address::ZERO, &[]); 3];
    chain.transaction(TxKind::Call(Address::ZERO), vec![], true, logs);
    index.apply(&chain.block()).await.unwrap();
    assert_eq!(index.logs(&LogFilter { limit: 3, ..any_log() }).await.unwrap().len(), 3);
    let refusal = index.logs(&LogFilter { limit: 2, ..any_log() }).await.expect_err("3 match");
    assert_eq!(refusal.to_string(), "query returned more than 2 results");
}

#[tokio::test]
async fn the_newest_blocks_are_forgotten_and_come_again_otherwise() {
    let index = empty_index().await;
    let mut chain = ChainBuilder::new();
    let apple = Address::repeat_byte(0xa);
    let (to, logs) = (TxKind::Call(apple), || vec![log(apple, &[word(7)])]);
    let kept = chain.transaction(to, vec![], true, logs());
    let first = chain.block();
    let forgotten = chain.transaction(to, vec![], true, logs());
    let second = chain.block();
    index.apply_all(&[first.clone(), second]).await.unwrap();

    assert!(index.forget_after(1).await.unwrap());
    assert_eq!(index.last_block().await.unwrap(), Some(1));
    assert_eq!(index.logs(&any_log()).await.unwrap().len(), 1);
    assert!(index.transaction(kept).await.unwrap().is_some());
    assert_eq!(index.transaction(forgotten).await.unwrap(), None);

    let mut other = ChainBuilder::new();
    other.transaction(to, vec![], true, logs());
    other.block();
    let hash = other.transaction(to, vec![1], true, vec![]);
    index.apply(&other.block()).await.unwrap();
    let place = index.transaction(hash).await.unwrap();
    assert_eq!(place, Some(TransactionPlace { block: 2, position: 0 }));
}

#[tokio::test]
async fn blocks_that_changed_members_or_captured_are_not_forgotten() {
    for capturing in [false, true] {
        let index = empty_index().await;
        let mut chain = ChainBuilder::new();
        if capturing {
            chain.capture(1, &[]);
        } else {
            let of_members = log(qiao_modules::members::ADDRESS, &[word(1)]);
            chain.transaction(TxKind::Call(Address::ZERO), vec![], true, vec![of_members]);
        }
        index.apply(&chain.block()).await.unwrap();
        assert!(!index.forget_after(0).await.unwrap());
        assert_eq!(index.last_block().await.unwrap(), Some(1));
        assert!(index.forget_after(1).await.unwrap());
    }
}
