//! `docs/reference/json-rpc.md`: every example on the page is run, every method has one, and every
//! method on the page is served.

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc};

use alloy_consensus::{SignableTransaction as _, TxEnvelope, TxLegacy};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, Bytes, TxKind, U256, keccak256};
use alloy_signer::SignerSync as _;
use qiao_api::{Chain, Door, rpc};
use qiao_devchain::DevChain;
use serde_json::{Value, json};

use crate::{
    hostile::{frame, websocket},
    rpc::{counter, increase},
    support::{KEYS, genesis, send, signer},
};

fn page() -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/json-rpc.md");
    std::fs::read_to_string(root).unwrap()
}

/// Which table of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Served {
    /// Methods of every node.
    Everywhere,
    /// Methods that a developer's chain has besides.
    ByDevelopers,
}

/// An example: parameters and what is answered.
#[derive(Debug, Clone)]
struct Example {
    method: String,
    params: String,
    answer: String,
}

/// The examples of the table under a heading: a row names one or several methods in its first cell,
/// and has one example for all of them, or one for each, in its last.
fn examples(heading: &str) -> Vec<Example> {
    let page = page();
    let section = page.split(heading).nth(1).expect("the page has the heading");
    let rows = section.lines().skip_while(|line| !line.starts_with("| method"));
    let rows = rows.skip(2).take_while(|line| line.starts_with('|'));
    let mut all = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let methods: Vec<&str> = quoted(cells[0]);
        let parts = quoted(cells.last().unwrap());
        let pairs: Vec<&[&str]> = parts.chunks(2).collect();
        assert!(pairs.iter().all(|pair| pair.len() == 2), "no example with an answer: {row}");
        assert!(pairs.len() == 1 || pairs.len() == methods.len(), "examples and methods: {row}");
        for (nth, method) in methods.iter().enumerate() {
            let pair = pairs.get(nth).unwrap_or(&pairs[0]);
            all.push(Example {
                method: (*method).to_owned(),
                params: pair[0].to_owned(),
                answer: pair[1].to_owned(),
            });
        }
    }
    all
}

