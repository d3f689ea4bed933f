//! Contracts are deployed, asked, called and stopped in the console, and nobody else's page can.

use std::sync::Arc;

use alloy_primitives::{Bytes, U256, keccak256};
use alloy_sol_types::{SolCall as _, sol};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    response::Response,
};
use qiao_api::{
    Chain as _,
    contracts::{Verifying, contract_state, true_code},
};
use qiao_modules::contracts;
use qiao_types::Address;
use serde_json::Value;
use tower::ServiceExt as _;

use super::{assert_says, encoded, get, page, shown::ShownChain, text};

sol! {
    struct Call3 { address target; bool allowFailure; bytes callData; }
    function aggregate3(Call3[] calldata calls) external payable;
    function increase(uint256 amount) external;
}

const ARTIFACT: &str = include_str!("../../../../tests/clients/Counter.json");
const SOURCE: &str = include_str!("../../../../tests/clients/Counter.sol");

pub(super) async fn post(console: &Router, path: &str, fields: &[(&str, &str)]) -> Response {
    let body: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let request = Request::post(path)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body.join("&")))
        .unwrap();
    console.clone().oneshot(request).await.unwrap()
}

/// The value of a hidden field.
pub(super) fn hidden<'a>(page: &'a str, name: &str) -> &'a str {
    let field = format!("name=\"{name}\" value=\"");
    page.split(&field).nth(1).unwrap().split('"').next().unwrap()
}

async fn confirmed(console: &Router, page: &str) -> Response {
    let mut fields: Vec<(&str, &str)> =
        ["seal", "data", "value"].into_iter().map(|name| (name, hidden(page, name))).collect();
    if page.contains("name=\"to\"") {
        fields.push(("to", hidden(page, "to")));
    }
    post(console, "/sign", &fields).await
}

/// Deploys the counter through the pages.
async fn deployed(console: &Router) -> Address {
    let begin = page(console, "/contracts/deploy").await;
    let seal = hidden(&begin, "seal").to_owned();
    let fields = [("seal", seal.as_str()), ("artifact", ARTIFACT)];
    let asking = text(post(console, "/contracts/deploy", &fields).await).await;
    assert_says(&asking, &["It takes no arguments."]);
    let fields: Vec<(&str, &str)> =
        ["seal", "name", "code"].into_iter().map(|name| (name, hidden(&asking, name))).collect();
    let fields = [fields, vec![("abi", "[]")]].concat();
    let confirming = text(post(console, "/contracts/deploy/confirm", &fields).await).await;
    assert_says(&confirming, &["What will be signed", "it creates a contract"]);
    let signed = confirmed(console, &confirming).await;
    assert_eq!(signed.status(), StatusCode::SEE_OTHER);
    let location = signed.headers()["location"].to_str().unwrap();
    location.strip_prefix("/contracts/").unwrap().parse().unwrap()
}

/// Keeps the counter's source, as `qiao contract verify` would.
async fn verified(chain: &ShownChain, counter: Address) {
    let state = contract_state(chain, counter).await.unwrap().unwrap();
    let code = true_code(chain, state.code_hash).await.unwrap();
    let artifact: Value = serde_json::from_str(ARTIFACT).unwrap();
    let given = Verifying {
        contract: "Counter.sol:Counter".to_owned(),
        compiler: "0.8.37+commit.00000000".to_owned(),
        settings: serde_json::json!({ "evmVersion": "shanghai" }),
        sources: [("Counter.sol".to_owned(), SOURCE.to_owned())].into(),
        abi: artifact["abi"].clone(),
        runtime_bytecode: code.clone(),
        places: Vec::new(),
    };
    chain.sources().unwrap().put(counter, &code, given).unwrap();
}

async fn counter() -> (Arc<ShownChain>, Router, Address) {
    let chain = Arc::new(ShownChain::empty().await);
    let console = crate::router(chain.clone());
    let counter = deployed(&console).await;
    verified(&chain, counter).await;
    (chain, console, counter)
}

async fn call(console: &Router, to: Address, function: &str, arguments: &[&str]) -> Response {
    let path = format!("/contracts/{to}");
    let shown = page(console, &path).await;
    let mut fields = vec![("seal", hidden(&shown, "seal")), ("f", function)];
    fields.extend(arguments.iter().map(|argument| ("a", *argument)));
    post(console, &format!("{path}/confirm"), &fields).await
}

