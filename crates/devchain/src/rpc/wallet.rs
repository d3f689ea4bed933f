//! The accounts for which the node signs: those that everybody knows, and those that a test asked to
//! send as.

use std::sync::Arc;

use alloy_consensus::{SignableTransaction as _, TxEnvelope, TypedTransaction};
use alloy_eips::eip2718::Encodable2718 as _;
use alloy_primitives::{Address, B256, Bytes, Signature, U64, U256};
use alloy_rpc_types_eth::TransactionRequest;
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use jsonrpsee::{
    Methods, MethodsError,
    core::{RpcResult, async_trait},
    proc_macros::rpc,
    types::ErrorObjectOwned,
};
use qiao_api::{
    Chain as _, SubmitError,
    rpc::errors::{INTERNAL, INVALID_PARAMS, SERVER, error, failure, reverted, submit},
};
use qiao_types::SignedTransaction;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::typed_data::TypedData;
use crate::{DevChain, accounts};

#[rpc(server)]
trait Wallet {
    #[method(name = "eth_accounts", aliases = ["eth_requestAccounts", "personal_listAccounts"])]
    fn accounts(&self) -> RpcResult<Vec<Address>>;

    #[method(name = "eth_sendTransaction")]
    async fn send_transaction(&self, request: TransactionRequest) -> RpcResult<B256>;

    #[method(name = "eth_signTransaction")]
    async fn sign_transaction(&self, request: TransactionRequest) -> RpcResult<Bytes>;

    #[method(name = "eth_sign")]
    fn sign(&self, account: Address, message: Bytes) -> RpcResult<Bytes>;

    #[method(name = "personal_sign")]
    fn personal_sign(&self, message: Bytes, account: Address) -> RpcResult<Bytes>;

    #[method(name = "eth_signTypedData_v4", aliases = ["eth_signTypedData"])]
    fn sign_typed_data(&self, account: Address, data: Value) -> RpcResult<Bytes>;
}

struct Wallet {
    chain: Arc<DevChain>,
    /// The methods of a node, for what is asked of it on the way.
    node: Methods,
    accounts: Vec<PrivateKeySigner>,
    /// Held from the choice of a nonce until its use: requests that come together take turns.
    sending: tokio::sync::Mutex<()>,
}

/// The methods that sign.
pub(super) fn methods(chain: Arc<DevChain>, node: Methods) -> Methods {
    let sending = tokio::sync::Mutex::new(());
    Wallet { chain, node, accounts: accounts(), sending }.into_rpc().into()
}

impl Wallet {
    fn key(&self, account: Address) -> Option<&PrivateKeySigner> {
        self.accounts.iter().find(|key| key.address() == account)
    }

    fn known_key(&self, account: Address) -> RpcResult<&PrivateKeySigner> {
        self.key(account).ok_or_else(|| error(INVALID_PARAMS, format!("unknown account {account}")))
    }

    async fn ask<T: DeserializeOwned + Clone>(
        &self,
        method: &str,
        params: Vec<Value>,
    ) -> RpcResult<T> {
        self.node.call(method, params).await.map_err(|failed| match failed {
            MethodsError::JsonRpc(refused) => refused,
            other => error(INTERNAL, other),
        })
    }

    /// Says what the request left open: chain, nonce, gas, fees.
    async fn complete(
        &self,
        mut request: TransactionRequest,
    ) -> RpcResult<(Address, TypedTransaction)> {
        let first = self.accounts.first().map(PrivateKeySigner::address).unwrap_or_default();
        let from = *request.from.get_or_insert(first);
        request.chain_id = Some(self.chain.genesis().chain_id);
        if request.nonce.is_none() {
            let nonce: U64 =
                self.ask("eth_getTransactionCount", vec![json!(from), json!("pending")]).await?;
            request.nonce = Some(nonce.to());
        }
        if request.gas.is_none() {
            let params = vec![json!(request), json!("pending")];
            let gas: U64 = self.ask("eth_estimateGas", params).await?;
            request.gas = Some(gas.to());
        }
        if request.gas_price.is_none() {
            request.max_fee_per_gas.get_or_insert(0);
            request.max_priority_fee_per_gas.get_or_insert(0);
        }
        if request.to.is_none() {
            request.to = Some(alloy_primitives::TxKind::Create);
        }
        // Both names of the calldata would be an ambiguity.
        request.input = request.input.into_input().into();
        let built = request.build_consensus_tx();
        let built = built.map_err(|failed| error(INVALID_PARAMS, failed.error))?;
        Ok((from, built))
    }

