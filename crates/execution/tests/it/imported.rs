//! The chain of ethereum/execution-apis, executed by the EVM as this chain assembles it: under the
//! rules of every fork from Homestead to Osaka, with fees and rewards.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use alloy_consensus::{
    Block as RlpBlock, Eip658Value, Header, Receipt, ReceiptEnvelope, ReceiptWithBloom,
    Transaction as _, TxEnvelope, TxType, transaction::SignerRecoverable as _,
};
use alloy_eips::{eip2718::Encodable2718 as _, eip2935, eip4788, eip7002, eip7251};
use alloy_primitives::{Address, B256, Bytes, U256};
use alloy_rlp::Decodable as _;
use alloy_trie::{TrieAccount, root};
use qiao_execution::evm::assemble;
use qiao_module_kit::stub_code;
use qiao_types::{
    AccountState, Block, ExecutedReceipt, FinalizedBlock, MemoryState, SignedTransaction,
    StateChange, StateKey,
};
use revm::{
    Database as _, ExecuteCommitEvm as _, SystemCallCommitEvm as _,
    bytecode::Bytecode,
    context::{BlockEnv, CfgEnv, TxEnv, either::Either, result::ExecutionResult},
    context_interface::block::BlobExcessGasAndPrice,
    database::{CacheDB, EmptyDB, in_memory_db::AccountState as Existence},
    primitives::hardfork::SpecId,
    state::AccountInfo,
};
use serde_json::Value;

/// Blocks and the states after them.
pub struct Imported {
    pub chain_id: u64,
    pub blocks: Vec<Arc<FinalizedBlock>>,
    pub states: Vec<MemoryState>,
}

type Store = CacheDB<EmptyDB>;

/// Executes `chain.rlp` on `genesis.json` and compares every root with the headers.
pub fn import(folder: &Path) -> Imported {
    let text = fs::read_to_string(folder.join("genesis.json")).expect("it was unpacked");
    let genesis: Value = serde_json::from_str(&text).expect("it is JSON");
    let chain_id = genesis["config"]["chainId"].as_u64().expect("the chain has a number");
    let mut store = allocated(&genesis);
    let first = first_header(&genesis, state_root(&store));
    let mut imported = Imported {
        chain_id,
        blocks: vec![finalized(first, Vec::new(), Vec::new())],
        states: vec![exported(&store)],
    };
    let bytes = fs::read(folder.join("chain.rlp")).expect("it was unpacked");
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let block = RlpBlock::<TxEnvelope>::decode(&mut rest).expect("the blocks are RLP");
        let parent = imported.blocks.last().expect("there is block 0");
        assert_eq!(block.header.parent_hash, parent.hash, "block {}", block.header.number);
        let block = execute(&mut store, chain_id, block);
        imported.blocks.push(block);
        imported.states.push(exported(&store));
    }
    imported
}

fn execute(store: &mut Store, chain_id: u64, block: RlpBlock<TxEnvelope>) -> Arc<FinalizedBlock> {
    let header = block.header;
    let spec = spec_of(&header);
    let mut cfg = CfgEnv::new_with_spec(spec);
    cfg.chain_id = chain_id;
    cfg.set_max_blobs_per_tx(21);
    let env = block_env(&header, spec);
    let system = |store: &mut Store, address: Address, data: Bytes| {
        let mut evm = assemble(store, cfg.clone(), env.clone());
        evm.system_call_commit(address, data).expect("system calls run");
    };
    if spec.is_enabled_in(SpecId::CANCUN) {
        let beacon = header.parent_beacon_block_root.unwrap_or_default();
        system(store, eip4788::BEACON_ROOTS_ADDRESS, beacon.to_vec().into());
    }
    if spec.is_enabled_in(SpecId::PRAGUE) {
        system(store, eip2935::HISTORY_STORAGE_ADDRESS, header.parent_hash.to_vec().into());
    }
    let (mut receipts, mut gas_used) = (Vec::new(), 0);
    for tx in &block.body.transactions {
        let mut evm = assemble(&mut *store, cfg.clone(), env.clone());
        let result = evm.transact_commit(tx_env(tx)).expect("the transactions are valid");
        // Before Byzantium a receipt held the state's root.
        let root = (!spec.is_enabled_in(SpecId::BYZANTIUM)).then(|| state_root(store));
        let receipt = receipt(tx.tx_type(), result, root, &mut gas_used);
        receipts.push(receipt);
    }
    if spec.is_enabled_in(SpecId::PRAGUE) {
        system(store, eip7002::WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS, Bytes::new());
        system(store, eip7251::CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS, Bytes::new());
    }
    for withdrawal in block.body.withdrawals.iter().flat_map(|list| list.iter()) {
        add(store, withdrawal.address, withdrawal.amount_wei());
    }
    let (number, reward) = (header.number, reward(spec));
    for uncle in &block.body.ommers {
        let part = reward * U256::from(uncle.number + 8 - number) / U256::from(8);
        add(store, uncle.beneficiary, part);
        add(store, header.beneficiary, reward / U256::from(32));
    }
    add(store, header.beneficiary, reward);
    assert_eq!(gas_used, header.gas_used, "gas of block {number}");
    let (receipts_root, _) = Block::receipts_root(&receipts);
    assert_eq!(receipts_root, header.receipts_root, "receipts of block {number}");
    assert_eq!(state_root(store), header.state_root, "state after block {number}");
    finalized(header, block.body.transactions, receipts)
}

