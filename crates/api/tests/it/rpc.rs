//! JSON-RPC as clients see it.

use alloy_consensus::{SignableTransaction as _, TxEip1559, TxEnvelope};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, Bytes, TxKind, U256, hex};
use alloy_signer::SignerSync as _;
use alloy_sol_types::SolCall as _;
use serde_json::{Value, json};

use crate::support::{KEYS, Network, send, signer};

/// What `tests/clients` deploys.
pub fn counter() -> (Bytes, Value) {
    let file = include_str!("../../../../tests/clients/Counter.json");
    let counter: Value = serde_json::from_str(file).unwrap();
    (counter["bytecode"].as_str().unwrap().parse().unwrap(), counter["abi"].clone())
}

pub fn signed(key: &str, nonce: u64, to: TxKind, input: Bytes) -> String {
    let unsigned = TxEip1559 {
        chain_id: 20_260,
        nonce,
        gas_limit: 500_000,
        to,
        input,
        max_fee_per_gas: 0,
        max_priority_fee_per_gas: 0,
        value: U256::ZERO,
        access_list: Default::default(),
    };
    let signature = signer(key).sign_hash_sync(&unsigned.signature_hash()).unwrap();
    hex::encode_prefixed(TxEnvelope::Eip1559(unsigned.into_signed(signature)).encoded_2718())
}

/// `increase(uint256)`.
pub fn increase(amount: u8) -> Bytes {
    let mut input = vec![0x30, 0xf3, 0xf0, 0xdb];
    input.extend_from_slice(&U256::from(amount).to_be_bytes::<32>());
    input.into()
}

