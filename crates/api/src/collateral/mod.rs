//! Whether an asset is financed already, asked between banks that do not see each other's books.
//!
//! [`evaluating`] is what a member that was appointed as evaluator does for the others; [`asking`] is
//! how a node makes the private key of an asset with all of them; [`checking`] looks the key up and
//! says what is left; [`owned`] finds what an account registered and claimed.

pub mod asking;
pub mod checking;
pub mod evaluating;
pub mod owned;
mod wire;

#[cfg(test)]
mod tests;

pub use wire::{EvaluationAnswer, EvaluationRequest};
