//! A developer's chain through its methods.

// Helpers of tests fail as tests do: by panicking.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use alloy_primitives::{Address, B256, Signature, U256, b256};
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

/// Initcode of a contract of so many zero bytes.
fn long_contract(bytes: u16) -> Value {
    json!([{ "data": format!("0x61{bytes:04x}5ff3") }])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_fails_in_its_block_tells_its_sender_why() {
    let developer = Developer::start().await;
    let contract = developer.deployed().await;
    let mut request = increase(&contract, 101);
    request["gas"] = json!("0x100000");
    let failed = developer.ask("eth_sendTransaction", json!([request])).await.unwrap_err();
    assert_eq!(failed.code(), 3);
    let estimated = developer.ask("eth_estimateGas", json!([increase(&contract, 101)])).await;
    assert_eq!(failed.data().unwrap().get(), estimated.unwrap_err().data().unwrap().get());
    let block = developer.ok("eth_getBlockByNumber", json!(["latest", false])).await;
    let hash = &block["transactions"][0];
    let receipt = developer.ok("eth_getTransactionReceipt", json!([hash])).await;
    assert_eq!(receipt["status"], "0x0");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_come_together_get_nonces_of_their_own() {
    let developer = Developer::start().await;
    let send = || developer.ok("eth_sendTransaction", json!([{ "to": Address::ZERO }]));
    tokio::join!(send(), send(), send(), send());
    assert_eq!(developer.ok("eth_blockNumber", json!([])).await, "0x4");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_goes_back_over_changes_of_members() {
    let developer = Developer::start().await;
    let newcomer = Address::repeat_byte(0x77);
    let members = "0x5169616F00000000000000000000000000000001";
    let snapshot = developer.ok("evm_snapshot", json!([])).await;
    // addAccount(address)
    let data = format!("0xe89b0e1e{:0>64}", alloy_primitives::hex::encode(newcomer));
    let add = json!([{ "to": members, "data": data }]);
    developer.ok("eth_sendTransaction", add.clone()).await;
    let known = async || {
        let accounts = developer.chain.index().accounts(1).await.unwrap();
        accounts.iter().any(|account| account.address == newcomer)
    };
    assert!(known().await);
    assert_eq!(developer.ok("evm_revert", json!([snapshot])).await, true);
    assert!(!known().await);
    developer.ok("eth_sendTransaction", add).await;
    assert!(known().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_block_answers_the_prevrandao_that_was_set() {
    let developer = Developer::start().await;
    developer.ok("hardhat_setPrevRandao", json!(["0x2a"])).await;
    let account = Address::repeat_byte(0x42);
    // Returns PREVRANDAO.
    developer.ok("hardhat_setCode", json!([account, "0x445f5260205ff3"])).await;
    let answer =
        async |block| developer.number("eth_call", json!([{ "to": account }, block])).await;
    assert_eq!(answer("pending").await, U256::from(42));
    developer.ok("evm_mine", json!([])).await;
    let block = developer.ok("eth_getBlockByNumber", json!(["latest", false])).await;
    assert_eq!(block["mixHash"], format!("0x{:064x}", 42));
    assert_eq!(answer("latest").await, U256::from(42));
    developer.ok("evm_mine", json!([])).await;
    let next = developer.ok("eth_getBlockByNumber", json!(["latest", false])).await;
    assert_eq!(next["mixHash"], next["parentHash"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_is_as_long_as_networks_allow_unless_a_developer_says_otherwise() {
    let developer = Developer::start().await;
    developer.ok("eth_sendTransaction", long_contract(24_576)).await;
    assert!(developer.ask("eth_sendTransaction", long_contract(24_577)).await.is_err());

    let genesis = genesis(7_426, 1_700_000_000_000);
    let chain = DevChain::start_unlimited(genesis, None).await.unwrap();
    let methods = rpc::methods(&chain, &Limits::default());
    let developer = Developer { chain, methods };
    developer.ok("eth_sendTransaction", long_contract(u16::MAX)).await;
}

/// A message with every kind of field; its hash is what ethers 6 says.
fn order() -> Value {
    json!({
        "types": {
            "Order": [
                { "name": "seller", "type": "Party" }, { "name": "lines", "type": "Line[]" },
                { "name": "offset", "type": "int64" }, { "name": "tag", "type": "bytes4" },
                { "name": "memo", "type": "bytes" }, { "name": "pair", "type": "uint8[2]" },
                { "name": "grid", "type": "uint256[][2]" }, { "name": "isOpen", "type": "bool" },
            ],
            "Line": [{ "name": "item", "type": "string" }, { "name": "count", "type": "uint256" }],
            "Party": [
                { "name": "name", "type": "string" }, { "name": "account", "type": "address" },
            ],
        },
        "primaryType": "Order",
        "domain": {
            "name": "Order Book", "version": "2", "chainId": "0x1d02",
            "verifyingContract": "0xcccccccccccccccccccccccccccccccccccccccc",
            "salt": B256::repeat_byte(0x5a),
        },
        "message": {
            "seller": { "name": "Farm", "account": Address::repeat_byte(0x11) },
            "lines": [{ "item": "lime", "count": "12" }, { "item": "pear", "count": "0xff" }],
            "offset": -5, "tag": "0x01020304", "memo": "0xabcdef",
            "pair": [1, 2], "grid": [["1", "2", "3"], []], "isOpen": true,
        },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn structured_data_is_signed_as_wallets_sign_it() {
    let developer = Developer::start().await;
    let account = accounts()[0].address();
    let hash = b256!("05523f6cb67a718a47da7b2c56c8d39f0db9988790a79f479e6448a8326eb451");
    for data in [order(), Value::String(order().to_string())] {
        let signed = developer.ok("eth_signTypedData_v4", json!([account, data])).await;
        let signature: Signature = signed.as_str().unwrap().parse().unwrap();
        assert_eq!(signature.recover_address_from_prehash(&hash).unwrap(), account);
    }
    for (pointer, value, problem) in [
        ("/message/pair", json!([1]), "`message.pair` has 1 items instead of 2"),
        ("/message/pair", json!([1, 256]), "`message.pair[1]` is no `uint8`"),
        ("/message/tag", json!("0x01"), "`message.tag` is no `bytes4`"),
        ("/message/lines/1", json!({ "item": "" }), "`message.lines[1].count` is missing"),
        ("/primaryType", json!("Invoice"), "type `Invoice` is not declared"),
    ] {
        let mut data = order();
        *data.pointer_mut(pointer).unwrap() = value;
        let refused = developer.ask("eth_signTypedData_v4", json!([account, data])).await;
        assert_eq!(refused.unwrap_err().message(), problem);
    }
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
