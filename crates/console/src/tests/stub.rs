//! A chain in memory: empty blocks, and one with two calls of `members`.

use std::sync::Arc;

use alloy_consensus::{
    Header, Receipt, ReceiptEnvelope, ReceiptWithBloom, SignableTransaction, TxEip1559,
};
use alloy_primitives::{Bytes, TxKind, keccak256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use async_trait::async_trait;
use qiao_api::{
    Chain, ChainFailure, Head, HeadStatus, NodeStatus, PoolStatus, Quantiles, SubmitError,
    ValidatorStatus,
};
use qiao_execution::ExecutionConfig;
use qiao_indexer::Index;
use qiao_types::{
    Address, B256, Block, ExecutedReceipt, FinalizedBlock, Genesis, GenesisMember,
    GenesisOrganisation, GenesisValidator, MemoryState, Parameters, RoleName, SignedTransaction,
    StateCommitment, StateSource, StateUnavailable, TxEnvelope,
};
use tokio::sync::watch;

/// A chain that only remembers.
pub(crate) struct StubChain {
    pub(crate) status: NodeStatus,
    pub(crate) blocks: Vec<Arc<FinalizedBlock>>,
    genesis: Genesis,
    index: Index,
    execution: ExecutionConfig,
    heads: watch::Sender<Head>,
}

fn signer(number: usize) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&keccak256(format!("party {number}"))).unwrap()
}

impl StubChain {
    /// A chain of so many blocks.
    pub(crate) fn new(count: u64) -> Self {
        let genesis = genesis();
        let blocks: Vec<_> = (0..count).map(|number| Arc::new(block(number, &genesis))).collect();
        let last = blocks.last().unwrap();
        let head = Head { number: count - 1, hash: last.hash, timestamp_ms: last.timestamp_ms };
        let status = status(&genesis, head);
        let opening = Index::open("sqlite::memory:");
        let index = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(opening).unwrap()
        });
        let execution = ExecutionConfig::from_genesis(&genesis);
        Self { status, blocks, genesis, index, execution, heads: watch::Sender::new(head) }
    }
}

fn genesis() -> Genesis {
    let parties = qiao_sample::parties();
    let organisations = (1..).zip(&parties).map(|(id, party)| GenesisOrganisation {
        id,
        name: party.name.to_owned(),
        gln: Some(party.gln()),
        accounts: vec![GenesisMember {
            address: signer(id as usize).address(),
            roles: vec![RoleName::Admin, RoleName::Capturer],
        }],
    });
    let validators = (1..=4).map(|id: u64| GenesisValidator {
        organisation: id,
        name: format!("member-{id}"),
        network_key: keccak256(id.to_be_bytes()),
        vote_key: Bytes::new(),
        possession: Bytes::new(),
        account: signer(id as usize).address(),
        address: format!("127.0.0.1:900{id}"),
    });
    Genesis {
        chain_id: 9521,
        name: "Harbour food network".into(),
        timestamp_ms: crate::words::now_ms(),
        parameters: Parameters::default(),
        organisations: organisations.collect(),
        validators: validators.collect(),
        accounts: Default::default(),
        state: StateCommitment {
            root: B256::ZERO,
            operations_root: B256::ZERO,
            operations_start: 0,
            operations_end: 0,
        },
    }
}

fn block(number: u64, genesis: &Genesis) -> FinalizedBlock {
    let header = Header { number, gas_limit: 1_000_000_000, ..Header::default() };
    let proposer = match number {
        0 => B256::ZERO,
        _ => genesis.validators[(number % 4) as usize].network_key,
    };
    let (mut transactions, mut receipts) = (Vec::new(), Vec::new());
    if number == 2 {
        let not_admin = [&keccak256("NotAdmin(address)")[..4], &[0; 32]].concat();
        for (nonce, output) in [(0, vec![]), (1, not_admin)] {
            transactions.push(add_account(nonce));
            let status = output.is_empty().into();
            let receipt = Receipt { status, cumulative_gas_used: 30_000, logs: vec![] };
            receipts.push(ExecutedReceipt {
                envelope: ReceiptEnvelope::Eip1559(ReceiptWithBloom::from(receipt)),
                gas_used: 30_000,
                contract_address: None,
                output: output.into(),
            });
        }
    }
    let block = Block { header, transactions };
    let hash = block.hash();
    let timestamp_ms = genesis.timestamp_ms - 60_000 + number * 1_000;
    FinalizedBlock { block, hash, receipts, timestamp_ms, proposer }
}

