//! The chain as it must be: every final block executed again on a plain map, and compared.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use alloy_consensus::Transaction as _;
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall as _;
use qiao_consensus::{Engine, FinalityVerifier, Head, simulated::Replica};
use qiao_execution::{BlockEnvironment, ExecutionConfig, execute_block, genesis_changes};
use qiao_modules::traceability::{self, ITraceability};
use qiao_state::verify_entry;
use qiao_types::{
    AccountState, B256, Block, Bytes, FinalizedBlock, Genesis, MemoryState, StateChange, StateKey,
    StateUnavailable,
};

use crate::trade::{Book, Views};

/// States of so many past blocks are kept for comparison.
const PAST: usize = 32;
/// Every so many blocks the finality certificate is checked.
const CERTIFICATE_EVERY: u64 = 8;
/// Every so many blocks everything in the modules of finance is added up.
const BOOK_EVERY: u64 = 16;

/// The reference, and everything that it has seen.
pub struct Reference {
    /// The newest block, for calls after it.
    env: Option<BlockEnvironment>,
    /// What clients agreed on in the modules of finance.
    pub book: Book,
    execution: ExecutionConfig,
    state: Arc<MemoryState>,
    replica: Replica,
    finality: FinalityVerifier,
    blocks: BTreeMap<u64, Head>,
    past: VecDeque<Past>,
    holders: Vec<Address>,
    money: U256,
    events: BTreeSet<B256>,
    captured: u64,
    included: BTreeMap<B256, u64>,
}

struct Past {
    number: u64,
    state: Arc<MemoryState>,
    changed: Vec<StateKey>,
}

impl Reference {
    /// The chain at block 0. `holders` are all accounts that ever hold money.
    pub fn new(genesis: &Genesis, zero: Head, replica: Replica, holders: Vec<Address>) -> Self {
        let mut state = MemoryState::default();
        state.apply(&genesis_changes(genesis).expect("the validators run on this genesis"));
        let state = Arc::new(state);
        let past = Past { number: 0, state: state.clone(), changed: Vec::new() };
        let money = money(&state, &holders);
        Self {
            env: None,
            book: Book::default(),
            execution: ExecutionConfig::from_genesis(genesis),
            state,
            replica,
            finality: FinalityVerifier::new(genesis).expect("the validators run on this genesis"),
            blocks: BTreeMap::from([(0, zero)]),
            past: VecDeque::from([past]),
            holders,
            money,
            events: BTreeSet::new(),
            captured: 0,
            included: BTreeMap::new(),
        }
    }

    /// The newest block that was compared.
    pub fn head(&self) -> Head {
        *self.blocks.last_key_value().expect("block 0 is always there").1
    }

    /// Every block that was ever announced as final.
    pub fn blocks(&self) -> impl Iterator<Item = &Head> {
        self.blocks.values()
    }

    /// The block that was announced at a height.
    pub fn block(&self, number: u64) -> Option<&Head> {
        self.blocks.get(&number)
    }

    /// The height at which a transaction became final.
    pub fn height_of(&self, transaction: &B256) -> Option<u64> {
        self.included.get(transaction).copied()
    }

    /// How many transactions are final.
    pub fn transactions(&self) -> usize {
        self.included.len()
    }

    /// How many events were captured.
    pub fn events(&self) -> u64 {
        self.captured
    }

    /// Executes the next block again and compares everything that its header says.
    pub async fn follow(&mut self, block: &FinalizedBlock) {
        let (header, parent) = (&block.block.header, self.head());
        let number = header.number;
        assert_eq!(number, parent.number + 1, "a height was left out");
        assert_eq!(header.parent_hash, parent.hash, "block {number} hangs on another block");
        assert_eq!(header.hash_slow(), block.hash, "block {number} has another hash");
        assert!(block.timestamp_ms >= parent.timestamp_ms, "time went back in block {number}");
        let env = BlockEnvironment::of(header);
        let transactions = &block.block.transactions;
        let executed =
            execute_block(&self.execution, &env, self.state.as_ref(), transactions).await;
        let executed = executed.unwrap_or_else(|error| panic!("block {number}: {error}"));
        let transactions_root = Block::transactions_root(transactions);
        assert_eq!(transactions_root, header.transactions_root, "block {number}");
        assert_eq!(executed.receipts_root, header.receipts_root, "block {number}");
        assert_eq!(executed.gas_used, header.gas_used, "block {number}");
        assert_eq!(executed.receipts, block.receipts, "receipts of block {number}");
        self.apply(number, &executed.changes);
        let commitment = self.replica.apply(&executed.changes).await;
        assert_eq!(commitment.root, header.state_root, "state after block {number}");
        for transaction in transactions {
            let earlier = self.included.insert(transaction.hash(), number);
            assert_eq!(earlier, None, "{} is final twice", transaction.hash());
        }
        self.check_conservation(number, block);
        self.book.follow(block);
        if number.is_multiple_of(BOOK_EVERY) {
            self.book
                .check(&Views { execution: &self.execution, env: &env, state: &self.state })
                .await;
        }
        self.env = Some(env);
        let head = Head {
            number,
            hash: block.hash,
            timestamp_ms: block.timestamp_ms,
            state_root: header.state_root,
        };
        self.blocks.insert(number, head);
    }

    fn apply(&mut self, number: u64, changes: &[StateChange]) {
        for change in changes {
            let before = self.state.get(&change.key);
            assert_eq!(before, change.before.as_ref(), "block {number} read another value");
        }
        let mut state = self.state.as_ref().clone();
        state.apply(changes);
        self.state = Arc::new(state);
        let changed = changes.iter().map(|change| change.key).collect();
        self.past.push_back(Past { number, state: self.state.clone(), changed });
        while self.past.len() > PAST {
            self.past.pop_front();
        }
    }

