//! A chain in memory: each block is executed on the state that the last one left.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use alloy_consensus::{SignableTransaction as _, TxEip1559, TxEip7702, TxEnvelope};
use alloy_eips::eip7702::Authorization;
use alloy_primitives::{Address, B256, Bytes, TxKind, U256, hex, keccak256};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{SolCall, SolValue as _, sol};
use async_trait::async_trait;
use qiao_types::{
    AccountState, Genesis, GenesisAccount, GenesisMember, GenesisOrganisation, MemoryState,
    Parameters, RoleName, SignedTransaction, StateCommitment, StateKey, StateSource,
    StateUnavailable,
};

use crate::{
    BlockEnvironment, CallOutcome, CallRequest, ExecutedBlock, ExecutionConfig, ExecutionError,
    Rejection, call, driver::Tuning, execute_block, genesis_changes,
};

sol! {
    error InsufficientBalance(address account, uint256 balance, uint256 needed);
    event Transfer(address indexed from, address indexed to, uint256 value);
    function transfer(address to, uint256 value) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
    struct Call3 { address target; bool allowFailure; bytes callData; }
    struct Called { bool success; bytes returnData; }
    function aggregate3(Call3[] calldata calls) external payable returns (Called[] memory results);
    function getEthBalance(address addr) external view returns (uint256 balance);
}

pub const CHAIN_ID: u64 = 20_260;
pub const ETHER: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);

/// A member account that may deploy.
pub fn deployer() -> PrivateKeySigner {
    signer(1)
}

/// A member account without roles.
pub fn member() -> PrivateKeySigner {
    signer(2)
}

/// A member account that captures events for its organisation.
pub fn capturer() -> PrivateKeySigner {
    signer(5)
}

/// A regulator, who also administers the organisation.
pub fn regulator() -> PrivateKeySigner {
    signer(8)
}

/// An account that no organisation registered.
pub fn stranger() -> PrivateKeySigner {
    signer(9)
}

pub fn signer(number: u8) -> PrivateKeySigner {
    PrivateKeySigner::from_bytes(&B256::repeat_byte(number)).expect("a small number is a key")
}

pub struct Chain {
    pub config: ExecutionConfig,
    pub state: MemoryState,
    pub height: u64,
    pub parent_hash: B256,
}

impl Chain {
    pub fn new() -> Self {
        Self::with_accounts([])
    }

    pub fn with_accounts(extra: impl IntoIterator<Item = (Address, GenesisAccount)>) -> Self {
        let genesis = genesis(extra.into_iter().collect());
        let mut state = MemoryState::default();
        state.apply(&genesis_changes(&genesis).expect("the genesis obeys the rules"));
        let config = ExecutionConfig::from_genesis(&genesis);
        Self { config, state, height: 0, parent_hash: keccak256("genesis") }
    }

    pub fn next_env(&self) -> BlockEnvironment {
        BlockEnvironment {
            number: self.height + 1,
            timestamp: 1_800_000_000 + self.height,
            beneficiary: Address::repeat_byte(0xbe),
            gas_limit: self.config.block_gas_limit,
            parent_hash: self.parent_hash,
            prev_randao: self.parent_hash,
        }
    }

    pub async fn execute(
        &self,
        transactions: &[Arc<SignedTransaction>],
    ) -> Result<ExecutedBlock, ExecutionError> {
        execute_block(&self.config, &self.next_env(), &self.state, transactions).await
    }

    /// Executes a block whose state is at hand `at_hand` times of 256 that it is asked.
    pub async fn execute_tuned(
        &self,
        transactions: &[Arc<SignedTransaction>],
        tuning: Tuning,
        at_hand: u16,
    ) -> Result<ExecutedBlock, ExecutionError> {
        let env = self.next_env();
        let source = PartlyAtHand { state: &self.state, at_hand, asked: AtomicUsize::new(0) };
        crate::block::execute_tuned(&self.config, &env, &source, transactions, tuning).await
    }

