//! Pages over a chain in memory with the sample trade on it.

mod contracts;
mod desks;
mod drawings;
mod products;
mod recalls;
mod sealed;
mod shown;

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode},
    response::Response,
};
use tower::ServiceExt as _;

use crate::pages::search::encoded;
use shown::{ShownChain, newcomer};

fn console(chain: ShownChain) -> Router {
    crate::router(Arc::new(chain))
}

async fn get(console: &Router, path: &str) -> Response {
    let request = Request::get(path).body(Body::empty()).unwrap();
    console.clone().oneshot(request).await.unwrap()
}

async fn text(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), 8 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn page(console: &Router, path: &str) -> String {
    let response = get(console, path).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    text(response).await
}

fn assert_says(page: &str, expected: &[&str]) {
    for expected in expected {
        assert!(page.contains(expected), "the page does not say `{expected}`");
    }
}

#[tokio::test]
async fn the_overview_says_that_the_chain_runs_and_who_runs_it() {
    let console = console(ShownChain::blocks(3).await);
    let page = page(&console, "/").await;
    assert_says(&page, &["The chain is running", "Lantern Markets", "4 of 4 voting"]);
    assert_says(&page, &["Recent blocks", "Nothing has been captured yet"]);
}

#[tokio::test]
async fn a_waiting_chain_says_why_and_who_is_missing() {
    let mut chain = ShownChain::blocks(3).await;
    chain.status.is_final_progressing = false;
    chain.status.stalled_reason = Some("2 of 4 validators are not reachable".into());
    for validator in &mut chain.status.validators[2..] {
        (validator.connected, validator.last_voted_ago_ms) = (false, Some(95_000));
    }
    let page = page(&console(chain), "/").await;
    assert_says(&page, &["The chain is waiting: 2 of 4 validators are not reachable."]);
    assert_says(&page, &["2 of 4 voting", "not reachable", "last vote 1 min ago"]);
}

#[tokio::test]
async fn every_answer_forbids_foreign_content() {
    let console = console(ShownChain::empty().await);
    for path in ["/", "/blocks", "/no-such-page", "/live?page=blocks", crate::assets::style_path()]
    {
        let response = get(&console, path).await;
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
    }
}

#[tokio::test]
async fn a_block_is_found_by_height_and_by_hash() {
    let chain = Arc::new(ShownChain::blocks(5).await);
    let hash = qiao_api::Chain::block_by_number(&*chain, 4).await.unwrap().unwrap().hash;
    let console = crate::router(chain);
    assert_says(&page(&console, "/blocks/4").await, &["Block 4", "heartbeat"]);
    assert_says(&page(&console, &format!("/blocks/{hash}")).await, &["Block 4"]);
}

#[tokio::test]
async fn what_does_not_exist_gets_a_friendly_page() {
    let console = console(ShownChain::empty().await);
    for (path, status) in [
        ("/blocks/4000", StatusCode::NOT_FOUND),
        ("/blocks/banana", StatusCode::BAD_REQUEST),
        ("/transactions/0x12", StatusCode::BAD_REQUEST),
        ("/events/xyz", StatusCode::BAD_REQUEST),
        ("/events?token=xyz", StatusCode::BAD_REQUEST),
        ("/trace?id=nonsense", StatusCode::BAD_REQUEST),
        ("/trace?id=(00)195210020000051008", StatusCode::NOT_FOUND),
        ("/trace?id=(00)195210020000051008&direction=up", StatusCode::BAD_REQUEST),
        ("/blocks?before=abc", StatusCode::BAD_REQUEST),
        ("/nowhere", StatusCode::NOT_FOUND),
    ] {
        let response = get(&console, path).await;
        assert_eq!(response.status(), status, "{path}");
        assert!(text(response).await.contains("<main"), "{path} has no page of its own");
    }
}

#[tokio::test]
async fn text_from_outside_is_escaped() {
    let console = console(ShownChain::empty().await);
    for path in ["/blocks/", "/trace?id=", "/events/"] {
        let path = format!("{path}%3Cscript%3Ealert(1)%3C%2Fscript%3E");
        let page = text(get(&console, &path).await).await;
        assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"), "{path}");
    }
}

#[tokio::test]
async fn the_search_field_goes_where_the_text_points() {
    let console = console(ShownChain::empty().await);
    for (wanted, target) in [
        ("12", "/blocks/12"),
        ("1,024", "/blocks/1024"),
        ("", "/trace"),
        ("urn:epc:id:sscc:9521002.1", "/trace?id=urn%3Aepc%3Aid%3Asscc%3A9521002.1"),
        ("195210020000051008", "/trace?id=195210020000051008"),
    ] {
        let response = get(&console, &format!("/search?q={}", encoded(wanted))).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(response.headers()["location"], target);
    }
}

#[tokio::test]
async fn a_call_of_a_module_is_told_in_words() {
    let chain = ShownChain::empty().await;
    let hash = chain.add_account(1, newcomer(1)).await;
    let page = page(&console(chain), &format!("/transactions/{hash}")).await;
    assert_says(&page, &["Add account", "members", "Lantern Markets", "Done", "Account added"]);
}

