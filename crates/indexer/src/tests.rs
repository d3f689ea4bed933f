//! The index as a whole: order, repetition, another chain, another schema, rebuilding.

use alloy_primitives::{Address, B256, TxKind};
use qiao_types::{FinalizedBlock, Genesis, Parameters, StateCommitment};
use std::convert::Infallible;
use std::sync::Arc;

use crate::database::sql;
use crate::testing::{ChainBuilder, empty_index};
use crate::{Index, IndexError, PageRequest, Progress};

fn genesis(name: &str) -> Genesis {
    Genesis {
        chain_id: 1,
        name: name.into(),
        timestamp_ms: 0,
        parameters: Parameters::default(),
        organisations: Vec::new(),
        validators: Vec::new(),
        accounts: Default::default(),
        imported: None,
        state: StateCommitment {
            root: B256::ZERO,
            operations_root: B256::ZERO,
            operations_start: 0,
            operations_end: 0,
        },
    }
}

fn chain(blocks: u64) -> Vec<Arc<FinalizedBlock>> {
    let mut builder = ChainBuilder::new();
    (0..blocks)
        .map(|_| {
            builder.transaction(TxKind::Call(Address::repeat_byte(2)), vec![], true, vec![]);
            builder.block()
        })
        .collect()
}

#[tokio::test]
async fn blocks_are_taken_in_order_and_repetition_changes_nothing() {
    let index = empty_index().await;
    let blocks = chain(5);
    assert_eq!(index.last_block().await.unwrap(), None);
    index.apply(&blocks[0]).await.unwrap();
    index.apply(&blocks[0]).await.unwrap();
    let refusal = index.apply(&blocks[2]).await.expect_err("block 2 is missing");
    assert!(matches!(refusal, IndexError::OutOfOrder { got: 3, expected: 2 }), "{refusal}");
    index.apply_all(&blocks).await.unwrap();
    assert_eq!(index.last_block().await.unwrap(), Some(5));
    let page = index.recent_blocks(&PageRequest::first(10)).await.unwrap();
    assert_eq!(page.items.len(), 5);
}

#[tokio::test]
async fn a_gap_within_a_batch_takes_none_of_it() {
    let index = empty_index().await;
    let blocks = chain(3);
    let batch = [blocks[0].clone(), blocks[2].clone()];
    assert!(index.apply_all(&batch).await.is_err());
    assert_eq!(index.last_block().await.unwrap(), None);
}

#[tokio::test]
async fn another_block_of_the_same_height_is_refused() {
    let index = empty_index().await;
    index.apply(&chain(1)[0]).await.unwrap();
    let other = ChainBuilder::new().block();
    let refusal = index.apply(&other).await.expect_err("another chain");
    assert!(matches!(refusal, IndexError::AnotherChain { number: 1, .. }), "{refusal}");
}

#[tokio::test]
async fn an_index_of_another_network_is_refused() {
    let index = empty_index().await;
    index.apply_genesis(&genesis("one")).await.unwrap();
    index.apply_genesis(&genesis("one")).await.unwrap();
    let refusal = index.apply_genesis(&genesis("two")).await.expect_err("another network");
    assert!(matches!(refusal, IndexError::AnotherGenesis { .. }), "{refusal}");
}

#[tokio::test]
async fn a_file_of_another_schema_is_dropped_and_what_was_written_survives_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("index.db").display());
    let blocks = chain(2);
    let index = Index::open(&url).await.unwrap();
    index.apply_all(&blocks).await.unwrap();
    index.close().await;

    let index = Index::open(&url).await.unwrap();
    assert_eq!(index.last_block().await.unwrap(), Some(2));
    let other = sql("PRAGMA user_version = 9999");
    other.execute(&mut index.writer().await.unwrap()).await.unwrap();
    index.close().await;

    let index = Index::open(&url).await.unwrap();
    assert_eq!(index.last_block().await.unwrap(), None);
}

#[tokio::test]
async fn rebuilding_gives_the_same_rows_and_tells_how_far_it_is() {
    let index = empty_index().await;
    let blocks = chain(150);
    index.apply_genesis(&genesis("one")).await.unwrap();
    index.apply_all(&blocks).await.unwrap();
    let before = index.recent_transactions(&PageRequest::first(1_000)).await.unwrap();

    let stream = futures::stream::iter(blocks.iter().cloned().map(Ok::<_, Infallible>));
    let mut told = Vec::new();
    index.rebuild(&genesis("one"), stream, |progress| told.push(progress)).await.unwrap();
    let after = index.recent_transactions(&PageRequest::first(1_000)).await.unwrap();
    assert_eq!(before, after);
    assert_eq!(told.last(), Some(&Progress { block: 150, applied: 150 }));
}

#[tokio::test]
async fn a_failing_source_stops_the_rebuild_and_keeps_what_was_applied() {
    let index = empty_index().await;
    let blocks = chain(70);
    let mut items: Vec<Result<_, String>> = blocks.iter().cloned().map(Ok).collect();
    items.push(Err("disk gone".into()));
    let stream = futures::stream::iter(items);
    let failure = index.rebuild(&genesis("one"), stream, |_| ()).await.expect_err("it fails");
    assert_eq!(failure.to_string(), "cannot read finalized blocks: disk gone");
    assert_eq!(index.last_block().await.unwrap(), Some(64));
}

#[tokio::test]
async fn a_url_that_is_no_database_is_refused() {
    let failure = Index::open("mysql://me:secret@x/y").await.expect_err("unknown");
    assert_eq!(
        failure.to_string(),
        "`mysql://me@x/y` is neither a `sqlite:` nor a `postgres://` URL"
    );
}
