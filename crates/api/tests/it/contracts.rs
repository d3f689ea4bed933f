//! Contracts: created, declared, verified and stopped through the node's account.

use alloy_primitives::{Address, Bytes, hex};
use qiao_modules::contracts::{self, IContracts::*};
use serde_json::{Value, json};

use crate::support::{Answer, Network, send};

/// Answers every call with 7.
const RUNTIME: [u8; 8] = [0x60, 0x07, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3];

/// Installs [`RUNTIME`].
fn creation() -> Vec<u8> {
    let head = [0x60, 8, 0x80, 0x60, 0x09, 0x5f, 0x39, 0x5f, 0xf3];
    [&head[..], &RUNTIME].concat()
}

async fn order(network: &Network, to: Option<Address>, data: Vec<u8>) -> Answer {
    let body = json!({ "to": to, "data": Bytes::from(data) });
    network.post("/transactions", body.to_string()).await
}

async fn act(network: &Network, call: impl alloy_sol_types::SolCall) -> Answer {
    order(network, Some(contracts::ADDRESS), call.abi_encode()).await
}

async fn deployed(network: &Network) -> Address {
    let sent = order(network, None, creation()).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    assert_eq!(sent.json()["succeeded"], true);
    sent.json()["contract"].as_str().unwrap().parse().unwrap()
}

fn source(runtime: &[u8]) -> Value {
    json!({
        "contract": "Seven.sol:Seven",
        "compiler": "0.8.30+commit.73712a01",
        "settings": { "optimizer": { "enabled": true, "runs": 200 } },
        "sources": { "Seven.sol": "contract Seven {}" },
        "abi": [{ "type": "function", "name": "seven", "stateMutability": "view", "inputs": [],
            "outputs": [{ "name": "", "type": "uint256" }] }],
        "runtimeBytecode": hex::encode_prefixed(runtime),
    })
}

async fn put(network: &Network, path: &str, body: &Value) -> Answer {
    let headers = vec![("Content-Type", "application/json".to_owned())];
    send("PUT", format!("{}{path}", network.rest), headers, body.to_string().into_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_is_created_declared_and_stopped() {
    let network = Network::start().await;
    let target = deployed(&network).await;
    let path = format!("/deployments/{target}");
    let shown = network.get(&path).await.json();
    assert_eq!((&shown["organisation"], &shown["upgradeable"]), (&json!(1), &json!(false)));
    assert!(shown.get("name").is_none() && shown["frozen"] == json!([]), "{shown}");

    let name = "Seven".to_owned();
    let sent = act(&network, declareCall { target, name, upgradeable: true }).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    let reason = "counts wrongly".to_owned();
    assert_eq!(act(&network, freezeCall { target, reason }).await.status, 201);
    let shown = network.get(&path).await.json();
    assert_eq!((&shown["name"], &shown["upgradeable"]), (&json!("Seven"), &json!(true)));
    assert_eq!(shown["frozen"][0]["authority"], "owner");
    assert_eq!(shown["frozen"][0]["reason"], "counts wrongly");

    // What would be refused is not sent, and is refused in the module's words.
    let refused = order(&network, Some(target), vec![1, 2, 3, 4]).await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (409, &json!("contracts.contract_frozen"))
    );
    let refused = act(&network, freezeCall { target: Address::ZERO, reason: "x".into() }).await;
    assert_eq!(refused.json()["code"], "contracts.unknown_contract");
    assert!(refused.json()["hint"].as_str().is_some_and(|hint| hint.contains("deployment")));

    let list = network.get("/deployments").await.json();
    let addresses: Vec<&str> =
        list.as_array().unwrap().iter().filter_map(|one| one["address"].as_str()).collect();
    assert_eq!(addresses, [format!("{target:#x}")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_kept_if_it_is_that_of_the_code() {
    let network = Network::start().await;
    let target = deployed(&network).await;
    let path = format!("/deployments/{target}/source");
    let missing = network.get(&path).await;
    assert_eq!((missing.status, &missing.json()["code"]), (404, &json!("contracts.no_source")));

    let other = source(&[0x60, 0x08, 0x5f, 0x52, 0x60, 0x20, 0x5f, 0xf3]);
    let refused = put(&network, &path, &other).await;
    let code = &refused.json()["code"];
    assert_eq!((refused.status, code), (409, &json!("contracts.source_mismatch")));
    let kept = put(&network, &path, &source(&RUNTIME)).await;
    assert_eq!((kept.status, &kept.json()["verified"]), (200, &json!("Seven.sol:Seven")));
    let shown = network.get(&path).await.json();
    assert_eq!(
        (&shown["match"], &shown["sources"]["Seven.sol"]),
        (&json!("exact"), &json!("contract Seven {}"))
    );

    // A frozen contract is compared with its true code, and keeps its source.
    let reason = "counts wrongly".to_owned();
    assert_eq!(act(&network, freezeCall { target, reason }).await.status, 201);
    assert_eq!(put(&network, &path, &source(&RUNTIME)).await.status, 200);
    assert_eq!(network.get(&path).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_refused_with_a_code() {
    let network = Network::start().await;
    let target = deployed(&network).await;
    let path = format!("/deployments/{target}/source");
    for (body, code) in [
        (json!({}), "contracts.source_malformed"),
        (json!({ "to": 1 }), "contracts.source_malformed"),
    ] {
        let refused = put(&network, &path, &body).await;
        assert_eq!((refused.status, &refused.json()["code"]), (400, &json!(code)));
    }
    let mut bad_abi = source(&RUNTIME);
    bad_abi["abi"] = json!([{ "type": "function" }]);
    assert_eq!(put(&network, &path, &bad_abi).await.json()["code"], "contracts.abi");
    let nobody = put(&network, "/deployments/0x01/source", &source(&RUNTIME)).await;
    assert_eq!(nobody.json()["code"], "contracts.address");
    let nowhere = network.get(&format!("/deployments/{}", Address::repeat_byte(9))).await;
    let code = &nowhere.json()["code"];
    assert_eq!((nowhere.status, code), (404, &json!("contracts.unknown_contract")));
    let malformed = network.post("/transactions", "{\"to\": 7}").await;
    let code = &malformed.json()["code"];
    assert_eq!((malformed.status, code), (400, &json!("transactions.malformed")));
    let form = vec![("Content-Type", "text/plain".to_owned())];
    let url = format!("{}/transactions", network.rest);
    assert_eq!(send("POST", url, form, b"{}".to_vec()).await.status, 415);
}
