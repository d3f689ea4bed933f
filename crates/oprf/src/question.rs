//! Who asks: blinding, checking what is answered, and the key of an asset.

use rand_core_os::OsRng;
use sha2::{Digest as _, Sha256};
use voprf::{EvaluationElement, Proof, Ristretto255, VoprfClient};

use crate::{Answer, BATCH_MAX, ELEMENT_BYTES, Element, OprfError, PublicKey};

/// Bytes of an identity, as the function takes it.
const IDENTITY_BYTES_MAX: usize = 65_535;
/// Bytes of what the function gives.
const OUTPUT_BYTES: usize = 64;
/// What is hashed before everything else, so that a key is a key of nothing else.
const DOMAIN: &[u8] = b"qiao asset key 1";

/// What the function gives for an identity under the secret of one evaluator.
pub type Output = [u8; OUTPUT_BYTES];

/// Identities on their way to one evaluator. A question is asked once: its blinding is fresh, and tells
/// nobody that the same was asked before.
pub struct Question {
    identities: Vec<Vec<u8>>,
    clients: Vec<VoprfClient<Ristretto255>>,
    blinded: Vec<Element>,
}

impl std::fmt::Debug for Question {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Question").field("blinded", &self.blinded).finish_non_exhaustive()
    }
}

impl Question {
    /// Blinds identities.
    ///
    /// # Errors
    /// [`OprfError::Count`], [`OprfError::Identity`].
    pub fn new<I: AsRef<[u8]>>(identities: &[I]) -> Result<Self, OprfError> {
        if !(1..=BATCH_MAX).contains(&identities.len()) {
            return Err(OprfError::Count);
        }
        let identities: Vec<Vec<u8>> =
            identities.iter().map(|identity| identity.as_ref().to_vec()).collect();
        let mut clients = Vec::with_capacity(identities.len());
        let mut blinded = Vec::with_capacity(identities.len());
        for identity in &identities {
            if !(1..=IDENTITY_BYTES_MAX).contains(&identity.len()) {
                return Err(OprfError::Identity);
            }
            let result = VoprfClient::blind(identity, &mut OsRng);
            let result = result.map_err(|_| OprfError::Identity)?;
            clients.push(result.state);
            blinded.push(result.message.serialize().into());
        }
        Ok(Self { identities, clients, blinded })
    }

    /// What is sent to the evaluator.
    pub fn blinded(&self) -> &[Element] {
        &self.blinded
    }

    /// Checks an answer and removes the blinding.
    ///
    /// # Errors
    /// [`OprfError::Malformed`]; [`OprfError::Proof`] where the evaluator used another secret than that
    /// of the public key, or left something out.
    pub fn finish(&self, answer: &Answer, key: PublicKey) -> Result<Vec<Output>, OprfError> {
        if answer.elements.len() != self.clients.len() {
            return Err(OprfError::Proof);
        }
        let elements: Vec<EvaluationElement<Ristretto255>> = answer
            .elements
            .iter()
            .map(|element| {
                EvaluationElement::deserialize(element)
                    .map_err(|_| OprfError::Malformed("an answer"))
            })
            .collect::<Result<_, _>>()?;
        let proof = Proof::deserialize(&answer.proof);
        let proof = proof.map_err(|_| OprfError::Malformed("the proof"))?;
        let outputs = VoprfClient::batch_finalize(
            &self.identities,
            &self.clients,
            &elements,
            &proof,
            key.point()?,
        );
        let outputs = outputs.map_err(|_| OprfError::Proof)?;
        outputs.map(|output| output.map(Into::into).map_err(|_| OprfError::Identity)).collect()
    }

    #[cfg(test)]
    pub(crate) fn of_vectors(vectors: &[(Vec<u8>, Element, Element)]) -> Self {
        let client = |blind: &Element, blinded: &Element| {
            VoprfClient::deserialize(&[&blind[..], &blinded[..]].concat())
                .expect("the vectors are well-formed")
        };
        Self {
            identities: vectors.iter().map(|(identity, ..)| identity.clone()).collect(),
            clients: vectors.iter().map(|(_, blind, blinded)| client(blind, blinded)).collect(),
            blinded: vectors.iter().map(|(.., blinded)| *blinded).collect(),
        }
    }
}

/// The key of an asset: a hash over what every evaluator of an appointment answered, in the order of
/// the appointment. The number of the appointment is in it, so that keys of two appointments differ
/// even if an evaluator kept its secret.
pub fn key(appointment: u64, outputs: &[(PublicKey, Output)]) -> [u8; ELEMENT_BYTES] {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(appointment.to_be_bytes());
    hash.update((outputs.len() as u64).to_be_bytes());
    for (key, output) in outputs {
        hash.update(key.to_bytes());
        hash.update(output);
    }
    hash.finalize().into()
}
