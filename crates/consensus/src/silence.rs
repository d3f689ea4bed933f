//! A validator that has forgotten how it voted only listens, until its old votes cannot matter.
//!
//! Two different votes of one validator in one view count against it, and one that has lost the
//! journal of its votes cannot know how it voted. Whatever it voted on was under way before the loss.
//! So it waits for a final block that was proposed after it: a quorum voted in that block's view after
//! the loss, and of every quorum that ever carried this validator to a later view one honest member
//! would have had to go back. The view of that block is therefore at least the last one it voted in,
//! and it votes in later views only (decision 14).

/// The time until which a validator listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    until_ms: u64,
}

/// A block may be ten seconds ahead of the clocks of those who vote for it, and clocks differ.
const MARGIN_MS: u64 = 30_000;

impl Silence {
    /// Of a validator that forgot its votes at this time, by its own clock.
    pub fn since(forgotten_ms: u64) -> Self {
        Self { until_ms: forgotten_ms.saturating_add(MARGIN_MS) }
    }

    /// Whether a final block that was proposed at this time ends it.
    pub fn ends_with(self, timestamp_ms: u64) -> bool {
        timestamp_ms > self.until_ms
    }
}
