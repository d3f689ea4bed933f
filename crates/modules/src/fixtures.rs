//! What the tests of all modules begin with.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use qiao_types::{Genesis, Parameters, StateCommitment};

/// A genesis without organisations.
pub(crate) fn genesis() -> Genesis {
    Genesis {
        chain_id: 1,
        name: "test".to_owned(),
        timestamp_ms: 1_800_000_000_000,
        parameters: Parameters::default(),
        organisations: Vec::new(),
        validators: Vec::new(),
        accounts: BTreeMap::new(),
        state: StateCommitment {
            root: B256::ZERO,
            operations_root: B256::ZERO,
            operations_start: 0,
            operations_end: 0,
        },
    }
}
