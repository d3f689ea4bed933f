//! Why a proof proves nothing.

use qiao_consensus::FinalityError;
use qiao_state::PathError;
use qiao_types::{B256, Proof};

/// A proof file does not prove what it claims. [`ProofError::code`] is stable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Longer than any proof.
    #[error("the file has {bytes} bytes; a proof has at most {}", crate::FILE_BYTES_MAX)]
    TooLarge {
        /// How long it is.
        bytes: usize,
    },
    /// No proof file.
    #[error("this is no proof file: {0}")]
    Malformed(String),
    /// Of a version that this software does not know.
    #[error("field `version` is {found}; this software reads version {}", Proof::VERSION)]
    Version {
        /// What the file says.
        found: u64,
    },
    /// Of another network than the genesis file that it is checked against.
    #[error(
        "field `network.genesis` is `{found}`, but the genesis file that was given is of `{expected}`"
    )]
    OtherNetwork {
        /// What the file says.
        found: B256,
        /// The fingerprint of the genesis file.
        expected: B256,
    },
    /// None, or too many.
    #[error("field `headers` has {count} headers; a proof has 1 to {}", Proof::HEADERS_MAX)]
    Headers {
        /// How many there are.
        count: usize,
    },
    /// Not a header.
    #[error("field `headers[{position}]` is no block header: {reason}")]
    Header {
        /// Which one.
        position: usize,
        /// What the decoder met.
        reason: String,
    },
    /// Headers of different chains, or with a gap.
    #[error("field `headers[{position}]` is not of the block that follows the one before")]
    NotLinked {
        /// The one that does not follow.
        position: usize,
    },
    /// No quorum of the validators signed.
    #[error("field `certificate`: {0}")]
    NotFinal(#[from] FinalityError),
    /// A value is not the one that the state holds.
    #[error("field `{field}`: {cause}")]
    State {
        /// The field of the claim.
        field: String,
        /// What the path says.
        cause: PathError,
    },
    /// A slot of an account that is not there, with a value; or an account with impossible fields.
    #[error("field `{field}`: {reason}")]
    Claim {
        /// The field of the claim.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl ProofError {
    /// The stable code of this refusal.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "proof_too_large",
            Self::Malformed(_) => "proof_malformed",
            Self::Version { .. } => "proof_version",
            Self::OtherNetwork { .. } => "proof_other_network",
            Self::Headers { .. } | Self::Header { .. } => "proof_header",
            Self::NotLinked { .. } => "proof_not_linked",
            Self::NotFinal(_) => "proof_not_final",
            Self::State { .. } => "proof_state_path",
            Self::Claim { .. } => "proof_claim",
        }
    }
}