/// What stands between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// JSON in which `…` stands for what is left out: a part of a text, a value, or further members.
fn understood(text: &str) -> Value {
    let (mut json, mut is_text, mut open) = (String::new(), false, Vec::new());
    for c in text.chars() {
        match c {
            '"' => is_text = !is_text,
            '{' | '[' if !is_text => open.push(c),
            '}' | ']' if !is_text => drop(open.pop()),
            '…' if !is_text => {
                let is_member = open.last() == Some(&'{') && !json.trim_end().ends_with(':');
                json.push_str(if is_member { "\"…\":\"…\"" } else { "\"…\"" });
                continue;
            }
            _ => {}
        }
        json.push(c);
    }
    serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Whether a text is another with parts left out.
fn abbreviates(short: &str, text: &str) -> bool {
    let (short, text) = (short.to_lowercase(), text.to_lowercase());
    match short.split_once('…') {
        None => short == text,
        Some((start, end)) => {
            text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
        }
    }
}

/// Whether an answer is what the page says.
fn agrees(page: &Value, answer: &Value) -> bool {
    match (page, answer) {
        (Value::String(text), _) if text == "…" => true,
        (Value::String(short), Value::String(text)) => abbreviates(short, text),
        (Value::Array(page), Value::Array(answer)) => {
            let is_open = page.last() == Some(&json!("…"));
            let stated = page.len() - usize::from(is_open);
            (if is_open { answer.len() >= stated } else { answer.len() == stated })
                && page[..stated].iter().zip(answer).all(|(page, answer)| agrees(page, answer))
        }
        (Value::Object(page), Value::Object(answer)) => {
            let is_open = page.contains_key("…");
            let stated = page.iter().filter(|(key, _)| *key != "…");
            let found = stated.clone().all(|(key, value)| {
                let mut members = answer.iter().filter(|(name, _)| abbreviates(key, name));
                members.any(|(_, answer)| agrees(value, answer))
            });
            found && (is_open || stated.count() == answer.len())
        }
        _ => page == answer,
    }
}

/// A chain as the page says that its examples have it, behind a listener.
struct Prepared {
    url: String,
    /// What may stand abbreviated in parameters.
    known: Vec<String>,
    methods: BTreeSet<String>,
    _server: qiao_api::door::Server,
}

fn legacy(nonce: u64, to: TxKind, gas_limit: u64, input: Bytes) -> Bytes {
    let transaction = TxLegacy {
        chain_id: Some(20_260),
        nonce,
        gas_price: 0,
        gas_limit,
        to,
        value: U256::ZERO,
        input,
    };
    let signature = signer(KEYS[1]).sign_hash_sync(&transaction.signature_hash()).unwrap();
    TxEnvelope::Legacy(transaction.into_signed(signature)).encoded_2718().into()
}

impl Prepared {
    async fn start(served: Served) -> Self {
        let chain = match served {
            Served::Everywhere => DevChain::start(genesis(), None).await.unwrap(),
            Served::ByDevelopers => {
                let genesis = qiao_devchain::genesis(20_260, 1_767_225_600_000);
                DevChain::start_open(genesis, None).await.unwrap()
            }
        };
        let limits = rpc::Limits::default();
        let shared: Arc<dyn Chain> = chain.clone();
        let methods = match served {
            Served::Everywhere => rpc::methods(shared, &limits),
            Served::ByDevelopers => qiao_devchain::rpc::methods(&chain, &limits),
        };
        let names = methods.method_names().map(str::to_owned).collect();
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = rpc::serve_methods(methods, any, &limits, Door::default()).await.unwrap();
        let url = format!("http://{}", server.address());
        let mut prepared = Self { url, known: Vec::new(), methods: names, _server: server };
        prepared.fill().await;
        prepared
    }

    /// Block 1 creates the contract, block 2 increases it by 7; three filters are installed between
    /// them; a transaction waits for the one before it.
    async fn fill(&mut self) {
        let account = signer(KEYS[1]).address();
        let contract = account.create(0);
        let to = TxKind::Call(contract);
        let create = legacy(0, TxKind::Create, 600_000, counter().0);
        let increased = legacy(1, to, 0xb327, increase(7));
        let next = legacy(2, to, 0xb327, increase(1));
        let waiting = legacy(3, to, 0xb327, increase(1));
        self.sent(&create).await;
        self.ok("eth_newFilter", json!([{ "address": contract }])).await;
        self.ok("eth_newBlockFilter", json!([])).await;
        self.ok("eth_newPendingTransactionFilter", json!([])).await;
        self.sent(&increased).await;
        self.sent(&waiting).await;
        let texts = [
            increase(7).to_string(),
            increased.to_string(),
            format!("signed transaction with nonce 2={next}"),
            keccak256(&create).to_string(),
            keccak256(&increased).to_string(),
            keccak256(&waiting).to_string(),
            format!("0x{:064x}", 0),
            format!("0x{:064x}", 42),
        ];
        self.known.extend(texts);
        self.known.extend([account, contract, Address::ZERO].map(|account| account.to_string()));
        for number in ["0x1", "0x2"] {
            let block = self.ok("eth_getBlockByNumber", json!([number, false])).await;
            let hash = block["hash"].as_str().unwrap();
            self.known.push(format!("hash of block {number}={hash}"));
        }
    }

    async fn sent(&self, transaction: &Bytes) {
        self.ok("eth_sendRawTransaction", json!([transaction])).await;
    }

    async fn ok(&self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, &params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    async fn ask(&self, method: &str, params: &Value) -> Value {
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        if method.ends_with("subscribe") {
            return self.ask_on_a_websocket(&body).await;
        }
        let json = vec![("Content-Type", "application/json".to_owned())];
        send("POST", self.url.clone(), json, body.to_string().into_bytes()).await.json()
    }

    async fn ask_on_a_websocket(&self, body: &Value) -> Value {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let address = self.url.trim_start_matches("http://").parse().unwrap();
        let mut stream = websocket(address).await;
        stream.write_all(&frame(&body.to_string())).await.unwrap();
        loop {
            // A ping may come first.
            let is_text = stream.read_u8().await.unwrap() & 0x0f == 1;
            let length = stream.read_u8().await.unwrap();
            let mut answer = vec![0; usize::from(length)];
            stream.read_exact(&mut answer).await.unwrap();
            if is_text {
                return serde_json::from_slice(&answer).unwrap();
            }
        }
    }

    /// Parameters as they are sent: what is abbreviated stands for the one known value of that form.
    fn spelled(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.spelled_text(text)),
            Value::Array(items) => items.into_iter().map(|item| self.spelled(item)).collect(),
            Value::Object(members) => {
                let spelled = members
                    .into_iter()
                    .map(|(key, value)| (self.spelled_text(key), self.spelled(value)));
                Value::Object(spelled.collect())
            }
            other => other,
        }
    }

    fn spelled_text(&self, text: String) -> String {
        if let Some(name) = text.strip_prefix('<').and_then(|text| text.strip_suffix('>')) {
            let mut named = self.known.iter().filter_map(|known| known.split_once('='));
            let found = named.find(|(known, _)| *known == name);
            return found.unwrap_or_else(|| panic!("{text} is nothing of the chain")).1.to_owned();
        }
        if !text.contains('…') {
            return text;
        }
        let mut found = self.known.iter().filter(|known| abbreviates(&text, known));
        match (found.next(), found.next()) {
            (Some(one), None) => one.clone(),
            (first, second) => panic!("{text} stands for {first:?} and {second:?}"),
        }
    }

    /// What is wrong with an example.
    async fn differs(&self, example: &Example) -> Option<String> {
        let params = self.spelled(understood(&example.params));
        let answer = self.ask(&example.method, &params).await;
        let page = understood(&example.answer);
        let is_error = page.get("error").is_some();
        let told = if is_error { &answer } else { &answer["result"] };
        let agrees = (is_error || answer.get("error").is_none()) && agrees(&page, told);
        (!agrees).then(|| format!("{} {}: {answer}", example.method, example.params))
    }
}

