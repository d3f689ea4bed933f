//! What changes the books: rules of products, stock from before, holds; and what events do to them.

mod books;
mod corrections;
mod holds;
mod products;
mod sightings;

pub use books::{apply, is_in_use};
pub use corrections::undo;
pub use holds::{RecallHold, hold_for_recall, release_for_recall};
pub(super) use holds::{hold_back, on as standing_hold, release};
pub(super) use products::{admit, register_prefix, set_maker, set_rules};

use qiao_module_kit::Halt;

use super::types::Breach;

/// Why an event is not taken: the call ends, or the event breaks a rule.
enum Stop {
    Halt(Halt),
    Breach(Breach),
}

impl From<Halt> for Stop {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

impl From<Breach> for Stop {
    fn from(breach: Breach) -> Self {
        Self::Breach(breach)
    }
}
