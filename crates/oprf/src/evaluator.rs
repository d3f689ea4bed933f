//! Who holds a secret and answers questions.

use rand_core_os::OsRng;
use voprf::{BlindedElement, Group as _, Ristretto255, VoprfServer};

use crate::{BATCH_MAX, ELEMENT_BYTES, Element, OprfError, PROOF_BYTES, PublicKey};

/// Who holds a secret. Its memory is wiped when it is dropped.
pub struct Evaluator(VoprfServer<Ristretto255>);

impl std::fmt::Debug for Evaluator {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Evaluator").field(&self.public_key()).finish()
    }
}

/// What an evaluator answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// One for each blinded identity, in order.
    pub elements: Vec<Element>,
    /// That all were made with one secret: that of the public key.
    pub proof: [u8; PROOF_BYTES],
}

impl Evaluator {
    /// With a fresh secret of the system's randomness.
    ///
    /// # Errors
    /// [`OprfError::Malformed`] where the secret would be zero: once in 2²⁵² times.
    pub fn fresh() -> Result<Self, OprfError> {
        VoprfServer::new(&mut OsRng).map(Self).map_err(|_| OprfError::Malformed("the secret"))
    }

    /// With a secret that was kept.
    ///
    /// # Errors
    /// [`OprfError::Malformed`] where it is none.
    pub fn from_secret(secret: &Element) -> Result<Self, OprfError> {
        VoprfServer::new_with_key(secret).map(Self).map_err(|_| OprfError::Malformed("the secret"))
    }

    /// The secret, to be kept where nobody else reads it.
    pub fn secret(&self) -> Element {
        let mut secret = [0; ELEMENT_BYTES];
        // The secret, then the public key.
        secret.copy_from_slice(&self.0.serialize()[..ELEMENT_BYTES]);
        secret
    }

    /// What is announced.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(Ristretto255::serialize_elem(self.0.get_public_key()).into())
    }

    /// Answers a question.
    ///
    /// # Errors
    /// [`OprfError::Count`], [`OprfError::Malformed`].
    pub fn evaluate(&self, blinded: &[Element]) -> Result<Answer, OprfError> {
        if !(1..=BATCH_MAX).contains(&blinded.len()) {
            return Err(OprfError::Count);
        }
        let blinded: Vec<BlindedElement<Ristretto255>> = blinded
            .iter()
            .map(|element| {
                BlindedElement::deserialize(element)
                    .map_err(|_| OprfError::Malformed("a blinded identity"))
            })
            .collect::<Result<_, _>>()?;
        let result = self.0.batch_blind_evaluate(&mut OsRng, &blinded);
        let result = result.map_err(|_| OprfError::Count)?;
        Ok(Answer {
            elements: result.messages.iter().map(|message| message.serialize().into()).collect(),
            proof: result.proof.serialize().into(),
        })
    }
}