/// Runs every example, each on a chain of its own.
async fn all_agree(served: Served, examples: Vec<Example>) {
    let mut differing = Vec::new();
    for example in examples {
        let prepared = Prepared::start(served).await;
        differing.extend(prepared.differs(&example).await);
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_a_method_is_answered_as_the_page_says() {
    all_agree(Served::Everywhere, examples("\n## Methods\n")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_of_a_developers_method_is_answered_as_the_page_says() {
    let of_developers = examples("\n## Methods of a developer's chain\n");
    let prepared = Prepared::start(Served::ByDevelopers).await;
    let is_told = |name: &str| of_developers.iter().any(|example| example.method == name);
    let aliases = of_developers.iter().flat_map(|example| {
        let others = aliases(&example.method).into_iter();
        // `anvil_mine` is Hardhat's, and `evm_mine` another method.
        let own = others.filter(|name| {
            let is_hardhats = |rest: &str| is_told(&format!("hardhat_{rest}"));
            let is_others = example.method.starts_with("evm_")
                && name.strip_prefix("anvil_").is_some_and(is_hardhats);
            prepared.methods.contains(name) && !is_told(name) && !is_others
        });
        own.map(|method| Example { method, ..example.clone() })
    });
    let all = of_developers.iter().cloned().chain(aliases).collect();
    all_agree(Served::ByDevelopers, all).await;
}

/// The other names under which a developer's chain may serve a method.
fn aliases(method: &str) -> Vec<String> {
    let prefixes = ["evm_", "hardhat_", "anvil_"];
    let Some(rest) = prefixes.iter().find_map(|prefix| method.strip_prefix(prefix)) else {
        return Vec::new();
    };
    let names = prefixes.iter().map(|prefix| format!("{prefix}{rest}"));
    names.filter(|name| name != method).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_served_method_is_on_the_page_and_every_method_on_the_page_is_served() {
    let named = |heading| -> BTreeSet<String> {
        examples(heading).into_iter().map(|example| example.method).collect()
    };
    let everywhere = named("\n## Methods\n");
    let served = Prepared::start(Served::Everywhere).await.methods;
    assert_eq!(served.difference(&everywhere).collect::<Vec<_>>(), [""; 0], "not on the page");
    assert_eq!(everywhere.difference(&served).collect::<Vec<_>>(), [""; 0], "not served");
    let of_developers = named("\n## Methods of a developer's chain\n");
    let served = Prepared::start(Served::ByDevelopers).await.methods;
    assert_eq!(of_developers.difference(&served).collect::<Vec<_>>(), [""; 0], "not served");
    let is_told = |method: &&String| {
        everywhere.contains(*method)
            || of_developers.contains(*method)
            || aliases(method).iter().any(|name| of_developers.contains(name))
    };
    let untold: Vec<_> = served.iter().filter(|method| !is_told(method)).collect();
    assert_eq!(untold, [""; 0], "not on the page");
}

#[test]
fn what_the_page_leaves_out_may_be_anything_and_the_rest_may_not() {
    let cases = [
        ("\"0x…\"", json!("0x12"), true),
        ("\"0x12…ab\"", json!("0x12ab"), true),
        ("\"0x12…ab\"", json!("0x1ab"), false),
        ("{\"a\":1,…}", json!({ "a": 1, "b": 2 }), true),
        ("{\"a\":1}", json!({ "a": 1, "b": 2 }), false),
        ("{\"a\":…}", json!({ "a": [1] }), true),
        ("[1,…]", json!([1, 2]), true),
        ("[1]", json!([1, 2]), false),
        ("[…]", json!([]), true),
        ("…", json!(null), true),
        ("\"…\"", json!(7), true),
        ("{\"0xA…\":1}", json!({ "0xab": 1 }), true),
    ];
    for (page, answer, expected) in cases {
        assert_eq!(agrees(&understood(page), &answer), expected, "{page} {answer}");
    }
}