fn spec_of(header: &Header) -> SpecId {
    let by_time = [
        (480, SpecId::OSAKA),
        (450, SpecId::PRAGUE),
        (420, SpecId::CANCUN),
        (390, SpecId::SHANGHAI),
    ];
    let by_number = [
        (36, SpecId::MERGE),
        (27, SpecId::LONDON),
        (24, SpecId::BERLIN),
        (18, SpecId::ISTANBUL),
        // Constantinople by itself was in force on no chain.
        (12, SpecId::PETERSBURG),
        (9, SpecId::BYZANTIUM),
        (6, SpecId::SPURIOUS_DRAGON),
        (3, SpecId::TANGERINE),
    ];
    let timed = by_time.iter().find(|(time, _)| header.timestamp >= *time);
    let numbered = by_number.iter().find(|(number, _)| header.number >= *number);
    timed.or(numbered).map_or(SpecId::HOMESTEAD, |(_, spec)| *spec)
}

fn block_env(header: &Header, spec: SpecId) -> BlockEnv {
    BlockEnv {
        number: U256::from(header.number),
        beneficiary: header.beneficiary,
        timestamp: U256::from(header.timestamp),
        gas_limit: header.gas_limit,
        basefee: header.base_fee_per_gas.unwrap_or_default(),
        difficulty: header.difficulty,
        prevrandao: spec.is_enabled_in(SpecId::MERGE).then_some(header.mix_hash),
        blob_excess_gas_and_price: header
            .excess_blob_gas
            .map(|excess| BlobExcessGasAndPrice::new(excess, blob_fraction(header.timestamp))),
        ..BlockEnv::default()
    }
}

fn blob_fraction(time: u64) -> u64 {
    match time {
        540.. => 11_684_671,
        510.. => 8_346_193,
        450.. => 5_007_716,
        _ => 3_338_477,
    }
}

fn tx_env(tx: &TxEnvelope) -> TxEnv {
    TxEnv {
        tx_type: tx.tx_type() as u8,
        caller: tx.recover_signer().expect("the transactions are signed"),
        gas_limit: tx.gas_limit(),
        gas_price: tx.max_fee_per_gas(),
        kind: tx.kind(),
        value: tx.value(),
        data: tx.input().clone(),
        nonce: tx.nonce(),
        chain_id: tx.chain_id(),
        access_list: tx.access_list().cloned().unwrap_or_default(),
        gas_priority_fee: tx.max_priority_fee_per_gas(),
        blob_hashes: tx.blob_versioned_hashes().unwrap_or_default().to_vec(),
        max_fee_per_blob_gas: tx.max_fee_per_blob_gas().unwrap_or_default(),
        authorization_list: tx
            .authorization_list()
            .unwrap_or_default()
            .iter()
            .cloned()
            .map(Either::Left)
            .collect(),
    }
}

fn receipt(
    kind: TxType,
    result: ExecutionResult,
    root: Option<B256>,
    gas_before: &mut u64,
) -> ExecutedReceipt {
    let gas_used = result.tx_gas_used();
    *gas_before += gas_used;
    let contract_address = result.created_address();
    let output = result.output().cloned().unwrap_or_default();
    let is_success = result.is_success();
    let logs = if is_success { result.into_logs() } else { Vec::new() };
    let status = root.map_or(Eip658Value::Eip658(is_success), Eip658Value::PostState);
    let receipt =
        ReceiptWithBloom::from(Receipt { status, cumulative_gas_used: *gas_before, logs });
    let envelope = match kind {
        TxType::Legacy => ReceiptEnvelope::Legacy(receipt),
        TxType::Eip2930 => ReceiptEnvelope::Eip2930(receipt),
        TxType::Eip1559 => ReceiptEnvelope::Eip1559(receipt),
        TxType::Eip4844 => ReceiptEnvelope::Eip4844(receipt),
        TxType::Eip7702 => ReceiptEnvelope::Eip7702(receipt),
    };
    ExecutedReceipt { envelope, gas_used, contract_address, output }
}

