//! A developer's chain through its methods.

// Helpers of tests fail as tests do: by panicking.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use alloy_primitives::{Address, U256};
use jsonrpsee::{MethodsError, RpcModule, types::ErrorObjectOwned};
use qiao_api::{Chain as _, rpc::Limits};
use qiao_devchain::{ACCOUNTS, DevChain, accounts, genesis, rpc};
use serde_json::{Value, json};

/// What `tests/clients` deploys.
const COUNTER: &str = include_str!("../../../../tests/clients/Counter.json");

struct Developer {
    chain: Arc<DevChain>,
    methods: RpcModule<()>,
}

impl Developer {
    async fn start() -> Self {
        let chain = DevChain::start_open(genesis(7_426, 1_700_000_000_000), None).await.unwrap();
        let methods = rpc::methods(&chain, &Limits::default());
        Self { chain, methods }
    }

    async fn ask(&self, method: &str, params: Value) -> Result<Value, ErrorObjectOwned> {
        let params = params.as_array().unwrap().clone();
        self.methods.call(method, params).await.map_err(|failed| match failed {
            MethodsError::JsonRpc(refused) => refused,
            other => panic!("{method}: {other}"),
        })
    }

    async fn ok(&self, method: &str, params: Value) -> Value {
        match self.ask(method, params).await {
            Ok(answer) => answer,
            Err(error) => panic!("{method}: {error}"),
        }
    }

    async fn number(&self, method: &str, params: Value) -> U256 {
        self.ok(method, params).await.as_str().unwrap().parse().unwrap()
    }

    async fn deployed(&self) -> Value {
        let counter: Value = serde_json::from_str(COUNTER).unwrap();
        let hash = self.ok("eth_sendTransaction", json!([{ "data": counter["bytecode"] }])).await;
        let receipt = self.ok("eth_getTransactionReceipt", json!([hash])).await;
        assert_eq!(receipt["status"], "0x1");
        receipt["contractAddress"].clone()
    }

    async fn total(&self, contract: &Value) -> U256 {
        self.number("eth_call", json!([{ "to": contract, "data": "0x2ddbd13a" }])).await
    }

    async fn timestamp(&self) -> u64 {
        let block = self.ok("eth_getBlockByNumber", json!(["latest", false])).await;
        block["timestamp"].as_str().unwrap().parse::<U256>().unwrap().to()
    }
}

fn increase(contract: &Value, amount: u8) -> Value {
    json!({ "to": contract, "data": format!("0x30f3f0db{amount:064x}") })
}

