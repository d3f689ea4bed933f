//! What only named members may read of an EPCIS event, and what a partner may see of it.
//!
//! A member that captures an event says which fields go to which members. [`seal`] takes those fields out
//! of the event and leaves a marker in their place: a commitment to what was taken, a SHA-256 with a salt
//! of 256 bits that nobody else can guess, and an envelope for each reader. The event that is left is an
//! ordinary EPCIS event, and the only one that the chain knows. [`view`] puts back at a reader's node what
//! the reader's keys open, and only what the commitment bears out. [`disclose`] makes of a field that was
//! opened a [`Disclosure`] with which a third party checks it against the event on the chain.
//!
//! Envelopes are those of HPKE (RFC 9180): X25519, HKDF-SHA256 and ChaCha20-Poly1305, by the crate `hpke`.
//! Each is bound to the Event Hash ID of the event, to its author, its reader, its field and its
//! commitment, so that it opens nowhere else. The Event Hash ID covers commitments, not envelopes, which
//! stand in the field `rdfs:comment`, as the standard leaves comments out of it: `docs/decisions/0015`.
//!
//! [`show`] leaves in an event only what a partner is to see. It goes by the same fields.
//!
//! # Limits
//! [`FIELDS_MAX`] fields of an event, [`READERS_MAX`] readers of each, [`PLACES_MAX`] places in an event.
//! An envelope tells the length of what is in it only to 64 bytes. Who reads what is open: the readers of a
//! field are named, and how it was called. What was read once cannot be called back.

mod disclosure;
mod envelope;
mod field;
mod keys;
mod marker;
mod places;
mod seal;
mod show;
mod view;

#[cfg(test)]
mod tests;

pub use disclosure::{Disclosure, DisclosureError, disclose};
pub use field::{Field, FieldError};
pub use keys::{Keyring, KeyringError, PublicKey};
pub use marker::{is_sealed, shows_sealed};
pub use seal::{Author, Reader, SealError, Sealed, Wish, seal};
pub use show::show;
pub use view::{SealedField, State, View, view};

/// Fields that are sealed in one event, at most.
pub const FIELDS_MAX: usize = 16;
/// Members that may read a field, at most, its author among them.
pub const READERS_MAX: usize = 32;
/// Places in an event that one field has, at most.
pub const PLACES_MAX: usize = 1_000;
