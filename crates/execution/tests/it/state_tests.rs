//! `GeneralStateTests` of ethereum/tests: a state, a transaction, and the root of the state after.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use alloy_primitives::{B256, U256, keccak256};
use alloy_trie::{TrieAccount, root};
use qiao_execution::evm::assemble;
use revm::{
    ExecuteCommitEvm as _,
    context::{CfgEnv, result::ExecutionResult},
    database::{CacheState, State},
    primitives::hardfork::SpecId,
};
use revm_statetest_types::{SpecName, Test, TestSuite, TestUnit};

use crate::fixtures;

/// Cases that must pass.
const PASSING: usize = 21_393;

/// The variable that lets the cases of [`SLOW`] run too, for some minutes.
const WITH_SLOW: &str = "QIAO_SLOW_TESTS";

const SLOW: &str = "passes, but takes minutes; set QIAO_SLOW_TESTS=1 to run it";
const STORAGE_WITHOUT_CODE: &str =
    "the address of a new contract has storage already (EIP-7610): no chain can reach that state";
const UNREPRESENTABLE: &str = "the transaction cannot even be written down: decoders refuse it";
const CONSTANTINOPLE: &str = "rules that were in force on no chain; Petersburg replaced them";

/// Files that are not run, how many cases they have, and why. Nothing else is left out but the
/// cases for Constantinople.
const SKIPPED: [(&str, usize, &str); 9] = [
    ("CALLBlake2f_MaxRounds", 1, SLOW),
    ("loopMul", 3, SLOW),
    ("InitCollisionParis", 4, STORAGE_WITHOUT_CODE),
    ("RevertInCreateInInitCreate2Paris", 1, STORAGE_WITHOUT_CODE),
    ("RevertInCreateInInit_Paris", 1, STORAGE_WITHOUT_CODE),
    ("create2collisionStorageParis", 3, STORAGE_WITHOUT_CODE),
    ("dynamicAccountOverwriteEmpty_Paris", 1, STORAGE_WITHOUT_CODE),
    ("ValueOverflowParis", 1, UNREPRESENTABLE),
    ("createBlobhashTx", 1, UNREPRESENTABLE),
];
const CONSTANTINOPLE_CASES: usize = 33;

/// What became of the cases.
#[derive(Debug, Default)]
struct Tally {
    passed: usize,
    /// Cases by the reason for which they were skipped.
    skipped: BTreeMap<&'static str, usize>,
    failures: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failures.extend(other.failures);
        for (reason, count) in other.skipped {
            self.skip(reason, count);
        }
    }

    fn skip(&mut self, reason: &'static str, count: usize) {
        *self.skipped.entry(reason).or_default() += count;
    }
}

#[test]
fn the_assembled_evm_passes_ethereums_state_tests() {
    let Some(folder) = fixtures::unpacked("ethereum-state-tests.tar.xz") else { return };
    let with_slow = std::env::var_os(WITH_SLOW).is_some();
    let files = fixtures::json_files(&folder.join("GeneralStateTests"));
    let tally = run_all(&files, with_slow);
    println!("{} files, {} cases passed", files.len(), tally.passed);
    for (reason, count) in &tally.skipped {
        println!("{count} cases skipped: {reason}");
    }
    let failures = tally.failures.join("\n");
    assert!(failures.is_empty(), "{} failures:\n{failures}", tally.failures.len());
    let mut expected = Tally { passed: PASSING, ..Default::default() };
    expected.skip(CONSTANTINOPLE, CONSTANTINOPLE_CASES);
    for (_, count, reason) in SKIPPED {
        match reason == SLOW && with_slow {
            true => expected.passed += count,
            false => expected.skip(reason, count),
        }
    }
    assert_eq!(tally.passed, expected.passed, "cases that passed");
    assert_eq!(tally.skipped, expected.skipped, "cases that were skipped");
}