/// Contracts in every state, for the look at the console in a browser.
pub(super) async fn prepare(chain: &ShownChain, console: &Router) {
    for what in ["runs", "frozen", "unknown"] {
        let counter = deployed(console).await;
        if what == "unknown" {
            continue;
        }
        verified(chain, counter).await;
        let address = counter.to_string();
        let arguments = [address.as_str(), "Pig scale of the market", "true"];
        let function = "declare(address,string,bool)";
        let confirming = call(console, contracts::ADDRESS, function, &arguments).await;
        confirmed(console, &text(confirming).await).await;
        let confirming = call(console, counter, "increase(uint256)", &["42"]).await;
        confirmed(console, &text(confirming).await).await;
        if what == "frozen" {
            let arguments = [address.as_str(), "counts every pig twice"];
            let function = "freeze(address,string)";
            let confirming = call(console, contracts::ADDRESS, function, &arguments).await;
            confirmed(console, &text(confirming).await).await;
        } else {
            let signed = several(console, counter).await;
            println!("{}", signed.headers()["location"].to_str().unwrap());
        }
    }
}

#[tokio::test]
async fn a_contract_is_deployed_asked_and_called() {
    let (_, console, counter) = counter().await;
    let list = page(&console, "/contracts").await;
    assert_says(&list, &["Counter", "Lantern Markets", "source verified", "not declared"]);
    assert_says(&list, &["Modules of the chain", "traceability"]);

    let path = format!("/contracts/{counter}");
    assert_says(&page(&console, &path).await, &["Increase", "contract Counter {", "exact"]);
    let answer = page(&console, &format!("{path}?f={}", encoded("total()"))).await;
    assert_says(&answer, &["role=\"status\"", "<span class=\"number\">0</span>"]);

    let confirming = call(&console, counter, "increase(uint256)", &["7"]).await;
    let confirming = text(confirming).await;
    assert_says(&confirming, &["Increase at Counter", "What will be signed", "Amount"]);
    let signed = confirmed(&console, &confirming).await;
    let transaction = signed.headers()["location"].to_str().unwrap().to_owned();
    let transaction = page(&console, &transaction).await;
    assert_says(&transaction, &["Increase at Counter", "Increased", "Done"]);
    let answer = page(&console, &format!("{path}?f={}", encoded("total()"))).await;
    assert_says(&answer, &["<span class=\"number\">7</span>", "Newest events"]);
}

#[tokio::test]
async fn what_would_be_refused_is_told_and_not_sent() {
    let (chain, console, counter) = counter().await;
    let before = chain.head().number;
    let refused = call(&console, counter, "increase(uint256)", &["101"]).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert_says(&text(refused).await, &["would be refused", "Too large", "Given: 101", "Max: 100"]);
    let unclear = call(&console, counter, "increase(uint256)", &["many"]).await;
    assert_eq!(unclear.status(), StatusCode::BAD_REQUEST);
    let wrong = page(&console, &format!("/contracts/{counter}?f=nothing()")).await;
    assert_says(&wrong, &["Counter"]);
    assert_eq!(chain.head().number, before);
}

#[tokio::test]
async fn a_frozen_contract_says_who_stopped_it_and_can_still_be_asked() {
    let (_, console, counter) = counter().await;
    let address = counter.to_string();
    let arguments = [address.as_str(), "counts wrongly"];
    let confirming = call(&console, contracts::ADDRESS, "freeze(address,string)", &arguments).await;
    confirmed(&console, &text(confirming).await).await;
    let path = format!("/contracts/{counter}?f={}", encoded("total()"));
    let shown = page(&console, &path).await;
    assert_says(&shown, &["Frozen by the owner: counts wrongly", "Lift a freeze"]);
    assert_says(&shown, &["<span class=\"number\">0</span>", "source verified"]);
    let refused = call(&console, counter, "increase(uint256)", &["1"]).await;
    assert_says(&text(refused).await, &["The contract is frozen", "contracts.contract_frozen"]);
}