#[tokio::test(flavor = "multi_thread")]
async fn each_transaction_is_in_a_block_when_it_was_sent() {
    let developer = Developer::start().await;
    let accounts = developer.ok("eth_accounts", json!([])).await;
    assert_eq!(accounts.as_array().unwrap().len(), ACCOUNTS.len());
    assert_eq!(accounts[0], "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
    let contract = developer.deployed().await;
    developer.ok("eth_sendTransaction", json!([increase(&contract, 7)])).await;
    assert_eq!(developer.total(&contract).await, U256::from(7));
    assert_eq!(developer.ok("eth_blockNumber", json!([])).await, "0x2");
    let refused = developer.ask("eth_sendTransaction", json!([increase(&contract, 101)])).await;
    assert_eq!(refused.unwrap_err().code(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_goes_back_to_a_snapshot_with_its_index() {
    let developer = Developer::start().await;
    let contract = developer.deployed().await;
    let snapshot = developer.ok("evm_snapshot", json!([])).await;
    developer.ok("eth_sendTransaction", json!([increase(&contract, 7)])).await;
    developer.ok("hardhat_mine", json!(["0x100"])).await;
    assert_eq!(developer.ok("eth_blockNumber", json!([])).await, "0x102");
    assert_eq!(developer.ok("evm_revert", json!([snapshot])).await, true);
    assert_eq!(developer.ok("evm_revert", json!([snapshot])).await, false);
    assert_eq!(developer.ok("eth_blockNumber", json!([])).await, "0x1");
    assert_eq!(developer.total(&contract).await, U256::ZERO);
    let logs = json!([{ "fromBlock": "0x0", "address": contract }]);
    assert_eq!(developer.ok("eth_getLogs", logs.clone()).await, json!([]));
    developer.ok("eth_sendTransaction", json!([increase(&contract, 8)])).await;
    assert_eq!(developer.total(&contract).await, U256::from(8));
    assert_eq!(developer.ok("eth_getLogs", logs).await.as_array().unwrap().len(), 1);
    developer.ok("hardhat_reset", json!([])).await;
    assert_eq!(developer.ok("eth_blockNumber", json!([])).await, "0x0");
    assert_eq!(developer.ok("eth_getCode", json!([contract])).await, "0x");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_goes_where_it_is_put() {
    let developer = Developer::start().await;
    developer.ok("evm_mine", json!([])).await;
    let start = developer.timestamp().await;
    developer.ok("evm_increaseTime", json!([3_600])).await;
    developer.ok("evm_mine", json!([])).await;
    let later = developer.timestamp().await;
    assert!((3_600..3_700).contains(&(later - start)), "{later} after {start}");
    developer.ok("evm_setNextBlockTimestamp", json!([later + 500])).await;
    developer.ok("eth_sendTransaction", json!([{ "to": Address::ZERO }])).await;
    assert_eq!(developer.timestamp().await, later + 500);
    developer.ok("hardhat_mine", json!(["0xa", "0x3c"])).await;
    assert_eq!(developer.timestamp().await, later + 501 + 9 * 60);
    assert!(developer.ask("evm_setNextBlockTimestamp", json!([start])).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn balances_nonces_code_and_slots_are_written() {
    let developer = Developer::start().await;
    let account = Address::repeat_byte(0x42);
    developer.ok("hardhat_setBalance", json!([account, "0x64"])).await;
    developer.ok("anvil_setNonce", json!([account, "0x5"])).await;
    developer.ok("hardhat_setCode", json!([account, "0x60075f5260205ff3"])).await;
    let slot = format!("0x{:064x}", 9);
    developer.ok("hardhat_setStorageAt", json!([account, "0x1", slot])).await;
    assert_eq!(developer.number("eth_getBalance", json!([account])).await, U256::from(100));
    assert_eq!(developer.ok("eth_getTransactionCount", json!([account])).await, "0x5");
    assert_eq!(developer.number("eth_call", json!([{ "to": account }])).await, U256::from(7));
    assert_eq!(developer.ok("eth_getStorageAt", json!([account, "0x1"])).await, slot);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impersonated_account_sends_without_its_key() {
    let developer = Developer::start().await;
    let contract = developer.deployed().await;
    let request = json!([{ "from": contract, "to": Address::ZERO, "value": "0x1" }]);
    developer.ok("hardhat_setBalance", json!([contract, "0x10"])).await;
    let refused = developer.ask("eth_sendTransaction", request.clone()).await.unwrap_err();
    assert!(refused.message().contains("unknown account"), "{refused}");
    developer.ok("hardhat_impersonateAccount", json!([contract])).await;
    let hash = developer.ok("eth_sendTransaction", request.clone()).await;
    let sent = developer.ok("eth_getTransactionByHash", json!([hash])).await;
    assert_eq!(sent["from"], contract);
    developer.ok("hardhat_stopImpersonatingAccount", json!([contract])).await;
    assert!(developer.ask("eth_sendTransaction", request).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_wait_while_blocks_are_made_by_hand() {
    let developer = Developer::start().await;
    developer.ok("evm_setAutomine", json!([false])).await;
    let mut hashes = Vec::new();
    for _ in 0..3 {
        hashes.push(developer.ok("eth_sendTransaction", json!([{ "to": Address::ZERO }])).await);
    }
    let first = developer.ok("eth_getTransactionReceipt", json!([hashes[0]])).await;
    assert_eq!(first, Value::Null);
    assert_eq!(developer.ok("hardhat_dropTransaction", json!([hashes[2]])).await, true);
    developer.ok("evm_mine", json!([])).await;
    let block = developer.ok("eth_getBlockByNumber", json!(["latest", false])).await;
    assert_eq!(block["transactions"], json!(hashes[..2]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_networks_methods_have_none_of_this() {
    let chain = DevChain::start(genesis(1, 0), accounts().into_iter().next()).await.unwrap();
    let methods = qiao_api::rpc::methods(chain.clone(), &Limits::default());
    let names: Vec<_> = methods.method_names().collect();
    let is_dangerous = |name: &&&str| {
        ["evm_", "hardhat_", "anvil_", "personal_"].iter().any(|prefix| name.starts_with(prefix))
            || **name == "eth_sendTransaction"
            || name.starts_with("eth_sign")
    };
    assert_eq!(names.iter().find(is_dangerous), None);
    assert_eq!(chain.head().number, 0);
    let developer = Developer::start().await;
    assert!(developer.chain.client_version().starts_with("anvil/qiao-"));
}
