//! What checking signatures costs on this machine: the floor under every transaction.

use std::process;
use std::thread;
use std::time::{Duration, Instant};

use alloy_consensus::crypto::secp256k1::recover_signer;
use alloy_primitives::{B256, Signature, keccak256};
use alloy_signer::SignerSync as _;

use crate::Accounts;
use crate::usage::Usage;

/// How long each core is busy.
const WHILE: Duration = Duration::from_millis(800);
/// Different messages.
const MESSAGES: u64 = 500;

/// Senders that this machine recovers from signatures in a second of processor time, all cores busy: with
/// the library that the validators use, in this process.
pub fn recoveries_per_cpu_second() -> f64 {
    let signed = messages();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let before = Usage::of(process::id()).cpu_seconds;
    let recovered: u64 = thread::scope(|scope| {
        let busy = || scope.spawn(|| recover_for(WHILE, &signed));
        let threads: Vec<_> = (0..cores).map(|_| busy()).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(0)).sum()
    });
    let spent = Usage::of(process::id()).cpu_seconds - before;
    if spent > 0.0 { recovered as f64 / spent } else { 0.0 }
}

fn messages() -> Vec<(B256, Signature)> {
    let accounts = Accounts::new(0, 1);
    let signer = &accounts.signers()[0];
    let hashes = (0..MESSAGES).map(|index| keccak256(index.to_be_bytes()));
    hashes.filter_map(|hash| Some((hash, signer.sign_hash_sync(&hash).ok()?))).collect()
}

fn recover_for(time: Duration, signed: &[(B256, Signature)]) -> u64 {
    let start = Instant::now();
    let mut recovered = 0;
    while start.elapsed() < time {
        let found = signed.iter().filter(|(hash, by)| recover_signer(by, *hash).is_ok());
        recovered += found.count() as u64;
    }
    recovered
}
