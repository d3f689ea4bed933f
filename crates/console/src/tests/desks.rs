//! The desks of supply-chain finance: from a table of payables to a bid, with pages only.

mod fees;
mod lending;

use std::sync::Arc;

use alloy_primitives::keccak256;
use alloy_signer_local::PrivateKeySigner;
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode, header::CONTENT_TYPE},
    response::Response,
};
use qiao_devchain::DevChain;
use qiao_sample::credit::{CreditRole, credit_parties, place};
use qiao_types::{Genesis, GenesisMember, GenesisOrganisation, RoleName};
use tower::ServiceExt as _;

use super::{
    assert_says,
    contracts::{hidden, post},
    get, page, text,
};

fn account(place: usize) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&keccak256(format!("creditor {place}"))).unwrap()
}

/// The number of the organisation of a party of the sample.
fn number(place: usize) -> u64 {
    place as u64 + 1
}

fn path(place: usize, rest: &str) -> String {
    format!("/desks/{}/{rest}", number(place))
}

/// A node of the car maker that keeps the desks of all other parties.
async fn console() -> Router {
    crate::router(chain().await as Arc<dyn qiao_api::Chain>)
}

async fn chain() -> Arc<DevChain> {
    let organisations = credit_parties().iter().enumerate().map(|(place, party)| {
        let is_office = party.role == CreditRole::Regulator;
        let role = if is_office { RoleName::Regulator } else { RoleName::Signer };
        let address = account(place).address();
        GenesisOrganisation {
            id: number(place),
            name: party.name.to_owned(),
            gln: None,
            accounts: vec![GenesisMember { address, roles: vec![RoleName::Admin, role] }],
        }
    });
    let genesis =
        Genesis { organisations: organisations.collect(), ..super::shown::genesis_of_nobody() };
    let hosted = (1..credit_parties().len()).map(account).collect();
    DevChain::start_hosting(genesis, Some(account(0)), hosted).await.unwrap()
}

/// Sends a form of a page to the page that asks for a confirmation.
async fn asked(console: &Router, place: usize, from: &str, fields: &[(&str, &str)]) -> Response {
    let shown = page(console, &path(place, from)).await;
    let seal = hidden(&shown, "seal").to_owned();
    let fields = [&[("seal", seal.as_str())], fields].concat();
    post(console, &path(place, "confirm"), &fields).await
}

/// Does something: asks, and confirms.
async fn done(console: &Router, place: usize, from: &str, fields: &[(&str, &str)]) -> String {
    let confirming = asked(console, place, from, fields).await;
    let status = confirming.status();
    let confirming = text(confirming).await;
    assert_eq!(status, StatusCode::OK, "{confirming}");
    assert_says(&confirming, &["What will be signed", "Nothing is sent yet"]);
    let seal = hidden(&confirming, "seal").to_owned();
    let fields = [&[("seal", seal.as_str())], fields].concat();
    let signed = post(console, &path(place, "sign"), &fields).await;
    assert_eq!(signed.status(), StatusCode::SEE_OTHER);
    let target = signed.headers()["location"].to_str().unwrap().to_owned();
    assert!(target.contains("done=0x"), "{target}");
    let back = page(console, &target).await;
    assert_says(&back, &["Done, and final."]);
    back
}

/// The table of the walk, uploaded as a browser does.
async fn uploaded(console: &Router) -> String {
    let shown = page(console, &path(place::MAKER, "payables")).await;
    let table = get(console, "/desks/walk/payables.xlsx").await;
    let table = axum::body::to_bytes(table.into_body(), 1 << 20).await.unwrap();
    let mut body = Vec::new();
    let seal = hidden(&shown, "seal");
    body.extend(
        format!("--cut\r\nContent-Disposition: form-data; name=\"seal\"\r\n\r\n{seal}\r\n").bytes(),
    );
    body.extend(
        b"--cut\r\nContent-Disposition: form-data; name=\"table\"; filename=\"p.xlsx\"\r\n\r\n",
    );
    body.extend(table);
    body.extend(b"\r\n--cut--\r\n");
    let request = Request::post(path(place::MAKER, "payables"))
        .header(CONTENT_TYPE, "multipart/form-data; boundary=cut")
        .body(Body::from(body))
        .unwrap();
    let response = console.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    text(response).await
}

/// The table inside a page's form.
fn table_in(page: &str) -> String {
    let (_, rest) = page.split_once("<textarea name=\"table\" hidden>").unwrap();
    rest.split_once("</textarea>").unwrap().0.replace("&quot;", "\"").replace("&amp;", "&")
}

