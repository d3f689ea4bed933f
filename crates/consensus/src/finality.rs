//! Proof that a quorum made a block final, for those who did not see the votes.

use commonware_codec::Decode as _;
use commonware_consensus::simplex::types::Finalization;
use commonware_cryptography::{certificate::Verifier as _, keccak256::Digest};
use commonware_parallel::Sequential;
use commonware_utils::ordered::Set;
use qiao_types::{B256, Bytes, Genesis};

use crate::{
    block::to_b256,
    keys::ValidatorKeys,
    scheme::{Committee, CommitteeError, PublicKey, Scheme},
};

/// Checks finality certificates of one network.
pub struct FinalityVerifier {
    scheme: Scheme,
    members: Set<PublicKey>,
}

/// A certificate does not prove what it is said to prove.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FinalityError {
    /// The bytes are no certificate.
    #[error("the finality certificate does not decode: {0}")]
    Malformed(String),
    /// It is about another block.
    #[error("the finality certificate is about block `{found}`, not `{expected}`")]
    OtherBlock {
        /// The block in the certificate.
        found: B256,
        /// The block that it should be about.
        expected: B256,
    },
    /// The signatures are not those of a quorum of the validators.
    #[error("the finality certificate is not signed by a quorum of the network's validators")]
    NoQuorum,
}

impl FinalityVerifier {
    /// The verifier of the network with this genesis.
    pub fn new(genesis: &Genesis) -> Result<Self, CommitteeError> {
        let committee = Committee::from_genesis(genesis)?;
        // Keys of nobody: whoever checks need not be a member.
        let nobody = ValidatorKeys::generate(rand::rng());
        Ok(Self { scheme: committee.scheme(&nobody).0, members: committee.members() })
    }

    /// Checks that the certificate, as [`crate::Ledger::certificate`] gives it, makes the block
    /// with this hash final, and names the network keys of those who signed.
    pub fn verify(&self, hash: B256, certificate: &Bytes) -> Result<Vec<B256>, FinalityError> {
        let codec = self.scheme.certificate_codec_config();
        let finalization =
            Finalization::<Scheme, Digest>::decode_cfg(certificate.0.clone(), &codec)
                .map_err(|error| FinalityError::Malformed(error.to_string()))?;
        let found = to_b256(&finalization.proposal.payload);
        if found != hash {
            return Err(FinalityError::OtherBlock { found, expected: hash });
        }
        if !finalization.verify(&mut rand::rng(), &self.scheme, &Sequential) {
            return Err(FinalityError::NoQuorum);
        }
        let signers = finalization.certificate.signers.iter();
        let keys = signers.filter_map(|signer| self.members.get(usize::from(signer)));
        Ok(keys.map(|key| B256::from_slice(key.as_ref())).collect())
    }
}