/// Runs the files on all cores.
fn run_all(files: &[PathBuf], with_slow: bool) -> Tally {
    let next = AtomicUsize::new(0);
    let total = Mutex::new(Tally::default());
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                let mut tally = Tally::default();
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    tally.add(run_file(file, with_slow));
                }
                total.lock().expect("no worker panics with the lock").add(tally);
            });
        }
    });
    total.into_inner().expect("no worker panics with the lock")
}

fn run_file(file: &Path, with_slow: bool) -> Tally {
    let mut tally = Tally::default();
    let skipped = SKIPPED.iter().find(|(stem, ..)| file.file_stem().is_some_and(|s| s == *stem));
    if let Some((_, count, reason)) = skipped.filter(|(.., why)| *why != SLOW || !with_slow) {
        tally.skip(reason, *count);
        return tally;
    }
    let text = fs::read_to_string(file).expect("the file was unpacked");
    let suite: TestSuite = match serde_json::from_str(&text) {
        Ok(suite) => suite,
        Err(error) => {
            tally.failures.push(format!("{}: {error}", file.display()));
            return tally;
        }
    };
    for (name, unit) in suite.0 {
        for (spec, tests) in &unit.post {
            if *spec == SpecName::Constantinople {
                tally.skip(CONSTANTINOPLE, tests.len());
                continue;
            }
            for (index, test) in tests.iter().enumerate() {
                match run_case(&unit, spec.to_spec_id(), test) {
                    Ok(()) => tally.passed += 1,
                    Err(reason) => {
                        let case = format!("{}: {name}, {spec:?}, {index}", file.display());
                        tally.failures.push(format!("{case}: {reason}"));
                    }
                }
            }
        }
    }
    tally
}

fn run_case(unit: &TestUnit, spec: SpecId, test: &Test) -> Result<(), String> {
    let mut cfg = cfg(unit, spec);
    let block = unit.block_env(&mut cfg);
    let tx = test.tx_env(unit).map_err(|error| format!("no transaction: {error}"))?;
    let mut state =
        State::builder().with_cached_prestate(unit.state()).with_bundle_update().build();
    let result = assemble(&mut state, cfg, block).transact_commit(tx);
    match (&test.expect_exception, &result) {
        (None, Err(error)) => return Err(format!("refused: {error}")),
        (Some(expected), Ok(_)) => return Err(format!("accepted in spite of {expected}")),
        _ => {}
    }
    let logs = logs_hash(result.as_ref().ok());
    if logs != test.logs {
        return Err(format!("logs {logs} instead of {}", test.logs));
    }
    let root = state_root(&state.cache);
    if root != test.hash {
        return Err(format!("root {root} instead of {}", test.hash));
    }
    Ok(())
}

/// Ethereum's rules of a fork, fees included.
fn cfg(unit: &TestUnit, spec: SpecId) -> CfgEnv {
    let mut cfg = CfgEnv::new_with_spec(spec);
    cfg.chain_id = unit.env.current_chain_id.unwrap_or(U256::ONE).saturating_to();
    cfg.set_max_blobs_per_tx(if spec == SpecId::PRAGUE { 9 } else { 6 });
    cfg
}

fn logs_hash(result: Option<&ExecutionResult>) -> B256 {
    let logs = result.map(|result| result.logs().to_vec()).unwrap_or_default();
    keccak256(alloy_rlp::encode(logs))
}

fn state_root(state: &CacheState) -> B256 {
    let accounts = state.trie_account().into_iter().map(|(address, account)| {
        let slots = account.storage.iter().filter(|(_, value)| !value.is_zero());
        let slots = slots.map(|(slot, value)| (B256::from(*slot), *value));
        let account = TrieAccount {
            nonce: account.info.nonce,
            balance: account.info.balance,
            storage_root: root::storage_root_unhashed(slots),
            code_hash: account.info.code_hash,
        };
        (address, account)
    });
    root::state_root_unhashed(accounts)
}