fn add_account(nonce: u64) -> Arc<SignedTransaction> {
    let selector = &keccak256("addAccount(address)")[..4];
    let input = [selector, Address::repeat_byte(7).into_word().as_slice()].concat();
    let to = qiao_modules::MODULES[0].address;
    let transaction = TxEip1559 {
        chain_id: 9521,
        nonce,
        gas_limit: 100_000,
        to: TxKind::Call(to),
        input: input.into(),
        ..TxEip1559::default()
    };
    let signature = signer(1).sign_hash_sync(&transaction.signature_hash()).unwrap();
    let envelope = TxEnvelope::from(transaction.into_signed(signature));
    Arc::new(SignedTransaction::from_envelope(envelope).unwrap())
}

fn status(genesis: &Genesis, head: Head) -> NodeStatus {
    let validators = genesis.validators.iter().map(|validator| ValidatorStatus {
        name: validator.name.clone(),
        organisation: genesis.organisation(validator.organisation).unwrap().name.clone(),
        network_key: validator.network_key,
        address: validator.address.clone(),
        connected: true,
        last_voted_ago_ms: Some(300),
        last_proposed_height: Some(head.number),
        version: Some("0.1.0".into()),
        is_self: validator.organisation == 1,
    });
    NodeStatus {
        node: "member-1".into(),
        organisation: "Lantern Markets".into(),
        version: "qiao 0.1.0".into(),
        network: genesis.name.clone(),
        chain_id: genesis.chain_id,
        genesis: genesis.fingerprint(),
        head: HeadStatus {
            number: head.number,
            hash: head.hash,
            timestamp_ms: head.timestamp_ms,
            state_root: B256::ZERO,
        },
        epoch: 0,
        view: head.number,
        validators: validators.collect(),
        pool: PoolStatus::default(),
        finality_ms: Quantiles { p50: Some(14.2), p99: Some(31.0), last: Some(13.9) },
        block_interval_ms: 980,
        transactions_per_second: 3.2,
        data_dir: "/var/lib/qiao".into(),
        disk_free_bytes: 40 << 30,
        index_block: head.number,
        started_ms: genesis.timestamp_ms,
        is_final_progressing: true,
        stalled_reason: None,
    }
}

#[async_trait]
impl Chain for StubChain {
    fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    fn client_version(&self) -> String {
        "qiao/v0.1.0".into()
    }

    fn head(&self) -> Head {
        *self.heads.borrow()
    }

    fn heads(&self) -> watch::Receiver<Head> {
        self.heads.subscribe()
    }

    async fn block_by_number(
        &self,
        number: u64,
    ) -> Result<Option<Arc<FinalizedBlock>>, ChainFailure> {
        Ok(usize::try_from(number).ok().and_then(|number| self.blocks.get(number)).cloned())
    }

    async fn block_by_hash(&self, hash: B256) -> Result<Option<Arc<FinalizedBlock>>, ChainFailure> {
        Ok(self.blocks.iter().find(|block| block.hash == hash).cloned())
    }

    async fn transaction(
        &self,
        hash: B256,
    ) -> Result<Option<(Arc<FinalizedBlock>, usize)>, ChainFailure> {
        Ok(self.blocks.iter().find_map(|block| {
            let position = block.block.transactions.iter().position(|tx| tx.hash() == hash)?;
            Some((block.clone(), position))
        }))
    }

    fn pooled(&self, _: B256) -> Option<Arc<SignedTransaction>> {
        None
    }

    async fn state_at(&self, _: u64) -> Result<Arc<dyn StateSource>, StateUnavailable> {
        Ok(Arc::new(MemoryState::default()))
    }

    async fn submit(&self, _: Arc<SignedTransaction>) -> Result<B256, SubmitError> {
        Err(SubmitError::Failure(ChainFailure::Stopping))
    }

    async fn next_nonce(&self, _: Address) -> Result<u64, ChainFailure> {
        Ok(0)
    }

    fn execution(&self) -> &ExecutionConfig {
        &self.execution
    }

    fn index(&self) -> &Index {
        &self.index
    }

    fn status(&self) -> NodeStatus {
        self.status.clone()
    }

    fn signer(&self) -> Option<&PrivateKeySigner> {
        None
    }
}
