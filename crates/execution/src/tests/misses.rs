//! The outcome does not depend on how the state is fetched.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use alloy_primitives::{Address, Bytes, U256};
use async_trait::async_trait;
use proptest::prelude::*;
use qiao_types::{
    AccountState, MemoryState, SignedTransaction, StateChange, StateKey, StateSource,
    StateUnavailable,
};

use super::chain::*;
use crate::{ExecutionError, driver::Tuning, execute_block};

/// Ways of fetching: the usual one; one value at a time, running again each time; never running
/// again but waiting for each value; trying the rest of the block ahead each time.
/// Each of them with a state of which nothing is at hand, half of it or, the usual case, all.
pub(super) fn ways() -> impl Iterator<Item = (Tuning, u16)> {
    let usual = Tuning::default();
    let bare = Tuning { is_prefetching: false, trial_rounds: 0, ..usual };
    let tunings = [
        usual,
        Tuning { interruptions_max: usize::MAX, ..bare },
        Tuning { interruptions_max: 0, ..bare },
        Tuning { trial_rounds: usize::MAX, interruptions_max: usize::MAX, ..bare },
    ];
    tunings.into_iter().flat_map(|tuning| [0, 128, 256].map(|at_hand| (tuning, at_hand)))
}

#[derive(Debug, Clone)]
enum Action {
    Pay { from: u8, to: u8, ether: u64 },
    Token { from: u8, to: u8, value: u64 },
    Deploy { from: u8 },
    Delegate { from: u8, to: u8 },
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        (1..4u8, 1..7u8, 0..4u64).prop_map(|(from, to, ether)| Action::Pay { from, to, ether }),
        (1..4u8, 1..7u8, 0..600u64).prop_map(|(from, to, value)| Action::Token { from, to, value }),
        (1..4u8).prop_map(|from| Action::Deploy { from }),
        (1..4u8, 1..4u8).prop_map(|(from, to)| Action::Delegate { from, to }),
    ]
}

