//! Keys of assets that nobody computes alone: the verifiable oblivious pseudo-random function of RFC
//! 9497 over ristretto255-SHA512, with several evaluators.
//!
//! Two banks want to know whether they finance the same invoice, and must not show it to each other or
//! to anybody. A hash of the invoice's number would not do: numbers are guessed, and whoever reads the
//! chain could compute the hash of every guess. So the hash is made with secrets that evaluators hold.
//! The bank blinds the identity ([`Question`]); an evaluator answers for the blinded identity, of which
//! it learns nothing, and proves that it used the secret that it announced ([`Evaluator::evaluate`]);
//! the bank removes the blinding ([`Question::finish`]). The key of the asset is a hash over what all
//! evaluators answered ([`key`]), so that as long as one of them keeps its secret, nobody can try
//! guesses without asking it.
//!
//! The arithmetic is the crate `voprf`'s; what is ours is the binding of several evaluators by a hash.
//!
//! # Limits
//! [`BATCH_MAX`] identities of one question. An evaluator sees who asks and how often, never what.

mod evaluator;
mod question;

#[cfg(test)]
mod tests;

pub use evaluator::{Answer, Evaluator};
pub use question::{Question, key};

use voprf::Ristretto255;

/// Identities of one question, at most.
pub const BATCH_MAX: usize = 1_000;
/// Bytes of a blinded identity, of an answer to it, of a secret and of a public key.
pub const ELEMENT_BYTES: usize = 32;
/// Bytes of a proof.
pub const PROOF_BYTES: usize = 64;

/// A blinded identity, or what an evaluator answers to it.
pub type Element = [u8; ELEMENT_BYTES];

/// What an evaluator announces of its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(Element);

impl PublicKey {
    /// From its bytes.
    ///
    /// # Errors
    /// [`OprfError::Malformed`] where they are no element of the group, or its neutral one.
    pub fn from_bytes(bytes: Element) -> Result<Self, OprfError> {
        let key = Self(bytes);
        key.point().map(|_| key)
    }

    /// Its bytes.
    pub const fn to_bytes(self) -> Element {
        self.0
    }

    fn point(self) -> Result<<Ristretto255 as voprf::Group>::Elem, OprfError> {
        <Ristretto255 as voprf::Group>::deserialize_elem(&self.0)
            .map_err(|_| OprfError::Malformed("the public key"))
    }
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OprfError {
    /// Bytes that are no element, scalar or proof.
    #[error("{0} is not one of the group ristretto255")]
    Malformed(&'static str),
    /// Nothing is asked, or too much.
    #[error("a question has 1 to 1,000 identities")]
    Count,
    /// An identity is empty or too long.
    #[error("an identity has 1 to 65,535 bytes")]
    Identity,
    /// The evaluator did not use the secret that it announced.
    #[error("the evaluator's proof does not hold")]
    Proof,
}
