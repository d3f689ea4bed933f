//! A capture of many events: long calldata, and a slot for each event.

use std::sync::Arc;

use alloy_primitives::Bytes;
use alloy_sol_types::SolCall as _;
use qiao_modules::traceability::{self, ITraceability::captureCall};
use qiao_types::SignedTransaction;

use super::{
    chain::*,
    misses::{Counting, ways},
};
use crate::{CallRequest, estimate_gas, execute_block};

fn event(number: usize) -> Bytes {
    format!(
        r#"{{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","eventTime":"2026-11-01T10:00:00.000Z","eventTimeZoneOffset":"+08:00","epcList":["urn:epc:id:sgtin:4012345.011111.{number}"],"action":"OBSERVE","bizStep":"shipping","disposition":"in_transit","readPoint":{{"id":"urn:epc:id:sgln:4012345.00001.0"}}}}"#
    )
    .into_bytes()
    .into()
}

fn calldata(first: usize, count: usize) -> Bytes {
    let events = (first..first + count).map(event).collect();
    captureCall { party: 1, events }.abi_encode().into()
}

fn capture(nonce: u64, first: usize, count: usize) -> Arc<SignedTransaction> {
    changed(&capturer(), nonce, |tx| {
        tx.to = traceability::ADDRESS.into();
        tx.input = calldata(first, count);
        tx.gas_limit = 100_000_000;
    })
}

#[tokio::test]
async fn a_thousand_events_are_captured_in_one_transaction() {
    let chain = Chain::new();
    let source = Counting::of(&chain.state);
    let executed =
        execute_block(&chain.config, &chain.next_env(), &source, &[capture(0, 0, 1_000)])
            .await
            .expect("the block is valid");
    assert!(executed.receipts[0].succeeded(), "{}", executed.receipts[0].output);
    assert_eq!(executed.receipts[0].logs().len(), 1_000);
    // Each event's slot is asked for once; the events are not parsed again for each.
    assert!(source.reads() < 1_020, "{} reads", source.reads());
}

#[tokio::test]
async fn captures_do_not_depend_on_how_the_state_is_fetched() {
    let mut chain = Chain::new();
    chain.advance(&[capture(0, 0, 20)]).await;
    let txs = [capture(1, 10, 30), capture(2, 30, 30)];
    let usual = chain.execute(&txs).await.expect("the block is valid");
    let new: usize = usual.receipts.iter().map(|receipt| receipt.logs().len()).sum();
    assert_eq!(new, 40, "events 0 to 19 were known, 30 to 39 came twice");
    for (tuning, at_hand) in ways() {
        let executed = chain.execute_tuned(&txs, tuning, at_hand).await;
        assert_eq!(executed.as_ref(), Ok(&usual), "{at_hand} {tuning:?}");
    }
}

#[tokio::test]
async fn the_gas_of_a_capture_can_be_estimated() {
    let chain = Chain::new();
    let source = Counting::of(&chain.state);
    let request = CallRequest {
        from: capturer().address(),
        to: Some(traceability::ADDRESS),
        data: calldata(0, 100),
        ..Default::default()
    };
    let gas = estimate_gas(&chain.config, &chain.next_env(), &source, request)
        .await
        .expect("the capture succeeds");
    let executed = chain.execute(&[capture(0, 0, 100)]).await.expect("the block is valid");
    assert!(gas >= executed.gas_used && gas < executed.gas_used + executed.gas_used / 32);
    assert!(source.reads() < 120, "{} reads", source.reads());
}