    /// Executes a block and takes over its changes.
    pub async fn advance(&mut self, transactions: &[Arc<SignedTransaction>]) -> ExecutedBlock {
        let executed = self.execute(transactions).await.expect("the block is valid");
        self.state.apply(&executed.changes);
        self.height += 1;
        self.parent_hash = keccak256(self.height.to_be_bytes());
        executed
    }

    /// Why the block with this one transaction is invalid.
    pub async fn refusal(&self, tx: Arc<SignedTransaction>) -> Rejection {
        match self.execute(&[tx]).await {
            Err(ExecutionError::InvalidTransaction { reason, .. }) => reason,
            other => panic!("expected an invalid transaction, got {other:?}"),
        }
    }

    pub fn account(&self, address: Address) -> Option<AccountState> {
        let bytes = self.state.get(&StateKey::account(address))?;
        Some(AccountState::decode(bytes).expect("accounts are well formed"))
    }

    pub fn balance(&self, address: Address) -> U256 {
        self.account(address).unwrap_or_default().balance
    }

    pub async fn call(&self, request: CallRequest) -> CallOutcome {
        call(&self.config, &self.next_env(), &self.state, request).await.expect("the call runs")
    }

    /// Deploys the test token; its whole supply belongs to the deployer.
    pub async fn with_token(supply: u64) -> (Self, Address) {
        let mut chain = Self::new();
        let executed = chain.advance(&[create(&deployer(), 0, token_code(supply))]).await;
        assert!(executed.receipts[0].succeeded());
        let token = executed.receipts[0].contract_address.expect("a contract was created");
        (chain, token)
    }

    pub async fn token_balance(&self, token: Address, account: Address) -> U256 {
        let data = balanceOfCall { account }.abi_encode().into();
        let outcome = self.call(CallRequest { to: Some(token), data, ..Default::default() }).await;
        U256::from_be_slice(&outcome.output)
    }
}

pub fn genesis(mut accounts: BTreeMap<Address, GenesisAccount>) -> Genesis {
    for signer in [regulator(), deployer(), member(), signer(3), stranger()] {
        let account = GenesisAccount { balance: U256::from(10) * ETHER, ..Default::default() };
        accounts.insert(signer.address(), account);
    }
    Genesis {
        chain_id: CHAIN_ID,
        name: "test".into(),
        timestamp_ms: 0,
        parameters: Parameters::default(),
        organisations: vec![GenesisOrganisation {
            id: 1,
            name: "Test".into(),
            gln: None,
            accounts: vec![
                registered(&regulator(), &[RoleName::Regulator, RoleName::Admin]),
                registered(&deployer(), &[RoleName::Deployer]),
                registered(&member(), &[]),
                registered(&capturer(), &[RoleName::Capturer]),
                registered(&signer(3), &[]),
            ],
        }],
        validators: Vec::new(),
        accounts,
        imported: None,
        state: StateCommitment {
            root: B256::ZERO,
            operations_root: B256::ZERO,
            operations_start: 0,
            operations_end: 0,
        },
    }
}

fn registered(signer: &PrivateKeySigner, roles: &[RoleName]) -> GenesisMember {
    GenesisMember { address: signer.address(), roles: roles.to_vec() }
}

/// The creation code of the test token.
pub fn token_code(supply: u64) -> Bytes {
    let hex = include_str!("../../../loadtest/contracts/Erc20.bin");
    let mut code = hex::decode(hex.trim()).expect("the file is hexadecimal");
    code.extend(U256::from(supply).abi_encode());
    code.into()
}

/// Creation code that installs `runtime` as it is.
pub fn installing(runtime: &[u8]) -> Bytes {
    let length = u8::try_from(runtime.len()).expect("test contracts are short");
    // PUSH1 length, DUP1, PUSH1 9, PUSH0, CODECOPY, PUSH0, RETURN.
    let mut code = vec![0x60, length, 0x80, 0x60, 0x09, 0x5f, 0x39, 0x5f, 0xf3];
    code.extend_from_slice(runtime);
    code.into()
}

