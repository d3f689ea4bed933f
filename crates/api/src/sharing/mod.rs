//! Sharing by choice: fields sealed for named members, and fields that a partner sees.
//!
//! Events leave a node through [`Sight`], which is who looks: the node's own people see what was sealed
//! for their organisation, a partner what its profile names, everybody else what is open.

mod desk;
mod profile;
mod sealing;
mod sight;

#[cfg(test)]
mod tests;

pub use desk::SharingDesk;
pub use profile::{Profile, ProfileError};
pub use sealing::{SealingError, Wishes, seal_events};
pub(crate) use sight::reader;
pub use sight::{Shown, Sight, opened, sealed_fields};

pub use qiao_sharing::{Disclosure, Keyring, SealedField, State, is_sealed};