/// The payables of the walk are signed.
async fn signed_payables(console: &Router) -> String {
    let limit = [
        ("act", "limit"),
        ("to", "Northern Star Motors"),
        ("currency", "CNY"),
        ("limit", "5000000"),
    ];
    done(console, place::OFFICE, "regulator", &limit).await;
    let checked = uploaded(console).await;
    assert_says(&checked, &["4 rows, 3 ready to sign", "1 row has a problem", "Yinfa [2025] 77"]);
    let table = table_in(&checked);
    let fields = [("seal", hidden(&checked, "seal")), ("table", table.as_str())];
    let errors = post(console, &path(place::MAKER, "payables/errors"), &fields).await;
    let errors = text(errors).await;
    assert!(errors.contains("INV-40150") && !errors.contains("INV-40142"), "{errors}");
    text(post(console, &path(place::MAKER, "payables/sign"), &fields).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_payables_is_checked_and_signed_with_one_confirmation() {
    let console = console().await;
    assert_says(&signed_payables(&console).await, &["3 vouchers are issued and final"]);
    let payables = page(&console, &path(place::MAKER, "payables")).await;
    assert_says(&payables, &["Maturity calendar", "CNY 465,000.00", "offered", "Limit used"]);
    let again = uploaded(&console).await;
    assert_says(&again, &["0 ready to sign", "uniqueness.exceeds_balance"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_goes_down_the_tiers_and_banks_bid_for_it() {
    let console = console().await;
    signed_payables(&console).await;
    let wallet = page(&console, &path(place::AXLES, "wallet")).await;
    assert_says(&wallet, &["Waiting for you", "Accept"]);
    done(&console, place::AXLES, "wallet", &[("act", "accept"), ("voucher", "1")]).await;
    let pass =
        [("act", "pass"), ("part", "1"), ("to", "lakeside bearings"), ("amount", "100,000.00")];
    done(&console, place::AXLES, "parts/1", &pass).await;
    let wallet = page(&console, &path(place::BEARINGS, "wallet")).await;
    assert_says(&wallet, &["CNY 100,000.00", "Northern Star Motors", "free"]);
    let line = [("act", "line"), ("to", "1"), ("currency", "CNY"), ("limit", "2000000")];
    done(&console, place::RIVER_BANK, "bank", &line).await;
    let part = last_number(&wallet, "parts/");
    let ask = [("act", "ask"), ("part", part.as_str()), ("seconds", "3600")];
    done(&console, place::BEARINGS, &format!("parts/{part}"), &ask).await;
    let bank = page(&console, &path(place::RIVER_BANK, "bank")).await;
    assert_says(&bank, &["Pipeline", "no bid yet", "Lakeside Bearings"]);
    let quote = [("act", "quote"), ("request", "1"), ("rate", "3.65")];
    done(&console, place::RIVER_BANK, "requests/1", &quote).await;
    let request = page(&console, &path(place::BEARINGS, "requests/1")).await;
    // 3.65 per cent of 100,000 for 75 days of 365 are 750.
    assert_says(&request, &["CNY 99,250.00", "CNY 750.00", "3.65 %", "best"]);
    let regulator = page(&console, &path(place::OFFICE, "issuers/1?currency=CNY")).await;
    assert_says(&regulator, &["tier 1", "tier 2", "Lakeside Bearings"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_promised_to_one_bank_is_refused_to_the_other() {
    let console = console().await;
    signed_payables(&console).await;
    done(&console, place::AXLES, "wallet", &[("act", "accept"), ("voucher", "1")]).await;
    let offer = |bank: &'static str| {
        [("act", "offer"), ("part", "1"), ("to", bank), ("price", "460000.00")]
    };
    done(&console, place::AXLES, "parts/1", &offer("River Bank")).await;
    let refused = asked(&console, place::AXLES, "payables", &offer("Hill Bank")).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert_says(&text(refused).await, &["would be refused", "Nothing was sent", "position."]);
    let unseen = get(&console, &path(place::HILL_BANK, "parts/1")).await;
    assert_eq!(unseen.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_walk_leads_to_every_desk() {
    let console = console().await;
    let list = page(&console, "/desks").await;
    assert_says(&list, &["Walk through it", "Northern Star Motors", "What others see"]);
    let walk = page(&console, "/desks/walk").await;
    for place in [place::MAKER, place::ELECTRICS, place::AXLES, place::RIVER_BANK, place::OFFICE] {
        assert!(walk.contains(&format!("href=\"/desks/{}/", number(place))), "{place}");
    }
    let foreign = get(&console, "/desks/99/wallet").await;
    assert_eq!(foreign.status(), StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_page_is_not_taken() {
    let console = console().await;
    let fields = [("seal", "guessed"), ("act", "accept"), ("voucher", "1")];
    for target in ["confirm", "sign"] {
        let refused = post(&console, &path(place::AXLES, target), &fields).await;
        assert_eq!(refused.status(), StatusCode::CONFLICT);
    }
}

/// The last number behind a word in the links of a page.
fn last_number(page: &str, word: &str) -> String {
    let (_, rest) = page.rsplit_once(word).unwrap();
    rest.chars().take_while(char::is_ascii_digit).collect()
}