/// Signs the actions with nonces in sequence. A delegation that raises the authority's nonce may
/// make a later transaction invalid: builders drop it.
fn transactions(actions: &[Action], token: Address) -> Vec<Arc<SignedTransaction>> {
    let mut nonces = [0, 1, 0, 0];
    let mut next = |from: u8| {
        let nonce = nonces[usize::from(from)];
        nonces[usize::from(from)] += 1;
        nonce
    };
    actions
        .iter()
        .map(|action| match *action {
            Action::Pay { from, to, ether } => {
                let value = U256::from(ether) * ETHER;
                pay(&signer(from), next(from), signer(to).address(), value)
            }
            Action::Token { from, to, value } => {
                token_transfer(&signer(from), next(from), token, signer(to).address(), value)
            }
            Action::Deploy { from } => create(&signer(from), next(from), token_code(9)),
            Action::Delegate { from, to } => {
                delegate(&signer(from), next(from), &signer(to), token)
            }
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_way_of_fetching_gives_the_same_block(
        actions in proptest::collection::vec(action(), 1..20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let (chain, token) = Chain::with_token(1_000).await;
            let candidates = transactions(&actions, token);
            let env = chain.next_env();
            let built =
                crate::build_block(&chain.config, &env, &chain.state, candidates, 1 << 20)
                    .await
                    .expect("the state can be read");
            for (tuning, at_hand) in ways() {
                let executed = chain.execute_tuned(&built.transactions, tuning, at_hand).await;
                assert_eq!(executed.as_ref(), Ok(&built.executed), "{at_hand} {tuning:?}");
            }
            let mut after = chain.state.clone();
            after.apply(&built.executed.changes);
            assert_eq!(wealth(&after), wealth(&chain.state), "no value is created or lost");
        });
    }
}

/// The sum of all balances. No slot and no code in these tests is as long as an account.
fn wealth(state: &MemoryState) -> U256 {
    let accounts = state.entries().filter_map(|(_, bytes)| AccountState::decode(bytes).ok());
    accounts.fold(U256::ZERO, |sum, account| sum + account.balance)
}

#[tokio::test]
async fn a_damaged_store_is_not_the_blocks_fault() {
    let chain = Chain::new();
    let mut state = chain.state.clone();
    let key = StateKey::account(member().address());
    let before = state.get(&key).cloned();
    state.apply(&[StateChange { key, before, after: Some(Bytes::from_static(&[1; 71])) }]);
    let tx = pay(&member(), 0, Address::repeat_byte(7), ETHER);
    let error = execute_block(&chain.config, &chain.next_env(), &state, &[tx])
        .await
        .expect_err("the sender's account cannot be read");
    assert!(matches!(&error, ExecutionError::Fatal(reason) if reason.contains("71 bytes")));
    assert!(!error.is_invalid_block());
}

/// Counts how often it is asked.
pub(super) struct Counting {
    state: MemoryState,
    reads: AtomicUsize,
}

impl Counting {
    pub(super) fn of(state: &MemoryState) -> Self {
        Self { state: state.clone(), reads: AtomicUsize::new(0) }
    }

    pub(super) fn reads(&self) -> usize {
        self.reads.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl StateSource for Counting {
    async fn read(&self, keys: &[StateKey]) -> Result<Vec<Option<Bytes>>, StateUnavailable> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.state.read(keys).await
    }
}

#[tokio::test]
async fn a_block_of_transfers_is_fetched_in_a_few_reads() {
    let (chain, token) = Chain::with_token(1_000_000).await;
    let txs: Vec<_> = (0..200u8)
        .map(|number| {
            let to = Address::repeat_byte(number.wrapping_add(30));
            token_transfer(&deployer(), 1 + u64::from(number), token, to, 1)
        })
        .collect();
    let source = Counting::of(&chain.state);
    let executed = execute_block(&chain.config, &chain.next_env(), &source, &txs)
        .await
        .expect("the block is valid");
    assert!(executed.receipts.iter().all(|receipt| receipt.succeeded()));
    let reads = source.reads();
    assert!(reads <= 10, "{reads} reads");
}

#[tokio::test]
async fn a_transaction_that_reads_a_thousand_slots_asks_for_each_once() {
    let mut chain = Chain::new();
    let executed = chain.advance(&[create(&deployer(), 0, installing(&READING))]).await;
    let contract = executed.receipts[0].contract_address.expect("a contract was created");
    let tx = changed(&member(), 0, |tx| {
        tx.to = contract.into();
        tx.gas_limit = 10_000_000;
        tx.input = Bytes::from(U256::from(1_000).to_be_bytes::<32>());
    });
    let source = Counting::of(&chain.state);
    let executed = execute_block(&chain.config, &chain.next_env(), &source, &[tx])
        .await
        .expect("the block is valid");
    assert!(executed.receipts[0].succeeded());
    assert!(executed.gas_used > 2_100_000, "a thousand cold slots were read");
    let reads = source.reads();
    assert!((1_000..1_020).contains(&reads), "{reads} reads");
}

/// Reads the slots n-1 to 0, n from the calldata.
const READING: [u8; 20] = [
    0x5f, 0x35, // n = calldata
    0x5b, // 2: loop
    0x80, 0x15, 0x60, 0x12, 0x57, // if n == 0 goto 18
    0x60, 0x01, 0x90, 0x03, // n = n - 1
    0x80, 0x54, 0x50, // read slot n
    0x60, 0x02, 0x56, // goto 2
    0x5b, 0x00, // 18: stop
];

/// A store that fails after some reads.
struct Failing {
    state: MemoryState,
    reads_left: AtomicUsize,
}

#[async_trait]
impl StateSource for Failing {
    async fn read(&self, keys: &[StateKey]) -> Result<Vec<Option<Bytes>>, StateUnavailable> {
        let left = self.reads_left.load(Ordering::Relaxed);
        if left == 0 {
            return Err(StateUnavailable::Store("disk".into()));
        }
        self.reads_left.store(left - 1, Ordering::Relaxed);
        self.state.read(keys).await
    }
}

#[tokio::test]
async fn a_failing_store_ends_the_block_without_blaming_it() {
    let (chain, token) = Chain::with_token(1_000).await;
    let txs = [token_transfer(&deployer(), 1, token, member().address(), 1)];
    for reads in 0..3 {
        let reads_left = AtomicUsize::new(reads);
        let source = Failing { state: chain.state.clone(), reads_left };
        let error = execute_block(&chain.config, &chain.next_env(), &source, &txs)
            .await
            .expect_err("the store fails");
        assert_eq!(error, ExecutionError::State(StateUnavailable::Store("disk".into())));
        assert!(!error.is_invalid_block());
    }
}

/// The engine runs these on a runtime that moves tasks between threads.
#[test]
fn executing_may_move_between_threads() {
    fn movable<T: Send>(_: &T) {}
    let (config, env) = (
        crate::ExecutionConfig {
            chain_id: 1,
            block_gas_limit: 1,
            permission: Default::default(),
            code_bytes_max: crate::CODE_BYTES_MAX,
        },
        crate::BlockEnvironment {
            number: 1,
            timestamp: 0,
            beneficiary: Default::default(),
            gas_limit: 1,
            parent_hash: Default::default(),
            prev_randao: Default::default(),
        },
    );
    let source = qiao_types::MemoryState::default();
    movable(&crate::execute_block(&config, &env, &source, &[]));
    movable(&crate::build_block(&config, &env, &source, Vec::new(), 0));
    movable(&crate::sender_standing(&config, &source, Default::default()));
}
