//! A blocking JSON-RPC client with batches.

use std::io::Read as _;
use std::time::Duration;

use alloy_primitives::{Address, B256, Bytes};
use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};

/// Bytes of an answer that are read.
const ANSWER_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A client of one node; keeps its connection.
#[derive(Debug, Clone)]
pub struct Rpc {
    url: String,
    agent: ureq::Agent,
}

/// What became of one transaction of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// The node took it.
    Taken,
    /// The node refused it, and why.
    Refused(String),
}

impl Rpc {
    /// A client of the node at this address.
    pub fn new(url: &str) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(10)))
            .build()
            .into();
        Self { url: url.to_string(), agent }
    }

    /// Calls one method.
    pub fn call(&self, method: &str, parameters: Value) -> Result<Value> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": parameters });
        let mut answer = self.post(&request)?;
        match answer.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => bail!("`{method}` failed: {}", reason(&answer)),
        }
    }

    /// Sends signed transactions in one request.
    pub fn send(&self, transactions: &[&Bytes]) -> Result<Vec<Sent>> {
        let batch: Vec<Value> = transactions
            .iter()
            .enumerate()
            .map(|(id, bytes)| {
                let parameters = [bytes.to_string()];
                json!({ "jsonrpc": "2.0", "id": id, "method": "eth_sendRawTransaction", "params": parameters })
            })
            .collect();
        let answer = self.post(&Value::Array(batch))?;
        let answers =
            answer.as_array().ok_or_else(|| anyhow!("batch refused: {}", reason(&answer)))?;
        let mut sent = vec![Sent::Refused("no answer".to_string()); transactions.len()];
        for answer in answers {
            let id =
                answer.get("id").and_then(Value::as_u64).and_then(|id| usize::try_from(id).ok());
            if let Some(slot) = id.and_then(|id| sent.get_mut(id)) {
                *slot = match answer.get("result") {
                    Some(_) => Sent::Taken,
                    None => Sent::Refused(reason(answer)),
                };
            }
        }
        Ok(sent)
    }

    /// The height of the newest final block.
    pub fn height(&self) -> Result<u64> {
        quantity(&self.call("eth_blockNumber", json!([]))?)
    }

    /// The hashes of the transactions of a block; `None` above the head.
    pub fn transactions_of(&self, height: u64) -> Result<Option<Vec<B256>>> {
        let block = self.call("eth_getBlockByNumber", json!([format!("{height:#x}"), false]))?;
        if block.is_null() {
            return Ok(None);
        }
        let hashes = block.get("transactions").cloned().context("block without transactions")?;
        Ok(Some(serde_json::from_value(hashes)?))
    }

    /// The height of the newest final block: at once if it is above `after`, else when it is, or
    /// after `wait`. `rest` is the address of REST.
    pub fn head_after(&self, rest: &str, after: u64, wait: Duration) -> Result<u64> {
        let url = format!("{rest}/status/head?after={after}&wait_ms={}", wait.as_millis());
        let response = self.agent.get(&url).call();
        let response = response.with_context(|| format!("`{rest}` does not answer"))?;
        let mut text = String::new();
        response.into_body().into_reader().take(ANSWER_BYTES_MAX).read_to_string(&mut text)?;
        let answer: Value = serde_json::from_str(&text).with_context(|| format!("{text:.200}"))?;
        answer.get("number").and_then(Value::as_u64).with_context(|| format!("{text:.200}"))
    }

    /// The EIP-155 chain id.
    pub fn chain_id(&self) -> Result<u64> {
        quantity(&self.call("eth_chainId", json!([]))?)
    }

    /// What a unit of gas costs, and whether blocks have a base fee.
    pub fn gas_price(&self) -> Result<(u64, bool)> {
        let price = quantity(&self.call("eth_gasPrice", json!([]))?)?;
        let block = self.call("eth_getBlockByNumber", json!(["latest", false]))?;
        Ok((price, block.get("baseFeePerGas").is_some_and(|fee| !fee.is_null())))
    }

    /// The nonce that the account's next transaction needs.
    pub fn next_nonce(&self, account: Address) -> Result<u64> {
        quantity(&self.call("eth_getTransactionCount", json!([account, "latest"]))?)
    }

    /// The receipt of a final transaction.
    pub fn receipt(&self, hash: B256) -> Result<Option<Value>> {
        let receipt = self.call("eth_getTransactionReceipt", json!([hash]))?;
        Ok((!receipt.is_null()).then_some(receipt))
    }

    /// The gas that a call needs.
    pub fn estimate_gas(&self, from: Address, to: Address, data: &Bytes) -> Result<u64> {
        let call = json!({ "from": from, "to": to, "data": data });
        quantity(&self.call("eth_estimateGas", json!([call]))?)
    }

    fn post(&self, body: &Value) -> Result<Value> {
        let request = self.agent.post(&self.url).header("content-type", "application/json");
        let response = request
            .send(serde_json::to_vec(body)?)
            .with_context(|| format!("`{}` does not answer", self.url))?;
        let status = response.status();
        let mut text = String::new();
        response.into_body().into_reader().take(ANSWER_BYTES_MAX).read_to_string(&mut text)?;
        serde_json::from_str(&text).with_context(|| format!("{status}: {text:.200}"))
    }
}

/// A number in Ethereum's hexadecimal form.
pub fn quantity(value: &Value) -> Result<u64> {
    let text = value.as_str().and_then(|text| text.strip_prefix("0x"));
    let text = text.with_context(|| format!("`{value}` is not a number"))?;
    Ok(u64::from_str_radix(text, 16)?)
}

fn reason(answer: &Value) -> String {
    let message = answer.pointer("/error/message").and_then(Value::as_str);
    message.map_or_else(|| answer.to_string(), str::to_string)
}
