//! What debuggers, explorers and simulators ask for.

use alloy_primitives::{Address, TxKind, U256};
use qiao_api::{Chain, Door, door, rest, rpc};
use serde_json::{Value, json};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Arc,
    time::Duration,
};

use crate::{
    rpc::{deployed, increase, signed},
    support::{KEYS, Network, signer},
};

async fn increased(network: &Network, contract: Address, nonce: u64) -> Value {
    let bytes = signed(KEYS[0], nonce, TxKind::Call(contract), increase(7));
    network.ok("eth_sendRawTransaction", json!([bytes])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_traced_by_each_of_geths_tracers() {
    let network = Network::start().await;
    let contract = deployed(&network).await;
    let first = increased(&network, contract, 1).await;
    let hash = increased(&network, contract, 2).await;
    let receipt = network.ok("eth_getTransactionReceipt", json!([hash])).await;

    let logs = network.ok("debug_traceTransaction", json!([hash])).await;
    assert_eq!(logs["failed"], false);
    let gas = U256::from(logs["gas"].as_u64().unwrap());
    assert_eq!(gas, receipt["gasUsed"].as_str().unwrap().parse::<U256>().unwrap());
    let steps = logs["structLogs"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["op"] == "SSTORE"), "{} steps", steps.len());
    let short = json!([hash, { "limit": 5, "disableStack": true }]);
    let short = network.ok("debug_traceTransaction", short).await;
    assert_eq!(short["structLogs"].as_array().unwrap().len(), 5);

    let call = json!([hash, { "tracer": "callTracer", "tracerConfig": { "withLog": true } }]);
    let call = network.ok("debug_traceTransaction", call).await;
    assert_eq!((&call["type"], &call["to"]), (&json!("CALL"), &json!(contract)));
    assert_eq!(call["gasUsed"], receipt["gasUsed"]);
    assert_eq!(call["logs"][0]["topics"], receipt["logs"][0]["topics"]);

    let prestate = json!([hash, { "tracer": "prestateTracer" }]);
    let prestate = network.ok("debug_traceTransaction", prestate).await;
    let account = &prestate[contract.to_string().to_lowercase()];
    let before: U256 =
        account["storage"][format!("0x{:064x}", 0)].as_str().unwrap().parse().unwrap();
    assert_eq!(before, U256::from(7), "{prestate}");

    let four = json!([first, { "tracer": "4byteTracer" }]);
    let four = network.ok("debug_traceTransaction", four).await;
    assert_eq!(four["0x30f3f0db-32"], 1, "{four}");

    let block = network.ok("debug_traceBlockByNumber", json!(["latest"])).await;
    assert_eq!(block[0]["txHash"], hash);
    assert_eq!(block[0]["result"], logs);
    let block = json!([receipt["blockHash"], { "tracer": "callTracer" }]);
    let block = network.ok("debug_traceBlockByHash", block).await;
    assert_eq!(block[0]["result"]["gasUsed"], receipt["gasUsed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_into_a_module_shows_up_in_its_trace() {
    let network = Network::start().await;
    let from = signer(KEYS[0]).address();
    let request =
        json!({ "from": from, "to": qiao_modules::members::ADDRESS, "data": "0x00000000" });
    let options = json!({ "tracer": "callTracer" });
    let trace = network.ok("debug_traceCall", json!([request, "latest", options])).await;
    assert_eq!(trace["error"], "execution reverted", "{trace}");
    assert!(trace["output"].as_str().unwrap().len() > 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_traced_is_said() {
    let network = Network::start().await;
    let hash = format!("0x{:064x}", 1);
    let zero = Address::ZERO;
    let cases = [
        ("debug_traceTransaction", json!([hash]), -32000, "transaction not found"),
        ("debug_traceBlockByNumber", json!(["0x0"]), -32000, "genesis is not traceable"),
        ("debug_traceBlockByNumber", json!(["0x99"]), -32000, "not found"),
        ("debug_traceBlockByHash", json!([hash]), -32000, "not found"),
        (
            "debug_traceCall",
            json!([{ "to": zero }, "latest", { "tracer": "(function(){})" }]),
            -32602,
            "JS Tracer is not enabled",
        ),
    ];
    for (method, params, code, words) in cases {
        let error = network.refused(method, params).await;
        assert_eq!(error["code"], code, "{method}: {error}");
        assert!(error["message"].as_str().unwrap().contains(words), "{method}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bytes_of_what_is_final_hash_to_its_names() {
    let network = Network::start().await;
    deployed(&network).await;
    let block = network.ok("eth_getBlockByNumber", json!(["latest", false])).await;
    let header = network.ok("debug_getRawHeader", json!(["latest"])).await;
    assert_eq!(network.ok("web3_sha3", json!([header])).await, block["hash"]);
    let raw = network.ok("debug_getRawTransaction", json!([block["transactions"][0]])).await;
    assert_eq!(network.ok("web3_sha3", json!([raw])).await, block["transactions"][0]);
    let by_eth = json!([block["transactions"][0]]);
    assert_eq!(network.ok("eth_getRawTransactionByHash", by_eth).await, raw);
    let whole = network.ok("debug_getRawBlock", json!([block["hash"]])).await;
    assert!(whole.as_str().unwrap().contains(&raw.as_str().unwrap()[2..]));
    let receipts = network.ok("debug_getRawReceipts", json!(["latest"])).await;
    assert_eq!(receipts.as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_access_list_names_the_slots_of_a_call() {
    let network = Network::start().await;
    let contract = deployed(&network).await;
    let from = signer(KEYS[0]).address();
    let request = json!({ "from": from, "to": contract, "data": increase(7) });
    let answer = network.ok("eth_createAccessList", json!([request])).await;
    let list = &answer["accessList"];
    assert_eq!(list[0]["address"], json!(contract), "{answer}");
    assert!(list[0]["storageKeys"].as_array().unwrap().contains(&json!(format!("0x{:064x}", 0))));
    assert!(answer["gasUsed"].as_str().unwrap().starts_with("0x") && answer.get("error").is_none());
    let refused = json!({ "from": from, "to": contract, "data": increase(101) });
    let answer = network.ok("eth_createAccessList", json!([refused])).await;
    assert!(answer["error"].as_str().unwrap().starts_with("execution reverted"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_are_simulated_one_on_the_other() {
    let network = Network::start().await;
    let contract = deployed(&network).await;
    let from = signer(KEYS[0]).address();
    let to = Address::repeat_byte(9);
    let call = json!({ "from": from, "to": contract, "data": increase(7) });
    let total = json!({ "from": from, "to": contract, "data": "0x2ddbd13a" });
    let pay = json!({ "from": from, "to": to, "value": "0x5" });
    let payload = json!({
        "blockStateCalls": [
            { "calls": [call, pay] },
            { "blockOverrides": { "number": "0x9" }, "calls": [total, { "from": from, "to": contract, "data": increase(101) }] },
        ],
        "traceTransfers": true,
    });
    let blocks = network.ok("eth_simulateV1", json!([payload, "latest"])).await;
    let blocks = blocks.as_array().unwrap();
    assert_eq!(blocks.len(), 8, "the blocks between are there");
    assert_eq!((&blocks[0]["number"], &blocks[7]["number"]), (&json!("0x2"), &json!("0x9")));
    assert_eq!(blocks[0]["calls"][0]["status"], "0x1");
    assert_eq!(
        blocks[0]["calls"][1]["logs"][0]["address"],
        "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
    );
    assert_eq!(blocks[1]["parentHash"], blocks[0]["hash"]);
    let answer = blocks[7]["calls"][0]["returnData"].as_str().unwrap().parse::<U256>().unwrap();
    assert_eq!(answer, U256::from(7), "the second block sees the first");
    assert_eq!(blocks[7]["calls"][1]["error"]["code"], 3);
    let slot = network.ok("eth_getStorageAt", json!([contract, "0x0", "latest"])).await;
    assert_eq!(slot, format!("0x{:064x}", 0), "nothing changed");

    let early = json!({ "blockStateCalls": [{ "blockOverrides": { "number": "0x1" } }] });
    assert_eq!(network.refused("eth_simulateV1", json!([early, "latest"])).await["code"], -38020);
    let used = json!({ "from": from, "to": to, "nonce": "0x0" });
    let used = json!({ "blockStateCalls": [{ "calls": [used] }], "validation": true });
    assert_eq!(network.refused("eth_simulateV1", json!([used, "latest"])).await["code"], -38010);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pool_is_listed_by_sender_and_nonce() {
    let network = Network::start().await;
    network.chain.pause();
    let from = signer(KEYS[0]).address();
    for nonce in [0, 2] {
        let bytes = signed(KEYS[0], nonce, TxKind::Call(Address::ZERO), Default::default());
        network.ok("eth_sendRawTransaction", json!([bytes])).await;
    }
    let content = network.ok("txpool_content", json!([])).await;
    let (pending, queued) =
        (&content["pending"][from.to_string()], &content["queued"][from.to_string()]);
    assert_eq!(pending["0"]["nonce"], "0x0", "{content}");
    assert_eq!(queued["2"]["from"], json!(from), "{content}");
    let own = network.ok("txpool_contentFrom", json!([from])).await;
    assert_eq!((&own["pending"], &own["queued"]), (pending, queued));
    let told = network.ok("txpool_inspect", json!([])).await;
    assert!(
        told["pending"][from.to_string()]["0"].as_str().unwrap().contains("0 wei + 500000 gas")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn modules_and_members_describe_themselves() {
    let network = Network::start().await;
    let modules = network.ok("qiao_modules", json!([])).await;
    assert_eq!(modules[0]["name"], "members");
    assert_eq!(modules[0]["address"], json!(qiao_modules::members::ADDRESS));
    let abi = modules[0]["abi"].as_array().unwrap();
    assert!(abi.iter().any(|item| item["name"] == "isActive"));
    let members = network.ok("qiao_members", json!([])).await;
    assert_eq!(members[0]["name"], "Green Valley Farm");
    assert_eq!(network.ok("qiao_getCertificate", json!(["latest"])).await, Value::Null);
    assert_eq!(network.ok("qiao_status", json!([])).await["chain_id"], 20_260);
}

#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_tell_each_block_log_and_pending_transaction() {
    let network = Network::start().await;
    let contract = deployed(&network).await;
    let chain: Arc<dyn Chain> = network.chain.clone();
    let methods = rpc::methods(chain, &rpc::Limits::default());
    let heads = json!(["newHeads"]);
    let logs = json!(["logs", { "address": contract }]);
    let pending = json!(["newPendingTransactions"]);
    let mut followed = Vec::new();
    for params in [heads, logs, pending] {
        let params = params.as_array().unwrap().clone();
        followed.push(methods.subscribe("eth_subscribe", params, 16).await.unwrap());
    }
    let hash = increased(&network, contract, 1).await;
    let mut told: Vec<Value> = Vec::new();
    for subscription in &mut followed {
        told.push(subscription.next::<Value>().await.unwrap().unwrap().0);
    }
    assert_eq!(told[0]["number"], "0x2");
    assert_eq!((&told[1]["transactionHash"], &told[1]["address"]), (&hash, &json!(contract)));
    assert_eq!(told[2], hash);
    let refused = methods.subscribe("eth_subscribe", ["transactionReceipts"], 16).await;
    assert!(refused.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn pending_transactions_are_told_once_by_a_filter() {
    let network = Network::start().await;
    let id = network.ok("eth_newPendingTransactionFilter", json!([])).await;
    let bytes = signed(KEYS[0], 0, TxKind::Call(Address::ZERO), Default::default());
    let hash = network.ok("eth_sendRawTransaction", json!([bytes])).await;
    assert_eq!(network.ok("eth_getFilterChanges", json!([id])).await, json!([hash]));
    assert_eq!(network.ok("eth_getFilterChanges", json!([id])).await, json!([]));
}

/// The status line that answers a request for a WebSocket.
fn opened(url: &str, origin: Option<&str>) -> String {
    let authority = url.trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&authority).unwrap();
    let origin = origin.map_or(String::new(), |origin| format!("Origin: {origin}\r\n"));
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{origin}\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_opens_on_the_same_port_but_not_for_foreign_pages() {
    let network = Network::start().await;
    let url = network.rpc.clone();
    let answers = tokio::task::spawn_blocking(move || {
        [None, Some("http://localhost:5173"), Some("https://evil.example")]
            .map(|origin| opened(&url, origin))
    });
    let expected = ["HTTP/1.1 101", "HTTP/1.1 101", "HTTP/1.1 403"];
    assert_eq!(answers.await.unwrap(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_say_nothing_give_way_to_others() {
    let limits = door::Limits {
        connections_max: 2,
        idle_max: Duration::from_millis(200),
        ..door::Limits::default()
    };
    let door = Door { limits, ..Door::default() };
    let network = Network::behind(door, rpc::Limits::default(), rest::Limits::default()).await;
    let authority = network.rpc.trim_start_matches("http://").to_owned();
    let silent: Vec<_> = (0..8).map(|_| TcpStream::connect(&authority).unwrap()).collect();
    assert_eq!(network.ok("net_listening", json!([])).await, true);
    for mut stream in silent {
        let read = tokio::task::spawn_blocking(move || stream.read(&mut [0; 1]));
        // Closed or reset by the node, which sent nothing.
        assert_eq!(read.await.unwrap().unwrap_or(0), 0);
    }
}
