//! Agreement between the validators.

pub mod block;
pub mod keys;
pub mod scheme;
pub mod senders;
