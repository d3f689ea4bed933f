//! The chain whose pages are tested: real execution and index in memory, over the parties of the
//! sample trade, with a status that a test may change.

use std::sync::Arc;

use alloy_consensus::{SignableTransaction, TxEip1559};
use alloy_primitives::{Bytes, TxKind, keccak256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::SolCall;
use async_trait::async_trait;
use qiao_api::{
    Chain, ChainFailure, Head, NodeStatus, Quantiles, SubmitError, ValidatorStatus,
    contracts::Sources,
    goods::Cabinet,
    sharing::{Keyring, SharingDesk},
};
use qiao_devchain::DevChain;
use qiao_epcis::Limits;
use qiao_execution::ExecutionConfig;
use qiao_indexer::Index;
use qiao_mempool::Listed;
use qiao_modules::{MODULES, members::IMembers, traceability::ITraceability};
use qiao_types::{
    Address, B256, FinalizedBlock, Genesis, GenesisMember, GenesisOrganisation, GenesisValidator,
    Parameters, RoleName, SignedTransaction, StateCommitment, StateSource, StateUnavailable,
    TxEnvelope,
};
use tokio::sync::watch;

use crate::words;

const CHAIN_ID: u64 = 9_521;

/// A chain in memory that also tells of four validators.
pub(crate) struct ShownChain {
    local: Arc<DevChain>,
    pub(crate) status: NodeStatus,
    pub(crate) signer: Option<PrivateKeySigner>,
    hosted: Vec<PrivateKeySigner>,
    sharing: SharingDesk,
}

/// The key of an organisation by its number, from 1.
fn signer(organisation: u64) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&keccak256(format!("party {organisation}"))).unwrap()
}

/// The keys with which an organisation opens what was sealed for it.
pub(crate) fn sharing_keys(organisation: u8) -> Keyring {
    Keyring::parse(&alloy_primitives::hex::encode([organisation; 32])).unwrap()
}

/// An account that belongs to nobody yet.
pub(crate) fn newcomer(number: u64) -> Address {
    Address::left_padding_from(&(0xabc0 + number).to_be_bytes())
}

impl ShownChain {
    /// Block 0 alone.
    pub(crate) async fn empty() -> Self {
        let local = DevChain::start(genesis(), None).await.unwrap();
        let mut status = local.status();
        status.node = "member-1".into();
        status.finality_ms = Quantiles { p50: Some(14.2), p99: Some(31.0), last: Some(13.9) };
        status.block_interval_ms = 980;
        status.transactions_per_second = 3.2;
        status.is_final_progressing = true;
        status.stalled_reason = None;
        let genesis = local.genesis();
        let validators = genesis.validators.iter().map(|validator| ValidatorStatus {
            name: validator.name.clone(),
            organisation: genesis.organisation(validator.organisation).unwrap().name.clone(),
            network_key: validator.network_key,
            address: validator.address.clone(),
            connected: true,
            last_voted_ago_ms: Some(300),
            last_proposed_height: None,
            version: None,
            is_self: validator.organisation == 1,
        });
        status.validators = validators.collect();
        let sharing = SharingDesk::in_memory(sharing_keys(1));
        Self { local, status, signer: Some(signer(1)), hosted: Vec::new(), sharing }
    }

    /// The chain after so many empty blocks.
    pub(crate) async fn blocks(count: u64) -> Self {
        let chain = Self::empty().await;
        for _ in 0..count {
            chain.local.make_block().await.unwrap();
        }
        chain
    }

    /// The chain on which the whole sample trade was captured.
    pub(crate) async fn trade() -> Self {
        let chain = Self::empty().await;
        let now_ms = i64::try_from(words::now_ms()).unwrap();
        for step in qiao_sample::trade(qiao_sample::start_before(now_ms)).documents {
            let document = step.document_json.as_bytes();
            let document = qiao_epcis::parse(document, &Limits::default()).unwrap();
            let events: Vec<String> = document.events.iter().map(|one| one.to_json()).collect();
            chain.capture(step.party_index as u64 + 1, &events).await;
        }
        chain
    }

    /// The same, with a node that keeps the desks of all parties.
    pub(crate) async fn trade_with_desks() -> Self {
        let hosted = (2..=qiao_sample::parties().len() as u64).map(signer).collect();
        Self { hosted, ..Self::trade().await }
    }

    /// Sends a call of a module from an organisation's account and returns the transaction.
    pub(crate) async fn call(&self, organisation: u64, module: &str, call: impl SolCall) -> B256 {
        let signer = signer(organisation);
        let module = MODULES.iter().find(|one| one.name == module).unwrap();
        let transaction = TxEip1559 {
            chain_id: CHAIN_ID,
            nonce: self.local.next_nonce(signer.address()).await.unwrap(),
            gas_limit: 200_000_000,
            to: TxKind::Call(module.address),
            input: call.abi_encode().into(),
            ..TxEip1559::default()
        };
        let signature = signer.sign_hash_sync(&transaction.signature_hash()).unwrap();
        let envelope = TxEnvelope::from(transaction.into_signed(signature));
        let signed = SignedTransaction::from_envelope(envelope).unwrap();
        self.local.submit(Arc::new(signed)).await.unwrap()
    }

