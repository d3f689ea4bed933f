//! Pages over a chain that is made up.

mod stub;

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
    response::Response,
};
use tower::ServiceExt as _;

use stub::StubChain;

async fn get(chain: StubChain, path: &str) -> Response {
    let request = Request::get(path).body(Body::empty()).unwrap();
    crate::router(Arc::new(chain)).oneshot(request).await.unwrap()
}

async fn text(response: Response) -> String {
    let bytes = to_bytes(response.into_body(), 8 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn page(path: &str) -> String {
    let response = get(StubChain::new(30), path).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    text(response).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_says_that_the_chain_runs_and_who_runs_it() {
    let page = page("/").await;
    for expected in ["The chain is running", "Lantern Markets", "4 of 4 voting", "Recent blocks"] {
        assert!(page.contains(expected), "{expected}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_chain_says_why() {
    let mut chain = StubChain::new(3);
    chain.status.is_final_progressing = false;
    chain.status.stalled_reason = Some("2 of 4 validators are not reachable".into());
    let page = text(get(chain, "/").await).await;
    assert!(page.contains("The chain is waiting: 2 of 4 validators are not reachable."));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_forbids_foreign_content() {
    for path in ["/", "/blocks", "/no-such-page", crate::assets::style_path()] {
        let response = get(StubChain::new(3), path).await;
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_found_by_height_and_by_hash() {
    let chain = StubChain::new(5);
    let hash = chain.blocks[4].hash;
    assert!(page("/blocks/4").await.contains("Block 4"));
    let page = text(get(chain, &format!("/blocks/{hash}")).await).await;
    assert!(page.contains("Block 4"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_gets_a_friendly_page() {
    for (path, status) in [
        ("/blocks/4000", StatusCode::NOT_FOUND),
        ("/blocks/banana", StatusCode::BAD_REQUEST),
        ("/transactions/0x12", StatusCode::BAD_REQUEST),
        ("/nowhere", StatusCode::NOT_FOUND),
    ] {
        let response = get(StubChain::new(3), path).await;
        assert_eq!(response.status(), status, "{path}");
        assert!(text(response).await.contains("<main"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_from_outside_is_escaped() {
    let page = text(get(StubChain::new(3), "/blocks/%3Cscript%3E").await).await;
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_search_field_goes_where_the_text_points() {
    for (wanted, target) in [
        ("12", "/blocks/12"),
        ("1,024", "/blocks/1024"),
        ("", "/trace"),
        ("urn:epc:id:sscc:9521002.1", "/trace?id=urn%3Aepc%3Aid%3Asscc%3A9521002.1"),
    ] {
        let path = format!("/search?q={}", crate::pages::search::encoded(wanted));
        let response = get(StubChain::new(3), &path).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        assert_eq!(response.headers()["location"], target);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_a_module_is_told_in_words() {
    let chain = StubChain::new(3);
    let hash = chain.blocks[2].block.transactions[0].hash();
    let page = text(get(chain, &format!("/transactions/{hash}")).await).await;
    for expected in ["Add account", "members", "Lantern Markets", "Done"] {
        assert!(page.contains(expected), "{expected}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_with_its_remedy() {
    let chain = StubChain::new(3);
    let hash = chain.blocks[2].block.transactions[1].hash();
    let page = text(get(chain, &format!("/transactions/{hash}")).await).await;
    for expected in ["Refused: The caller is not an admin.", "What helps:", "members.not_admin"] {
        assert!(page.contains(expected), "{expected}");
    }
}

/// Serves the made-up chain for a look at it in a browser.
#[tokio::test(flavor = "multi_thread")]
async fn preview() {
    let Ok(address) = std::env::var("PREVIEW") else { return };
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    axum::serve(listener, crate::router(Arc::new(StubChain::new(1205)))).await.unwrap();
}