    /// No money appears or vanishes; an event is captured once, and every captured one is there.
    fn check_conservation(&mut self, number: u64, block: &FinalizedBlock) {
        let money = money(&self.state, &self.holders);
        assert_eq!(money, self.money, "block {number} made or destroyed money");
        for (transaction, receipt) in block.block.transactions.iter().zip(&block.receipts) {
            if transaction.envelope().to() != Some(traceability::ADDRESS) || !receipt.succeeded() {
                continue;
            }
            let Ok(output) = ITraceability::captureCall::abi_decode_returns(&receipt.output) else {
                continue;
            };
            let known = self.events.len();
            self.events.extend(output.eventHashes);
            let new = (self.events.len() - known) as u64;
            assert_eq!(new, u64::from(output.captured), "events captured in block {number}");
            self.captured += new;
        }
    }

    /// Nothing appeared or vanished in the modules of finance.
    pub async fn check_book(&self) {
        let Some(env) = &self.env else { return };
        self.book.check(&Views { execution: &self.execution, env, state: &self.state }).await;
    }

    /// A validator proves that its head is final.
    pub async fn check_certificate(&self, engine: &Engine, label: usize) {
        let head = *engine.heads.borrow();
        if head.number == 0 || !head.number.is_multiple_of(CERTIFICATE_EVERY) {
            return;
        }
        // A block may be final through its successor alone.
        let Some(certificate) = engine.ledger.certificate(head.number).await else { return };
        let proved = self.finality.verify(head.hash, &certificate);
        let signers = proved.unwrap_or_else(|error| panic!("validator {label}: {error}"));
        assert!(signers.len() >= 3, "validator {label} at block {}", head.number);
    }

    /// The store of a validator gives the same values as the map, at its head and before.
    /// `draws` choose the keys and the heights.
    pub async fn check_reads(&self, engine: &Engine, label: usize, draws: [u64; 4]) {
        let head = engine.heads.borrow().number;
        let back = draws[0] % PAST as u64;
        for number in [head, head.saturating_sub(back)] {
            let Some(past) = self.past.iter().find(|past| past.number == number) else { continue };
            let keys = self.keys(past, draws);
            let source = match engine.states.at(number) {
                Ok(source) => source,
                Err(StateUnavailable::Pruned { .. }) => continue,
                Err(error) => panic!("validator {label} cannot read block {number}: {error}"),
            };
            match source.read(&keys).await {
                Ok(values) => compare(&past.state, &keys, &values, label, number),
                Err(StateUnavailable::Pruned { .. }) => {}
                Err(error) => panic!("validator {label} cannot read block {number}: {error}"),
            }
        }
    }

    /// The paths that a validator hands out lead from the values of the map to the root of the
    /// reference, of what is there and of what is not.
    pub async fn check_paths(&self, engine: &Engine, label: usize, draws: [u64; 4]) {
        let head = engine.heads.borrow().number;
        let Some(past) = self.past.iter().find(|past| past.number == head) else { return };
        let keys = self.keys(past, draws);
        let proved = engine.states.prove(&keys).await;
        let proved = proved.unwrap_or_else(|error| panic!("validator {label}: {error}"));
        // The store may have gone on to a block that is not announced yet.
        let mut known = self.blocks.values().rev().take(PAST);
        let Some(block) = known.find(|block| block.state_root == proved.root) else { return };
        let Some(past) = self.past.iter().find(|past| past.number == block.number) else { return };
        for (key, entry) in keys.iter().zip(&proved.entries) {
            let number = block.number;
            assert_eq!(entry.value.as_ref(), past.state.get(key), "block {number}, key {}", key.0);
            verify_entry(proved.root, *key, entry.value.as_ref(), &entry.path)
                .unwrap_or_else(|error| panic!("validator {label}, block {number}: {error}"));
        }
    }

    /// What changed around a height, something old, and something that is not there.
    fn keys(&self, past: &Past, draws: [u64; 4]) -> Vec<StateKey> {
        let near = self.past.iter().filter(|other| other.number.abs_diff(past.number) <= 2);
        let mut keys: Vec<StateKey> =
            near.flat_map(|other| other.changed.iter().copied()).take(64).collect();
        let count = past.state.entries().count() as u64;
        let old = draws[1..].iter().filter_map(|draw| {
            past.state.entries().nth((draw % count.max(1)) as usize).map(|(key, _)| *key)
        });
        keys.extend(old);
        keys.push(StateKey::account(Address::left_padding_from(&draws[1].to_be_bytes())));
        keys.push(StateKey::storage(Address::ZERO, U256::from(draws[2])));
        keys
    }
}

fn compare(
    state: &MemoryState,
    keys: &[StateKey],
    values: &[Option<Bytes>],
    label: usize,
    number: u64,
) {
    for (key, value) in keys.iter().zip(values) {
        let expected = state.get(key);
        assert_eq!(value.as_ref(), expected, "validator {label}, block {number}, key {}", key.0);
    }
}

fn money(state: &MemoryState, holders: &[Address]) -> U256 {
    let balance = |holder: &Address| {
        let bytes = state.get(&StateKey::account(*holder))?;
        Some(AccountState::decode(bytes).expect("stored accounts decode").balance)
    };
    holders.iter().filter_map(balance).fold(U256::ZERO, |sum, balance| sum + balance)
}
