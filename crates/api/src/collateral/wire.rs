//! What goes between a node that asks and an evaluator.

use alloy_primitives::{Address, B256, Bytes, Keccak256};
use qiao_oprf::{Answer, Element, PROOF_BYTES};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is hashed before everything else, so that the signature is good for nothing else.
const DOMAIN: &[u8] = b"qiao evaluation 1";

/// Blinded identities, and who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EvaluationRequest {
    /// The account of the node that asks.
    #[schema(value_type = String)]
    pub account: Address,
    /// Milliseconds since the Unix epoch at which it asked.
    pub time_ms: u64,
    /// The public key whose secret is to be used.
    #[schema(value_type = String)]
    pub public_key: B256,
    /// The blinded identities, 32 bytes each.
    #[schema(value_type = Vec<String>)]
    pub blinded: Vec<B256>,
    /// The account's signature (65 bytes) over all of this and the chain's genesis.
    #[schema(value_type = String)]
    pub signature: Bytes,
}

/// What an evaluator answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EvaluationAnswer {
    /// One for each blinded identity, in order.
    #[schema(value_type = Vec<String>)]
    pub elements: Vec<B256>,
    /// That the secret of the public key was used for all of them (64 bytes).
    #[schema(value_type = String)]
    pub proof: Bytes,
}

impl EvaluationRequest {
    /// What the account signs.
    pub(super) fn digest(&self, genesis: B256) -> B256 {
        let mut hash = Keccak256::new();
        hash.update(DOMAIN);
        hash.update(genesis);
        hash.update(self.account);
        hash.update(self.time_ms.to_be_bytes());
        hash.update(self.public_key);
        for blinded in &self.blinded {
            hash.update(blinded);
        }
        hash.finalize()
    }

    /// The blinded identities as the arithmetic takes them.
    pub(super) fn elements(&self) -> Vec<Element> {
        self.blinded.iter().map(|element| element.0).collect()
    }
}

impl EvaluationAnswer {
    /// As the arithmetic takes it; `None` where the proof has another length.
    pub(super) fn answer(&self) -> Option<Answer> {
        let proof: [u8; PROOF_BYTES] = self.proof.as_ref().try_into().ok()?;
        Some(Answer { elements: self.elements.iter().map(|element| element.0).collect(), proof })
    }
}

impl From<Answer> for EvaluationAnswer {
    fn from(answer: Answer) -> Self {
        let elements = answer.elements.into_iter().map(B256::from).collect();
        Self { elements, proof: answer.proof.to_vec().into() }
    }
}