fn unsigned(nonce: u64, to: TxKind, value: U256, input: Bytes) -> TxEip1559 {
    TxEip1559 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 1_500_000,
        max_fee_per_gas: 0,
        max_priority_fee_per_gas: 0,
        to,
        value,
        access_list: Default::default(),
        input,
    }
}

pub fn sign(signer: &PrivateKeySigner, tx: TxEip1559) -> Arc<SignedTransaction> {
    let signature = signer.sign_hash_sync(&tx.signature_hash()).expect("signing works");
    let envelope = TxEnvelope::Eip1559(tx.into_signed(signature));
    Arc::new(SignedTransaction::from_envelope(envelope).expect("the signature recovers"))
}

pub fn pay(
    from: &PrivateKeySigner,
    nonce: u64,
    to: Address,
    value: U256,
) -> Arc<SignedTransaction> {
    sign(from, unsigned(nonce, TxKind::Call(to), value, Bytes::new()))
}

pub fn send(
    from: &PrivateKeySigner,
    nonce: u64,
    to: Address,
    input: Bytes,
) -> Arc<SignedTransaction> {
    sign(from, unsigned(nonce, TxKind::Call(to), U256::ZERO, input))
}

pub fn create(from: &PrivateKeySigner, nonce: u64, code: Bytes) -> Arc<SignedTransaction> {
    sign(from, unsigned(nonce, TxKind::Create, U256::ZERO, code))
}

pub fn changed(
    from: &PrivateKeySigner,
    nonce: u64,
    change: impl FnOnce(&mut TxEip1559),
) -> Arc<SignedTransaction> {
    let mut tx = unsigned(nonce, TxKind::Call(Address::repeat_byte(7)), U256::ZERO, Bytes::new());
    change(&mut tx);
    sign(from, tx)
}

pub fn token_transfer(
    from: &PrivateKeySigner,
    nonce: u64,
    token: Address,
    to: Address,
    value: u64,
) -> Arc<SignedTransaction> {
    let input = transferCall { to, value: U256::from(value) }.abi_encode();
    send(from, nonce, token, input.into())
}

/// A type 4 transaction of `from` in which `authority` takes over the code of `delegate`.
pub fn delegate(
    from: &PrivateKeySigner,
    nonce: u64,
    authority: &PrivateKeySigner,
    delegate: Address,
) -> Arc<SignedTransaction> {
    let authorization =
        Authorization { chain_id: U256::from(CHAIN_ID), address: delegate, nonce: 0 };
    let signature =
        authority.sign_hash_sync(&authorization.signature_hash()).expect("signing works");
    let tx = TxEip7702 {
        chain_id: CHAIN_ID,
        nonce,
        gas_limit: 200_000,
        max_fee_per_gas: 0,
        max_priority_fee_per_gas: 0,
        to: authority.address(),
        value: U256::ZERO,
        access_list: Default::default(),
        authorization_list: vec![authorization.into_signed(signature)],
        input: Bytes::new(),
    };
    let signature = from.sign_hash_sync(&tx.signature_hash()).expect("signing works");
    let envelope = TxEnvelope::Eip7702(tx.into_signed(signature));
    Arc::new(SignedTransaction::from_envelope(envelope).expect("the signature recovers"))
}

/// A state of which some is at hand, some has to be read, and none of it stays one or the other.
struct PartlyAtHand<'a> {
    state: &'a MemoryState,
    at_hand: u16,
    asked: AtomicUsize,
}

#[async_trait]
impl StateSource for PartlyAtHand<'_> {
    async fn read(&self, keys: &[StateKey]) -> Result<Vec<Option<Bytes>>, StateUnavailable> {
        self.state.read(keys).await
    }

    fn at_hand(&self, key: &StateKey) -> Option<Option<Bytes>> {
        let draw = key.0[0].wrapping_add(self.asked.fetch_add(1, Ordering::Relaxed) as u8);
        (u16::from(draw) < self.at_hand).then(|| self.state.get(key).cloned())
    }
}