#[tokio::test]
async fn a_refusal_is_told_with_its_remedy() {
    let chain = ShownChain::empty().await;
    let hash = chain.add_account(12, newcomer(1)).await;
    let page = page(&console(chain), &format!("/transactions/{hash}")).await;
    assert_says(&page, &["Refused: The caller is not an admin.", "What helps:"]);
    assert_says(&page, &["members.not_admin", "Sunny Slope Farm"]);
}

#[tokio::test]
async fn members_are_shown_with_their_roles() {
    let page = page(&console(ShownChain::empty().await), "/members").await;
    assert_says(&page, &["12 organisations", "Lantern Markets", &qiao_sample::parties()[0].gln()]);
    assert_says(&page, &["validator", "capturer", "admin"]);
}

#[tokio::test]
async fn the_trade_is_traced_from_farm_to_shopper() {
    let console = console(ShownChain::trade().await);
    let trade = qiao_sample::trade(0);
    let trace = async |id: &str, way: &str| {
        page(&console, &format!("/trace?id={}&direction={way}", encoded(id))).await
    };
    let lot = trace(&trade.suspect_lot, "both").await;
    assert_says(&lot, &["Recalled by", "Yunhe Market Supervision", "Found wanting by"]);
    assert_says(&lot, &["6 × Fattened pig of Willow Bend Farm", "of Stone Bridge Farm"]);
    assert_says(&lot, &["It became 41 × Minced pork 1 kg", "destroyed", "sold"]);
    assert_says(&lot, &["<svg", "class=\"node alarm focus\""]);
    let pack = trace(&trade.shopper_pack, "back").await;
    assert_says(&pack, &["was destroyed by Lantern Markets", "40 others of the same product"]);
    assert_says(&pack, &["Took back", "Waybill"]);
    let lettuce = trace(&trade.corrected_lot, "both").await;
    assert_says(&lettuce, &["Washed romaine 200 g", "declared wrong", "506 ×", "560 ×"]);
    let invitation = page(&console, "/trace").await;
    assert_says(&invitation, &["The lot of mince that was recalled"]);
    let events = page(&console, "/events").await;
    let event = events.split("/events/").nth(1).unwrap().split('"').next().unwrap();
    let event = page(&console, &format!("/events/{event}")).await;
    assert_says(&event, &["Inspected", "Yunhe Market Supervision", "Event Hash ID"]);
    let transaction = event.split("/transactions/").nth(1).unwrap().split('"').next().unwrap();
    let transaction = page(&console, &format!("/transactions/{transaction}")).await;
    assert_says(&transaction, &["Capture 1 event", "Inspected Minced pork, bulk, lot M0318"]);
}

#[tokio::test]
async fn a_thing_that_nobody_recorded_is_shown_as_missing() {
    let chain = ShownChain::empty().await;
    let event = r#"{
        "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
        "type": "TransformationEvent", "eventTime": "2026-03-01T08:00:00Z",
        "eventTimeZoneOffset": "+00:00", "bizStep": "creating_class_instance",
        "inputQuantityList": [{"epcClass": "urn:epc:class:lgtin:9521002.000034.NOWHERE"}],
        "outputQuantityList": [{"epcClass": "urn:epc:class:lgtin:9521002.000036.SAUSAGE"}]
    }"#;
    chain.capture(2, &[event.to_owned()]).await;
    let page = page(&console(chain), "/trace?id=urn:epc:class:lgtin:9521002.000036.SAUSAGE").await;
    assert_says(&page, &["Some links are missing", "node missing", "edge missing"]);
}

#[tokio::test]
async fn a_live_page_sends_what_changed() {
    let chain = Arc::new(ShownChain::blocks(2).await);
    let console = crate::router(chain.clone());
    let response = get(&console, "/live?page=overview").await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut body = response.into_body().into_data_stream();
    chain.add_account(1, newcomer(1)).await;
    let first = futures::StreamExt::next(&mut body).await.unwrap().unwrap();
    assert_says(&String::from_utf8_lossy(&first), &["event: page", "Block 3 became final"]);
}

#[tokio::test]
async fn the_login_page_tells_nothing_of_the_node() {
    let chain = ShownChain::blocks(1).await;
    let name = chain.status.node.clone();
    let text = page(&console(chain), "/login?next=%2Fblocks%3Fa%3D%22&wrong=true").await;
    assert_says(&text, &["That key is not known here", "name=\"next\" value=\"/blocks?a=&quot;\""]);
    assert!(!text.contains(&name) && !text.contains("Genesis"), "{text}");
}

/// Serves the chain with the trade and some contracts at the address in `PREVIEW`, for a look at it in
/// a browser.
#[tokio::test]
async fn the_console_can_be_looked_at() {
    let Ok(address) = std::env::var("PREVIEW") else { return };
    let chain = Arc::new(ShownChain::trade().await);
    let console = crate::router(chain.clone());
    contracts::prepare(&chain, &console).await;
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    axum::serve(listener, console).await.unwrap();
}