#[tokio::test]
async fn a_form_from_elsewhere_signs_nothing() {
    let (chain, console, counter) = counter().await;
    let before = chain.head().number;
    let to = counter.to_string();
    let shown = page(&console, &format!("/contracts/{counter}")).await;
    let seal = hidden(&shown, "seal").to_owned();
    let data = Bytes::from(keccak256("increase(uint256)")[..4].to_vec()).to_string();
    for seal in ["", "0", &seal[1..], &format!("{}x", &seal[1..])] {
        let fields = [("seal", seal), ("to", to.as_str()), ("data", data.as_str())];
        let refused = post(&console, "/sign", &fields).await;
        assert_eq!(refused.status(), StatusCode::CONFLICT);
        assert_says(&text(refused).await, &["does not come from a page of this node"]);
    }
    // The right word, but the browser says that another site sends it.
    let body = format!("seal={seal}&to={to}&data={data}");
    let request = Request::post("/sign")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from(body))
        .unwrap();
    let refused = console.clone().oneshot(request).await.unwrap();
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert_eq!(chain.head().number, before);
}

#[tokio::test]
async fn a_node_without_an_account_only_shows() {
    let mut chain = ShownChain::empty().await;
    chain.signer = None;
    let console = crate::router(Arc::new(chain));
    let shown = page(&console, &format!("/contracts/{}", contracts::ADDRESS)).await;
    assert_says(&shown, &["no account to sign with", "Voter count"]);
    assert!(!shown.contains("Try out…"));
    assert_says(&page(&console, "/contracts/deploy").await, &["no account to sign with"]);
}

/// Sends two calls of a counter through Multicall3: one increases, the other fails and may.
async fn several(console: &Router, counter: Address) -> Response {
    let one = |amount: u64| Call3 {
        target: counter,
        allowFailure: true,
        callData: increaseCall { amount: U256::from(amount) }.abi_encode().into(),
    };
    let calls = aggregate3Call { calls: vec![one(3), one(500)] };
    let data = Bytes::from(calls.abi_encode()).to_string();
    let shown = page(console, "/contracts/deploy").await;
    let multicall = "0xcA11bde05977b3631167028862bE2a173976CA11";
    let fields = [("seal", hidden(&shown, "seal")), ("to", multicall), ("data", data.as_str())];
    post(console, "/sign", &fields).await
}

#[tokio::test]
async fn the_calls_within_a_transaction_are_told() {
    let (_, console, counter) = counter().await;
    let signed = several(&console, counter).await;
    let path = signed.headers()["location"].to_str().unwrap().to_owned();
    let shown = page(&console, &path).await;
    assert_says(&shown, &["Calls within it", "Increase", "(amount 3)", "(amount 500)"]);
    assert_says(&shown, &["failed: TooLarge (given 500, max 100)"]);
}

#[tokio::test]
async fn accounts_say_whose_they_are_and_what_they_sent() {
    let (chain, console, counter) = counter().await;
    let account = chain.signer().unwrap().address();
    let shown = page(&console, &format!("/accounts/{account}")).await;
    assert_says(&shown, &["Lantern Markets", "admin", "Deploy a contract", "Counter (nonce)"]);
    let shown = page(&console, &format!("/accounts/{counter}")).await;
    assert_says(&shown, &["It is a contract", "belongs to no organisation"]);
    let response = get(&console, "/accounts/0x12").await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_search_finds_accounts_contracts_and_members() {
    let (chain, console, counter) = counter().await;
    let account = chain.signer().unwrap().address();
    let gln = qiao_sample::parties()[0].gln();
    for (wanted, target) in [
        (counter.to_string(), format!("/contracts/{counter}")),
        (account.to_string(), format!("/accounts/{account}")),
        ("lantern".to_owned(), "/members#member-1".to_owned()),
        (gln, "/members#member-1".to_owned()),
        ("counter.sol".to_owned(), format!("/contracts/{counter}")),
    ] {
        let response = get(&console, &format!("/search?q={}", encoded(&wanted))).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{wanted}");
        assert_eq!(response.headers()["location"], target, "{wanted}");
    }
    let several = page(&console, "/search?q=farm").await;
    assert_says(&several, &["Willow Bend Farm", "Stone Bridge Farm"]);
}

#[test]
fn fields_are_read_as_browsers_send_them() {
    let fields = crate::forms::Fields::read("a=1%2C2&a=%E8%B7%9F+x&b=&c%3D=%&d");
    assert_eq!(fields.all("a"), ["1,2", "跟 x"]);
    assert_eq!((fields.get("b"), fields.get("d")), (Some(""), Some("")));
    assert_eq!((fields.get("c="), fields.get("e")), (Some("%"), None));
}