pub async fn deployed(network: &Network) -> Address {
    let bytes = signed(KEYS[0], 0, TxKind::Create, counter().0);
    let hash = network.ok("eth_sendRawTransaction", json!([bytes])).await;
    let receipt = network.ok("eth_getTransactionReceipt", json!([hash])).await;
    assert_eq!(receipt["status"], "0x1");
    receipt["contractAddress"].as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn constants_are_what_wallets_expect() {
    let network = Network::start().await;
    let cases = [
        ("eth_chainId", json!("0x4f24")),
        ("net_version", json!("20260")),
        ("net_listening", json!(true)),
        ("net_peerCount", json!("0x0")),
        ("eth_syncing", json!(false)),
        ("eth_accounts", json!([])),
        ("eth_blockNumber", json!("0x0")),
        ("eth_gasPrice", json!("0x0")),
        ("eth_maxPriorityFeePerGas", json!("0x0")),
        ("txpool_status", json!({ "pending": "0x0", "queued": "0x0" })),
    ];
    for (method, expected) in cases {
        assert_eq!(network.ok(method, json!([])).await, expected, "{method}");
    }
    let hash = network.ok("web3_sha3", json!(["0x68656c6c6f20776f726c64"])).await;
    assert_eq!(hash, "0x47173285a8d7341e5e972fc677286384f802f8ef42a5ec5f03bbfa254cb01fad");
    let version = network.ok("web3_clientVersion", json!([])).await;
    assert!(version.as_str().unwrap().starts_with("qiao/v"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_is_deployed_called_and_its_logs_found() {
    let network = Network::start().await;
    let contract = deployed(&network).await;
    let code = network.ok("eth_getCode", json!([contract, "latest"])).await;
    assert!(code.as_str().unwrap().len() > 100);
    let bytes = signed(KEYS[0], 1, TxKind::Call(contract), increase(7));
    let hash = network.ok("eth_sendRawTransaction", json!([bytes])).await;
    let receipt = network.ok("eth_getTransactionReceipt", json!([hash])).await;
    assert_eq!((&receipt["status"], &receipt["blockNumber"]), (&json!("0x1"), &json!("0x2")));
    assert_eq!(receipt["effectiveGasPrice"], "0x0");
    let slot = network.ok("eth_getStorageAt", json!([contract, "0x0", "latest"])).await;
    assert_eq!(slot.as_str().unwrap().parse::<U256>().unwrap(), U256::from(7));
    let before = network.ok("eth_getStorageAt", json!([contract, "0x0", "0x1"])).await;
    assert_eq!(before.as_str().unwrap().parse::<U256>().unwrap(), U256::ZERO);
    for filter in [
        json!({ "fromBlock": "earliest", "address": contract }),
        json!({ "blockHash": receipt["blockHash"] }),
        json!({ "fromBlock": "0x0", "toBlock": "latest", "topics": [receipt["logs"][0]["topics"][0]] }),
        json!({ "fromBlock": "0x0", "topics": [null, receipt["logs"][0]["topics"][1]] }),
    ] {
        let logs = network.ok("eth_getLogs", json!([filter])).await;
        assert_eq!(logs, receipt["logs"], "{filter}");
    }
    let none = network
        .ok("eth_getLogs", json!([{ "fromBlock": "0x0", "address": signer(KEYS[1]).address() }]))
        .await;
    assert_eq!(none, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_and_transactions_agree_however_they_are_asked_for() {
    let network = Network::start().await;
    deployed(&network).await;
    let block = network.ok("eth_getBlockByNumber", json!(["latest", true])).await;
    let hash = &block["hash"];
    assert_eq!(network.ok("eth_getBlockByHash", json!([hash, true])).await, block);
    for tag in ["0x1", "safe", "finalized", "pending"] {
        assert_eq!(network.ok("eth_getBlockByNumber", json!([tag, true])).await, block, "{tag}");
    }
    let transaction = &block["transactions"][0];
    let cases = [
        ("eth_getTransactionByHash", json!([transaction["hash"]]), transaction.clone()),
        ("eth_getTransactionByBlockHashAndIndex", json!([hash, "0x0"]), transaction.clone()),
        ("eth_getTransactionByBlockNumberAndIndex", json!(["0x1", "0x0"]), transaction.clone()),
        ("eth_getTransactionByBlockNumberAndIndex", json!(["0x1", "0x1"]), Value::Null),
        ("eth_getBlockTransactionCountByHash", json!([hash]), json!("0x1")),
        ("eth_getBlockTransactionCountByNumber", json!(["0x0"]), json!("0x0")),
        ("eth_getUncleCountByBlockHash", json!([hash]), json!("0x0")),
        ("eth_getUncleCountByBlockNumber", json!(["0x1"]), json!("0x0")),
        ("eth_getBlockByNumber", json!(["0x99", false]), Value::Null),
        ("eth_getBlockReceipts", json!(["0x99"]), Value::Null),
    ];
    for (method, params, expected) in cases {
        assert_eq!(network.ok(method, params,).await, expected, "{method}");
    }
    let receipts = network.ok("eth_getBlockReceipts", json!(["latest"])).await;
    let receipt = network.ok("eth_getTransactionReceipt", json!([transaction["hash"]])).await;
    assert_eq!(receipts, json!([receipt]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reverted_call_has_code_3_and_its_data() {
    let network = Network::start().await;
    let contract = deployed(&network).await;
    let request = json!({ "to": contract, "data": increase(101) });
    for method in ["eth_call", "eth_estimateGas"] {
        let error = network.refused(method, json!([request])).await;
        assert_eq!((&error["code"], &error["message"]), (&json!(3), &json!("execution reverted")));
        assert!(error["data"].as_str().unwrap().starts_with("0x677fd0e3"), "{error}");
    }
    let refuse = json!({ "to": contract, "input": "0x62c69b80" });
    let refuse = match network.call("eth_call", json!([refuse])).await.get("error") {
        Some(error) => error.clone(),
        None => panic!("refuse() returned"),
    };
    assert_eq!(refuse["code"], 3);
    let ok = network.ok("eth_estimateGas", json!([{ "to": contract, "data": increase(1) }])).await;
    assert!(ok.as_str().unwrap().starts_with("0x"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_modules_refusal_is_told_in_words() {
    let network = Network::start().await;
    // `authorise(address)` of an account that belongs to nobody.
    let to = qiao_modules::traceability::ADDRESS;
    let data = format!(
        "0x{}{:064x}",
        hex::encode(qiao_modules::traceability::ITraceability::authoriseCall::SELECTOR),
        7
    );
    let from = signer(KEYS[0]).address();
    let request = json!([{ "from": from, "to": to, "data": data }]);
    let error = network.refused("eth_call", request).await;
    assert_eq!(error["code"], 3, "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("execution reverted: members."), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_may_be_told_another_state() {
    let network = Network::start().await;
    let contract = deployed(&network).await;
    let total = json!({ "to": contract, "data": "0x2ddbd13a" });
    let slot = format!("0x{:064x}", 0);
    let value = format!("0x{:064x}", 42);
    let overrides = json!({ contract.to_string(): { "stateDiff": { slot: value } } });
    let answer = network.ok("eth_call", json!([total, "latest", overrides])).await;
    assert_eq!(answer.as_str(), Some(value.as_str()));
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_transactions_are_told_in_geths_words() {
    let network = Network::start().await;
    deployed(&network).await;
    let stranger = "0x47e179ec197488593b187f80a00eb0da91f1b9d0b13f8733639f19c30a34926a";
    let to = TxKind::Call(Address::ZERO);
    let cases = [
        (signed(KEYS[0], 0, to, Bytes::new()), "nonce too low", "pool.nonce_too_low"),
        (signed(stranger, 0, to, Bytes::new()), "not an active member", "pool.sender_not_active"),
        (
            signed(KEYS[2], 0, TxKind::Create, counter().0),
            "may not create contracts",
            "pool.may_not_deploy",
        ),
    ];
    for (bytes, words, code) in cases {
        let error = network.refused("eth_sendRawTransaction", json!([bytes])).await;
        assert_eq!(error["code"], -32000, "{error}");
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
        assert_eq!(error["data"]["code"], code, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nonces_that_arrive_out_of_order_wait_for_their_turn() {
    let network = Network::start().await;
    let account = signer(KEYS[0]).address();
    let to = TxKind::Call(Address::ZERO);
    let second = signed(KEYS[0], 1, to, Bytes::new());
    let hash = network.ok("eth_sendRawTransaction", json!([second])).await;
    let waiting = network.ok("eth_getTransactionByHash", json!([hash])).await;
    assert_eq!((&waiting["blockHash"], &waiting["nonce"]), (&Value::Null, &json!("0x1")));
    assert_eq!(network.ok("eth_getTransactionReceipt", json!([hash])).await, Value::Null);
    assert_eq!(network.ok("txpool_status", json!([])).await["queued"], "0x1");
    let first = signed(KEYS[0], 0, to, Bytes::new());
    network.ok("eth_sendRawTransaction", json!([first])).await;
    let receipt = network.ok("eth_getTransactionReceipt", json!([hash])).await;
    assert_eq!(receipt["status"], "0x1");
    for tag in ["latest", "pending"] {
        let count = network.ok("eth_getTransactionCount", json!([account, tag])).await;
        assert_eq!(count, "0x2", "{tag}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_tell_each_block_and_log_once() {
    let network = Network::start().await;
    let contract = deployed(&network).await;
    let blocks = network.ok("eth_newBlockFilter", json!([])).await;
    let logs = network.ok("eth_newFilter", json!([{ "address": contract }])).await;
    assert_eq!(network.ok("eth_getFilterChanges", json!([blocks])).await, json!([]));
    let bytes = signed(KEYS[0], 1, TxKind::Call(contract), increase(7));
    network.ok("eth_sendRawTransaction", json!([bytes])).await;
    let head = network.ok("eth_getBlockByNumber", json!(["latest", false])).await;
    assert_eq!(network.ok("eth_getFilterChanges", json!([blocks])).await, json!([head["hash"]]));
    assert_eq!(network.ok("eth_getFilterChanges", json!([blocks])).await, json!([]));
    let found = network.ok("eth_getFilterChanges", json!([logs])).await;
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(network.ok("eth_getFilterChanges", json!([logs])).await, json!([]));
    assert_eq!(network.ok("eth_uninstallFilter", json!([logs])).await, true);
    assert_eq!(network.ok("eth_uninstallFilter", json!([logs])).await, false);
    let gone = network.refused("eth_getFilterChanges", json!([logs])).await;
    assert_eq!(gone["message"], "filter not found");
}

#[tokio::test(flavor = "multi_thread")]
async fn fees_are_zero_and_their_history_has_the_right_shape() {
    let network = Network::start().await;
    deployed(&network).await;
    let history = network.ok("eth_feeHistory", json!(["0x5", "latest", [25, 75]])).await;
    assert_eq!(history["oldestBlock"], "0x0");
    assert_eq!(history["baseFeePerGas"], json!(["0x0", "0x0", "0x0"]));
    assert_eq!(history["gasUsedRatio"].as_array().unwrap().len(), 2);
    assert_eq!(history["reward"], json!([["0x0", "0x0"], ["0x0", "0x0"]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_ethereums_codes() {
    let network = Network::start().await;
    let zero = Address::ZERO;
    let cases = [
        ("eth_madeUp", json!([]), -32601, "not found"),
        ("eth_getProof", json!([zero, [], "latest"]), -32601, "docs/reference/json-rpc.md"),
        ("eth_getBalance", json!(["0x12", "latest"]), -32602, ""),
        ("eth_getBalance", json!([zero, "0x99"]), -32000, "header not found"),
        ("eth_call", json!([{ "to": zero }, "0x99"]), -32000, "header not found"),
        ("eth_sendRawTransaction", json!(["0xdead"]), -32602, "not an EIP-2718 transaction"),
        ("eth_getLogs", json!([{ "fromBlock": "0x2", "toBlock": "0x1" }]), -32602, "block range"),
        ("eth_feeHistory", json!(["0x1", "0x99"]), -32000, "beyond head"),
    ];
    for (method, params, code, words) in cases {
        let error = network.refused(method, params).await;
        assert_eq!(error["code"], code, "{method}: {error}");
        let message = error["message"].as_str().unwrap().to_lowercase();
        assert!(message.contains(&words.to_lowercase()), "{method}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_foreign_sites_are_kept_out() {
    let network = Network::start().await;
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "eth_chainId" }).to_string();
    let cases = [
        (None, None, 200),
        (None, Some("http://localhost:5173"), 200),
        (None, Some("https://evil.example"), 403),
        (None, Some("null"), 403),
        (Some("evil.example"), None, 403),
        (Some("localhost:8545"), None, 200),
        (Some("127.0.0.1:8545"), Some("http://127.0.0.1:8080"), 200),
    ];
    for (host, origin, expected) in cases {
        let mut headers = vec![("Content-Type", "application/json".to_owned())];
        headers.extend(host.map(|host| ("Host", host.to_owned())));
        headers.extend(origin.map(|origin| ("Origin", origin.to_owned())));
        let answer = send("POST", network.rpc.clone(), headers, body.clone().into_bytes()).await;
        assert_eq!(answer.status, expected, "{host:?} {origin:?}: {}", answer.body);
        let shared = answer.header("access-control-allow-origin");
        assert_eq!(shared, origin.filter(|_| expected == 200));
    }
    let headers = vec![
        ("Origin", "http://localhost:5173".to_owned()),
        ("Access-Control-Request-Method", "POST".to_owned()),
        ("Access-Control-Request-Headers", "content-type".to_owned()),
    ];
    let answer = send("OPTIONS", network.rpc.clone(), headers, Vec::new()).await;
    assert_eq!(answer.status, 204);
    assert!(answer.header("access-control-allow-methods").unwrap().contains("POST"));
}
