//! What the node says of itself.

use std::time::Duration;

use qiao_api::{Chain as _, rest, rpc};
use serde_json::json;

use crate::support::{Network, document, event};

#[tokio::test(flavor = "multi_thread")]
async fn the_head_is_told_at_once_and_waited_for() {
    let network = Network::start().await;
    let head = network.get("/status/head").await.json();
    let number = network.chain.head().number;
    assert_eq!(head["number"], number);
    assert_eq!(head["hash"], network.chain.head().hash.to_string());
    // Nothing comes: after the wait the answer is what there is.
    let same = network.get(&format!("/status/head?after={number}&wait_ms=50")).await;
    assert_eq!((same.status, &same.json()["number"]), (200, &json!(number)));
    // Something comes: the answer is the new block, long before the wait is over.
    let path = format!("/status/head?after={number}&wait_ms=30000");
    let (newer, _) = tokio::join!(network.get(&path), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        network.captured(document(vec![event(1)])).await
    });
    assert!(newer.json()["number"].as_u64() > Some(number), "{}", newer.body);
    // An older height than the head's is answered at once.
    let earlier = network.get(&path).await;
    assert!(earlier.json()["number"].as_u64() > Some(number), "{}", earlier.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_too_many_is_refused_and_says_so() {
    let limits = rest::Limits { head_waits_max: 0, ..rest::Limits::default() };
    let network = Network::with_limits(rpc::Limits::default(), limits).await;
    let head = network.chain.head().number;
    let refused = network.get(&format!("/status/head?after={head}")).await;
    assert_eq!((refused.status, &refused.json()["code"]), (503, &json!("status.busy")));
    assert_eq!(network.get("/status/head").await.status, 200);
    let unknown = network.get("/status/head?since=1").await;
    assert_eq!((unknown.status, &unknown.json()["code"]), (400, &json!("rest.query")));
}