    /// An organisation captures events for itself.
    pub(crate) async fn capture(&self, party: u64, events: &[String]) -> B256 {
        let events = events.iter().map(|event| Bytes::from(event.clone().into_bytes()));
        let call = ITraceability::captureCall { party, events: events.collect() };
        self.call(party, "traceability", call).await
    }

    /// An organisation's account adds a newcomer to its organisation.
    pub(crate) async fn add_account(&self, organisation: u64, account: Address) -> B256 {
        self.call(organisation, "members", IMembers::addAccountCall { account }).await
    }
}

/// A genesis without organisations.
pub(crate) fn genesis_of_nobody() -> Genesis {
    Genesis {
        organisations: Vec::new(),
        validators: Vec::new(),
        timestamp_ms: words::now_ms(),
        ..genesis()
    }
}

/// Every party is an organisation; the last one's account is not an admin.
fn genesis() -> Genesis {
    let parties = qiao_sample::parties();
    let last = parties.len() as u64;
    let organisations = (1..).zip(&parties).map(|(id, party)| {
        let mut roles = vec![RoleName::Admin, RoleName::Capturer, RoleName::Deployer];
        if party.runs_validator {
            roles.push(RoleName::Validator);
        }
        if party.kind == qiao_sample::PartyKind::Regulator {
            roles.push(RoleName::Regulator);
        }
        let mut accounts = vec![GenesisMember { address: signer(id).address(), roles }];
        if id == last {
            accounts[0].roles.retain(|role| *role != RoleName::Admin);
            let address = newcomer(99);
            accounts.push(GenesisMember { address, roles: vec![RoleName::Admin] });
        }
        GenesisOrganisation { id, name: party.name.to_owned(), gln: Some(party.gln()), accounts }
    });
    let validators = (1..=4_u64).map(|id| GenesisValidator {
        organisation: id,
        name: format!("member-{id}"),
        network_key: keccak256(id.to_be_bytes()),
        vote_key: Bytes::new(),
        possession: Bytes::new(),
        account: signer(id).address(),
        address: format!("127.0.0.1:900{id}"),
    });
    Genesis {
        chain_id: CHAIN_ID,
        name: "Harbour food network".into(),
        timestamp_ms: words::now_ms(),
        parameters: Parameters::default(),
        organisations: organisations.collect(),
        validators: validators.collect(),
        accounts: Default::default(),
        imported: None,
        state: StateCommitment {
            root: B256::ZERO,
            operations_root: B256::ZERO,
            operations_start: 0,
            operations_end: 0,
        },
    }
}

#[async_trait]
impl Chain for ShownChain {
    fn genesis(&self) -> &Genesis {
        self.local.genesis()
    }

    fn client_version(&self) -> String {
        self.local.client_version()
    }

    fn head(&self) -> Head {
        self.local.head()
    }

    fn heads(&self) -> watch::Receiver<Head> {
        self.local.heads()
    }

    async fn block_by_number(
        &self,
        number: u64,
    ) -> Result<Option<Arc<FinalizedBlock>>, ChainFailure> {
        self.local.block_by_number(number).await
    }

    async fn block_by_hash(&self, hash: B256) -> Result<Option<Arc<FinalizedBlock>>, ChainFailure> {
        self.local.block_by_hash(hash).await
    }

    async fn transaction(
        &self,
        hash: B256,
    ) -> Result<Option<(Arc<FinalizedBlock>, usize)>, ChainFailure> {
        self.local.transaction(hash).await
    }

    fn pooled(&self, hash: B256) -> Option<Arc<SignedTransaction>> {
        self.local.pooled(hash)
    }

    fn waiting(&self, sender: Option<Address>, limit: usize) -> Vec<Listed> {
        self.local.waiting(sender, limit)
    }

    fn arrivals(&self) -> watch::Receiver<u64> {
        self.local.arrivals()
    }

    async fn certificate(&self, number: u64) -> Option<Bytes> {
        self.local.certificate(number).await
    }

    async fn state_at(&self, number: u64) -> Result<Arc<dyn StateSource>, StateUnavailable> {
        self.local.state_at(number).await
    }

    async fn submit(&self, transaction: Arc<SignedTransaction>) -> Result<B256, SubmitError> {
        self.local.submit(transaction).await
    }

    async fn next_nonce(&self, account: Address) -> Result<u64, ChainFailure> {
        self.local.next_nonce(account).await
    }

    fn execution(&self) -> &ExecutionConfig {
        self.local.execution()
    }

    fn index(&self) -> &Index {
        self.local.index()
    }

    fn status(&self) -> NodeStatus {
        let head = self.local.status().head;
        NodeStatus { head, view: head.number, ..self.status.clone() }
    }

    fn sources(&self) -> Option<&Sources> {
        self.local.sources()
    }

    fn cabinet(&self) -> Option<&Cabinet> {
        self.local.cabinet()
    }

    fn sharing(&self) -> Option<&SharingDesk> {
        Some(&self.sharing)
    }

    fn signer(&self) -> Option<&PrivateKeySigner> {
        self.signer.as_ref()
    }

    fn hosted_signers(&self) -> &[PrivateKeySigner] {
        &self.hosted
    }
}
