//! A recall with pages only: hold, drill, declare, take note, answer, report, close.

use std::sync::Arc;

use axum::{Router, http::StatusCode};
use qiao_modules::lots::ILots;
use qiao_sample::trade;

use super::{
    assert_says,
    contracts::{hidden, post},
    get, page,
    shown::ShownChain,
    text,
};
use crate::pages::search::encoded;

/// Red Gate Foods owns the mince; Lantern Markets sold it.
const OWNER: u64 = 2;
const STORE: u64 = 1;

const PACK: &str = "/01/09521002000566/21/M0318-007";

/// A node of the store that keeps the desks of all parties, with every prefix registered.
async fn console() -> Router {
    let chain = ShownChain::trade_with_desks().await;
    for (party, organisation) in qiao_sample::parties().iter().zip(1..) {
        let prefix = party.company_prefix.to_string();
        let call = ILots::registerPrefixCall { prefix, organisation };
        chain.call(4, "lots", call).await;
    }
    crate::router(Arc::new(chain))
}

fn path(organisation: u64, rest: &str) -> String {
    format!("/desks/{organisation}/{rest}")
}

/// Asks for something with a form of a page, confirms it, and gives the page after it.
async fn done(console: &Router, organisation: u64, from: &str, fields: &[(&str, &str)]) -> String {
    let shown = page(console, &path(organisation, from)).await;
    let fields = [&[("seal", hidden(&shown, "seal"))], fields].concat();
    let asked = post(console, &path(organisation, "confirm"), &fields).await;
    let status = asked.status();
    let confirming = text(asked).await;
    assert_eq!(status, StatusCode::OK, "{confirming}");
    assert_says(&confirming, &["What will be signed", "Nothing is sent yet"]);
    let signed = post(console, &path(organisation, "sign"), &fields).await;
    assert_eq!(signed.status(), StatusCode::SEE_OTHER);
    let back = page(console, signed.headers()["location"].to_str().unwrap()).await;
    assert_says(&back, &["Done, and final."]);
    back
}

fn drill(lot: &str) -> String {
    let text = "Salmonella: stop selling, send back";
    format!(
        "recalls/check?thing={}&level=consumer&reason=contamination&hours=24&text={}",
        encoded(lot),
        encoded(text)
    )
}