    fn signed(
        &self,
        from: Address,
        unsigned: TypedTransaction,
    ) -> RpcResult<Arc<SignedTransaction>> {
        let is_impersonated = self.chain.control().is_impersonated(&from);
        let signature = match self.key(from) {
            Some(key) => key
                .sign_hash_sync(&unsigned.signature_hash())
                .map_err(|failed| error(INTERNAL, failed))?,
            // Nobody's signature: different for each account, so that hashes differ.
            None if is_impersonated => {
                Signature::new(U256::from_be_slice(from.as_slice()), U256::ONE, false)
            }
            None => return Err(error(INVALID_PARAMS, format!("unknown account {from}"))),
        };
        let envelope: TxEnvelope = unsigned.into_envelope(signature);
        let encoded = Bytes::from(envelope.encoded_2718());
        let transaction = SignedTransaction::decode_with_sender(encoded, from);
        transaction.map(Arc::new).map_err(|undecodable| error(SERVER, undecodable))
    }

    /// A transaction that is in a block already and failed there is an error for whoever asked the
    /// node to send it, with what it returned: so suites of tests learn why.
    async fn fail_if_it_failed(&self, hash: B256) -> RpcResult<()> {
        let found = self.chain.transaction(hash).await;
        let Some((block, position)) = found.map_err(|failed| failure(&failed))? else {
            return Ok(());
        };
        let receipt = &block.receipts[position];
        if receipt.succeeded() { Ok(()) } else { Err(reverted(&receipt.output)) }
    }

    fn sign_message(&self, account: Address, message: &[u8]) -> RpcResult<Bytes> {
        let signature = self.known_key(account)?.sign_message_sync(message);
        let signature = signature.map_err(|failed| error(INTERNAL, failed))?;
        Ok(signature.as_bytes().to_vec().into())
    }
}

#[async_trait]
impl WalletServer for Wallet {
    fn accounts(&self) -> RpcResult<Vec<Address>> {
        Ok(self.accounts.iter().map(PrivateKeySigner::address).collect())
    }

    async fn send_transaction(&self, request: TransactionRequest) -> RpcResult<B256> {
        let _sending = self.sending.lock().await;
        let (from, unsigned) = self.complete(request).await?;
        let transaction = self.signed(from, unsigned)?;
        let sent: Result<B256, SubmitError> = self.chain.submit(transaction).await;
        let hash = sent.map_err(|refused| -> ErrorObjectOwned { submit(&refused) })?;
        self.fail_if_it_failed(hash).await?;
        Ok(hash)
    }

    async fn sign_transaction(&self, request: TransactionRequest) -> RpcResult<Bytes> {
        let (from, unsigned) = self.complete(request).await?;
        self.known_key(from)?;
        Ok(self.signed(from, unsigned)?.encoded().clone())
    }

    fn sign(&self, account: Address, message: Bytes) -> RpcResult<Bytes> {
        self.sign_message(account, &message)
    }

    fn personal_sign(&self, message: Bytes, account: Address) -> RpcResult<Bytes> {
        self.sign_message(account, &message)
    }

    fn sign_typed_data(&self, account: Address, data: Value) -> RpcResult<Bytes> {
        // Wallets take the data also as text.
        let data: Result<TypedData, _> = match &data {
            Value::String(text) => serde_json::from_str(text),
            _ => serde_json::from_value(data),
        };
        let data = data.map_err(|malformed| error(INVALID_PARAMS, malformed))?;
        let hash = data.signing_hash().map_err(|wrong| error(INVALID_PARAMS, wrong))?;
        let signature = self.known_key(account)?.sign_hash_sync(&hash);
        let signature = signature.map_err(|failed| error(INTERNAL, failed))?;
        Ok(signature.as_bytes().to_vec().into())
    }
}
