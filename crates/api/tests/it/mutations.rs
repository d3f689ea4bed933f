//! JSON-RPC requests that nobody would write: every method, any arguments. Each is answered or refused
//! with a code and a reason, and none of them is a failure of the node.
//!
//! `QIAO_MUTATIONS=100000` makes the test long.

use std::{sync::Arc, time::Duration};

use qiao_api::{
    Chain,
    rpc::{Limits, methods},
};
use qiao_devchain::{DevChain, genesis};
use serde_json::{Map, Value, json};

/// Requests without `QIAO_MUTATIONS`.
const REQUESTS: u64 = 3_000;
/// What JSON-RPC calls a failure of the server.
const INTERNAL: i64 = -32_603;

/// Small numbers that look random and are the same each time.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: u64) -> u64 {
        // The constants of Knuth's MMIX generator.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn value(&mut self, depth: u64) -> Value {
        match self.below(if depth == 0 { 16 } else { 22 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(1_000)),
            3 => json!(-1),
            4 => json!(u64::MAX),
            5 => json!(1e308),
            6 => json!("latest"),
            7 => json!(["pending", "safe", "finalized", "earliest"][self.below(4) as usize]),
            8 => json!(format!("{:#x}", self.below(8))),
            9 => json!(format!("{:#x}", u128::MAX)),
            10 => json!(format!("0x{}", "ff".repeat(20))),
            11 => json!(format!("0x{}", "00".repeat(32))),
            12 => json!(format!("0x{}", "ab".repeat(self.below(300) as usize))),
            13 => json!("0x"),
            14 => json!("0xzz"),
            15 => json!("\u{0}\u{202e}\u{1f9ea}"),
            16..=18 => {
                let length = self.below(4);
                Value::Array((0..length).map(|_| self.value(depth - 1)).collect())
            }
            _ => self.object(depth - 1),
        }
    }

    fn object(&mut self, depth: u64) -> Value {
        const KEYS: [&str; 24] = [
            "from",
            "to",
            "data",
            "input",
            "value",
            "gas",
            "gasPrice",
            "nonce",
            "accessList",
            "type",
            "maxFeePerGas",
            "fromBlock",
            "toBlock",
            "blockHash",
            "address",
            "topics",
            "tracer",
            "tracerConfig",
            "stateOverrides",
            "blockStateCalls",
            "calls",
            "authorizationList",
            "blockOverrides",
            "timeout",
        ];
        let mut fields = Map::new();
        for _ in 0..self.below(6) {
            let key = KEYS[self.below(KEYS.len() as u64) as usize];
            let value = self.value(depth);
            fields.insert(key.to_string(), value);
        }
        Value::Object(fields)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_arguments_of_any_method_make_the_node_fail() {
    let requests = std::env::var("QIAO_MUTATIONS").ok().and_then(|number| number.parse().ok());
    let chain = DevChain::start_open(genesis(7_426, 1_700_000_000_000), None).await.unwrap();
    let chain: Arc<dyn Chain> = chain;
    let methods = methods(chain, &Limits::default());
    let mut names: Vec<&str> = methods.method_names().collect();
    names.sort_unstable();
    assert!(names.len() > 40, "{names:?}");
    let mut draws = Draws(1);
    let (mut answered, mut refused) = (0, 0);
    for id in 0..requests.unwrap_or(REQUESTS) {
        let method = names[draws.below(names.len() as u64) as usize];
        let count = draws.below(5);
        let params: Vec<Value> = (0..count).map(|_| draws.value(3)).collect();
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let text = request.to_string();
        let answer = methods.raw_json_request(&text, 1);
        let answer = tokio::time::timeout(Duration::from_secs(30), answer).await;
        let (answer, _) = answer.unwrap_or_else(|_| panic!("no answer to {text}")).unwrap();
        let answer: Value = serde_json::from_str(answer.get()).unwrap();
        let Some(error) = answer.get("error") else {
            assert!(answer.get("result").is_some(), "{text}: {answer}");
            answered += 1;
            continue;
        };
        let message = error["message"].as_str().unwrap();
        assert_ne!(error["code"].as_i64(), Some(INTERNAL), "{text}: {message}");
        assert!(!message.is_empty(), "{text}");
        refused += 1;
    }
    println!("{answered} answered, {refused} refused");
    assert!(answered > 0 && refused > answered, "{answered} answered, {refused} refused");
}