/// Declares the recall of the mince as its owner; gives the page of the recall.
async fn declared(console: &Router) -> String {
    let lot = trade(0).suspect_lot;
    let drilled = page(console, &path(OWNER, &drill(&lot))).await;
    assert_says(&drilled, &["This was a drill. Nothing was published.", "On hold everywhere"]);
    assert_says(&drilled, &["Lantern Markets", "Declare it and tell"]);
    let names = ["seal", "thing", "level", "reason", "hours", "text"];
    let fields: Vec<(&str, &str)> =
        names.into_iter().map(|name| (name, hidden(&drilled, name))).collect();
    let signed = post(console, &path(OWNER, "recalls/sign"), &fields).await;
    assert_eq!(signed.status(), StatusCode::SEE_OTHER);
    let target = signed.headers()["location"].to_str().unwrap();
    assert!(target.contains("/recalls/1?done=0x") && target.ends_with("untold=0"), "{target}");
    page(console, target).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lot_is_suspected_on_its_trace_and_held_back() {
    let console = console().await;
    let lot = trade(0).suspect_lot;
    let traced = page(&console, &format!("/trace?id={}", encoded(&lot))).await;
    assert_says(&traced, &["Suspect this"]);
    let led = get(&console, &format!("/quality/recalls?thing={}", encoded(&lot))).await;
    let target = led.headers()["location"].to_str().unwrap().to_owned();
    assert!(target.starts_with("/desks/2/recalls/new?thing="), "the owner's desk: {target}");
    let suspect = page(&console, &target).await;
    assert_says(&suspect, &["Found in", "Lantern Markets", "sold", "Drill it, publish nothing"]);
    let hold = [
        ("act", "hold"),
        ("thing", lot.as_str()),
        ("scope", "everywhere"),
        ("reason", "quality_check"),
        ("note", "smells"),
    ];
    let from = target.strip_prefix("/desks/2/").unwrap();
    let held = done(&console, OWNER, from, &hold).await;
    assert_says(&held, &["smells", "Release"]);
    let shopper = page(&console, PACK).await;
    assert_says(&shopper, &["Held back by Red Gate Foods", "quality check", "It is made of"]);
    let quality = page(&console, "/quality").await;
    assert_says(&quality, &["On hold on the chain", "Every validator refuses", "lot M0318"]);
    done(&console, OWNER, "recalls", &[("act", "release"), ("hold", "1")]).await;
    let shopper = page(&console, PACK).await;
    // What is left is what the events of the story say.
    assert_says(&shopper, &["Recalled by Yunhe Market Supervision"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recall_goes_from_the_drill_to_its_report_and_end() {
    let console = console().await;
    let recall = declared(&console).await;
    assert_says(&recall, &["Recall 1", "Who was told", "not noted yet", "Accounted for"]);
    let shopper = page(&console, PACK).await;
    assert_says(&shopper, &["Recalled by Red Gate Foods", "contamination", "Salmonella"]);

    let waiting = page(&console, &path(STORE, "recalls")).await;
    assert_says(&waiting, &["Waiting for you", "Recall 1 of Red Gate Foods", "Take note until"]);
    let note = [("act", "recall-acknowledge"), ("recall", "1")];
    let noted = done(&console, STORE, "recalls/1", &note).await;
    assert_says(&noted, &["noted in time"]);
    let all = [("act", "recall-answer-all"), ("recall", "1"), ("fate", "destroyed")];
    let answered = done(&console, STORE, "recalls/1/notices/1", &all).await;
    assert_says(&answered, &["0 lines not answered", "1 destroyed"]);
    // One pack was sold after all: a later answer takes the place of the earlier one.
    let thing = hidden(&answered, "thing");
    let one = [("act", "recall-answer"), ("recall", "1"), ("thing", thing), ("piece", "sold")];
    let corrected = done(&console, STORE, "recalls/1/notices/1", &one).await;
    assert_says(&corrected, &["1 sold"]);

    let report = page(&console, &path(OWNER, "recalls/1")).await;
    assert_says(&report, &["What became of the goods", "Report, XLSX", "noted in time"]);
    let end = [("act", "recall-end"), ("recall", "1"), ("text", "All packs are accounted for")];
    let ended = done(&console, OWNER, "recalls/1", &end).await;
    assert_says(&ended, &["closed"]);
    assert!(!page(&console, PACK).await.contains("Recalled by Red Gate Foods"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_declare_a_recall_is_told_so_by_the_drill() {
    let console = console().await;
    let lot = trade(0).suspect_lot;
    let drilled = page(&console, &path(STORE, &drill(&lot))).await;
    assert_says(&drilled, &["The chain would refuse it", "recall.may_not_recall"]);
    assert!(!drilled.contains("Declare it and tell"));
    let fields = [("seal", "guessed"), ("thing", lot.as_str())];
    let refused = post(&console, &path(OWNER, "recalls/sign"), &fields).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    for (path, status) in [
        ("/desks/1/recalls/9", StatusCode::NOT_FOUND),
        ("/desks/1/recalls/new?thing=banana", StatusCode::BAD_REQUEST),
        ("/desks/1/recalls/new?thing=01/09521002000368/10/NOBODY", StatusCode::NOT_FOUND),
        ("/desks/1/recalls/check?thing=01/09521002000368/10/M0318", StatusCode::BAD_REQUEST),
        ("/desks/99/recalls", StatusCode::CONFLICT),
    ] {
        let response = get(&console, path).await;
        assert_eq!(response.status(), status, "{path}");
        assert!(text(response).await.contains("<main"), "{path} has no page of its own");
    }
}
