//! What the node says of itself and of the others.

use std::{
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use qiao_api::{Head, HeadStatus, NodeStatus, PoolStatus, Quantiles, ValidatorStatus};
use qiao_consensus::{Engine, Observation};
use qiao_mempool::Pool;
use qiao_types::{B256, Genesis, GenesisValidator};

/// What does not change while the node runs.
#[derive(Debug, Clone)]
pub struct StatusBoard {
    /// This validator's name.
    pub name: String,
    /// This validator's network key.
    pub network_key: B256,
    /// Where the data lies.
    pub data_dir: PathBuf,
    /// When the node started.
    pub started_ms: u64,
}

/// A peer that was heard of this recently counts as connected: three introductions.
const CONNECTED_MS: u64 = 10_000;
/// A validator that voted this recently counts as voting.
const VOTING_MS: u64 = 10_000;
/// An idle chain that is this far behind its heartbeat is stalled.
const STALLED_MS: u64 = 4_000;

impl StatusBoard {
    /// Puts the status together.
    pub fn compose(
        &self,
        genesis: &Genesis,
        engine: &Engine,
        pool: &Pool,
        indexed: Head,
    ) -> NodeStatus {
        let now = now_ms();
        let seen = engine.observer.snapshot(now);
        let head = *engine.heads.borrow();
        let validators: Vec<_> = genesis
            .validators
            .iter()
            .map(|validator| self.validator(genesis, validator, &seen, now))
            .collect();
        let behind = now.saturating_sub(head.timestamp_ms.max(self.started_ms));
        let is_final_progressing = behind < genesis.parameters.heartbeat_ms + STALLED_MS;
        let stalled_reason = (!is_final_progressing).then(|| stalled_reason(&validators, behind));
        let counts = pool.counts();
        NodeStatus {
            node: self.name.clone(),
            organisation: self.organisation(genesis),
            version: env!("CARGO_PKG_VERSION").into(),
            network: genesis.name.clone(),
            chain_id: genesis.chain_id,
            genesis: genesis.fingerprint(),
            head: HeadStatus {
                number: head.number,
                hash: head.hash,
                timestamp_ms: head.timestamp_ms,
                state_root: head.state_root,
            },
            epoch: seen.epoch,
            view: seen.view,
            validators,
            pool: PoolStatus {
                ready: counts.ready as u64,
                queued: counts.queued as u64,
                bytes: counts.bytes as u64,
            },
            finality_ms: quantiles(&seen.finality_ms),
            block_interval_ms: seen.block_interval_ms,
            transactions_per_second: seen.recent_transactions as f64 / 10.0,
            data_dir: self.data_dir.display().to_string(),
            disk_free_bytes: disk_free_bytes(&self.data_dir).unwrap_or(0),
            index_block: indexed.number,
            index_trouble: None,
            missing_blocks: engine.ledger.missing().map(|blocks| [*blocks.start(), *blocks.end()]),
            started_ms: self.started_ms,
            is_final_progressing,
            stalled_reason,
        }
    }

    fn organisation(&self, genesis: &Genesis) -> String {
        let own = genesis.validators.iter().find(|v| v.network_key == self.network_key);
        own.map(|validator| organisation_name(genesis, validator.organisation)).unwrap_or_default()
    }

    fn validator(
        &self,
        genesis: &Genesis,
        validator: &GenesisValidator,
        seen: &Observation,
        now: u64,
    ) -> ValidatorStatus {
        let key = validator.network_key;
        let is_self = key == self.network_key;
        let note = seen.peers.get(&key);
        let heard = note.is_some_and(|note| now.saturating_sub(note.heard_ms) < CONNECTED_MS);
        let version = if is_self {
            Some(env!("CARGO_PKG_VERSION").to_string())
        } else {
            note.map(|note| note.version.clone())
        };
        ValidatorStatus {
            name: validator.name.clone(),
            organisation: organisation_name(genesis, validator.organisation),
            network_key: key,
            address: validator.address.clone(),
            connected: is_self || heard,
            last_voted_ago_ms: seen.last_vote_ms.get(&key).map(|voted| now.saturating_sub(*voted)),
            last_proposed_height: seen.last_proposed.get(&key).copied(),
            version,
            is_self,
        }
    }
}

/// Why no block becomes final, as far as one node can tell.
fn stalled_reason(validators: &[ValidatorStatus], behind_ms: u64) -> String {
    let is_voting = |validator: &&ValidatorStatus| {
        validator.connected
            && validator.last_voted_ago_ms.is_some_and(|ago| ago < VOTING_MS.max(behind_ms))
    };
    let reachable: Vec<_> = validators.iter().filter(|v| v.connected).collect();
    let voting = validators.iter().filter(is_voting).count();
    let quorum = validators.len() - (validators.len().saturating_sub(1)) / 3;
    let silent: Vec<_> = validators
        .iter()
        .filter(|validator| !is_voting(validator))
        .map(|validator| validator.name.as_str())
        .collect();
    if reachable.len() < quorum {
        let gone: Vec<_> =
            validators.iter().filter(|v| !v.connected).map(|v| v.name.as_str()).collect();
        return format!(
            "{} of {} validators are reachable and {quorum} are needed; not reachable: {}",
            reachable.len(),
            validators.len(),
            gone.join(", ")
        );
    }
    format!(
        "no block for {} s although {voting} of {} validators vote; silent: {}",
        behind_ms / 1_000,
        validators.len(),
        if silent.is_empty() { "none".into() } else { silent.join(", ") }
    )
}

fn organisation_name(genesis: &Genesis, id: u64) -> String {
    genesis.organisation(id).map(|organisation| organisation.name.clone()).unwrap_or_default()
}

fn quantiles(samples: &[u64]) -> Quantiles {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    let at = |percent: usize| {
        let index = (sorted.len().saturating_sub(1) * percent).div_ceil(100);
        sorted.get(index).map(|ms| *ms as f64)
    };
    Quantiles { p50: at(50), p99: at(99), last: samples.last().map(|ms| *ms as f64) }
}

/// What is free on the disk of a folder, if that can be told.
pub fn disk_free_bytes(path: &std::path::Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Milliseconds since the Unix epoch.
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
