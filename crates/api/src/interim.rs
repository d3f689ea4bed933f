//! Stand-ins for types of `execution` and `mempool` until those crates land.

/// Stands in for `qiao_execution::ExecutionConfig`.
#[derive(Debug, Clone)]
pub struct ExecutionConfig {
    /// EIP-155 chain id.
    pub chain_id: u64,
}

/// Stands in for `qiao_mempool::Refusal`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// Stable code, `pool.snake_case`.
    pub code: &'static str,
    /// The sentence.
    pub message: String,
}
