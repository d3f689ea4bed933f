//! The pool of transactions that wait for a block.
//!
//! Pure and synchronous: no clock, no network, no state. Whoever adds a transaction says how its
//! sender stands; whoever sees a block become final says what it contained. The same calls in the
//! same order leave the same pool.
//!
//! # Terms
//! - ready: every earlier nonce of the sender is final or ready itself.
//! - queued: an earlier nonce is missing; the transaction is held until it comes.
//!
//! # Invariants
//! 1. [`Pool::ready`] gives each sender's nonces in sequence, and between senders whoever became
//!    ready first. A transaction that replaces a ready one takes over its place.
//! 2. A transaction is in the pool at most once, and one per sender and nonce.
//! 3. Neither the limits per sender nor those in all are ever exceeded.
//!
//! # Replacement
//! Gas is free here: fees are signed but never charged. A transaction replaces another of the same
//! sender and nonce if its `maxFeePerGas` (`gasPrice`) is strictly higher, be it by one wei. The
//! higher fee states the wish and nothing else; wallets that raise it by ten per cent to speed up or
//! to cancel do what is needed, also from zero.
//!
//! # Eviction
//! When the pool is full, the sender that takes most of it gives way: its highest nonces leave,
//! as long as it still keeps at least what the newcomer then has. A sender that fills the pool so
//! loses its own surplus, and nobody else's. If that is not possible, the newcomer is refused. A
//! sender at its own limit can still fill a gap: its highest nonce makes room.

mod checks;
mod config;
mod pool;
mod refusal;
mod state;

#[cfg(test)]
mod tests;

pub use config::{PoolConfig, Standing};
pub use pool::{Added, Listed, Pool, PoolCounts};
pub use refusal::Refusal;