/// The block without its blob transactions, which have no place on this chain.
fn finalized(
    header: Header,
    transactions: Vec<TxEnvelope>,
    receipts: Vec<ExecutedReceipt>,
) -> Arc<FinalizedBlock> {
    let (mut kept, mut kept_receipts) = (Vec::new(), Vec::new());
    for (tx, receipt) in transactions.into_iter().zip(receipts) {
        if let Ok(tx) = SignedTransaction::decode(tx.encoded_2718().into()) {
            kept.push(Arc::new(tx));
            kept_receipts.push(receipt);
        }
    }
    let timestamp_ms = header.timestamp * 1_000;
    let block = Block { header, transactions: kept };
    Arc::new(FinalizedBlock {
        hash: block.hash(),
        block,
        receipts: kept_receipts,
        timestamp_ms,
        proposer: B256::ZERO,
    })
}

fn reward(spec: SpecId) -> U256 {
    let ether = U256::from(10).pow(U256::from(18));
    let count = match spec {
        spec if spec.is_enabled_in(SpecId::MERGE) => 0,
        spec if spec.is_enabled_in(SpecId::PETERSBURG) => 2,
        spec if spec.is_enabled_in(SpecId::BYZANTIUM) => 3,
        _ => 5,
    };
    ether * U256::from(count)
}

fn add(store: &mut Store, address: Address, wei: U256) {
    let mut info = store.basic(address).expect("nothing fails in memory").unwrap_or_default();
    info.balance += wei;
    if !wei.is_zero() {
        store.insert_account_info(address, info);
    }
}

fn number(value: &Value) -> U256 {
    value.as_str().map_or(U256::ZERO, |text| text.parse().expect("numbers are hexadecimal"))
}

fn bytes(value: &Value) -> Bytes {
    value.as_str().map_or(Bytes::new(), |text| text.parse().expect("bytes are hexadecimal"))
}

fn allocated(genesis: &Value) -> Store {
    let mut store = Store::default();
    for (address, account) in genesis["alloc"].as_object().expect("accounts are listed") {
        let address: Address = address.parse().expect("they are named by address");
        let code = bytes(&account["code"]);
        let info = AccountInfo::new(
            number(&account["balance"]),
            number(&account["nonce"]).to(),
            alloy_primitives::keccak256(&code),
            Bytecode::new_raw(code),
        );
        store.insert_account_info(address, info);
        for (slot, value) in account["storage"].as_object().into_iter().flatten() {
            let slot: U256 = slot.parse().expect("slots are hexadecimal");
            store.insert_account_storage(address, slot, number(value)).expect("in memory");
        }
    }
    store
}

fn first_header(genesis: &Value, state_root: B256) -> Header {
    Header {
        state_root,
        difficulty: number(&genesis["difficulty"]),
        gas_limit: number(&genesis["gasLimit"]).to(),
        timestamp: number(&genesis["timestamp"]).to(),
        extra_data: bytes(&genesis["extraData"]),
        ..Header::default()
    }
}

/// The accounts that exist, with their slots that are not zero.
fn accounts(store: &Store) -> BTreeMap<Address, (AccountInfo, BTreeMap<U256, U256>)> {
    let existing = store
        .cache
        .accounts
        .iter()
        .filter(|(_, account)| account.account_state != Existence::NotExisting);
    existing
        .map(|(address, account)| {
            let slots = account.storage.iter().filter(|(_, value)| !value.is_zero());
            let slots = slots.map(|(slot, value)| (*slot, *value)).collect();
            (*address, (account.info.clone(), slots))
        })
        .collect()
}

fn state_root(store: &Store) -> B256 {
    let accounts = accounts(store).into_iter().map(|(address, (info, slots))| {
        let slots = slots.into_iter().map(|(slot, value)| (B256::from(slot), value));
        let account = TrieAccount {
            nonce: info.nonce,
            balance: info.balance,
            storage_root: root::storage_root_unhashed(slots),
            code_hash: info.code_hash,
        };
        (address, account)
    });
    root::state_root_unhashed(accounts)
}

/// The state under the keys of this chain.
fn exported(store: &Store) -> MemoryState {
    let mut changes = Vec::new();
    let mut put = |key, value: Bytes| {
        changes.push(StateChange { key, before: None, after: Some(value) });
    };
    for (address, (info, slots)) in accounts(store) {
        let account =
            AccountState { nonce: info.nonce, balance: info.balance, code_hash: info.code_hash };
        if account != AccountState::default() {
            put(StateKey::account(address), account.encode());
        }
        for (slot, value) in slots {
            let value = Bytes::copy_from_slice(&value.to_be_bytes::<32>());
            put(StateKey::storage(address, slot), value);
        }
    }
    for (hash, code) in &store.cache.contracts {
        put(StateKey::code(*hash), code.original_bytes());
    }
    // The accounts of the modules are asked for here, and theirs have this code.
    let stub = stub_code();
    let key = StateKey::code(alloy_primitives::keccak256(&stub));
    changes.push(StateChange { key, before: None, after: Some(stub) });
    let mut state = MemoryState::default();
    state.apply(&changes);
    state
}
