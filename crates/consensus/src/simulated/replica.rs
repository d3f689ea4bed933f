//! A store that never speculates, never crashes and never catches up: what the others must equal.

use commonware_parallel::Sequential;
use commonware_runtime::{buffer::paged::CacheRef, deterministic};
use commonware_utils::NZUsize;
use qiao_execution::genesis_changes;
use qiao_state::{PAGE, database_config};
use qiao_types::{Genesis, StateChange, StateCommitment};

/// The state of the chain, applied block by block in a store of its own.
pub struct Replica(qiao_state::Replica<deterministic::Context, Sequential>);

impl Replica {
    pub(super) async fn new(context: deterministic::Context, genesis: &Genesis) -> Self {
        let cache = CacheRef::new(PAGE, NZUsize!(1_024));
        let config = database_config("replica", Sequential, cache);
        let opened = qiao_state::Replica::open(context, config).await;
        let mut replica = Self(opened.expect("an empty store opens"));
        let changes = genesis_changes(genesis).expect("the validators run on this genesis");
        let commitment = replica.apply(&changes).await;
        assert_eq!(commitment, genesis.state, "the replica begins with another state");
        replica
    }

    /// Applies what a block changed; says what its header must commit to.
    pub async fn apply(&mut self, changes: &[StateChange]) -> StateCommitment {
        self.0.apply(changes).await.expect("the replica's store is in memory")
    }
}
