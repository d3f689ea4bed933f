//! The two secrets of a validator: who it is on the network, and how it votes.

use commonware_codec::{DecodeExt as _, Encode as _};
use commonware_cryptography::{
    Signer as _,
    bls12381::primitives::{
        group::Private,
        ops::{self, compute_public},
    },
    ed25519,
};
use commonware_math::algebra::Random as _;
use qiao_types::{B256, Bytes};
use rand_core::CryptoRng;

use crate::scheme::{NAMESPACE, VoteVariant};

/// The secrets of one validator. `Debug` shows the public part only.
#[derive(Clone)]
pub struct ValidatorKeys {
    network: ed25519::PrivateKey,
    vote: Private,
}

/// A key file does not hold a validator's keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// A line is missing.
    #[error("key file has no line `{0} = …`")]
    Missing(&'static str),
    /// A line does not hold a key.
    #[error("line `{name}` of the key file is not a key: {reason}")]
    Malformed {
        /// Which line.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
}

const NETWORK_LINE: &str = "network";
const VOTE_LINE: &str = "vote";

impl ValidatorKeys {
    /// Makes new keys.
    pub fn generate(mut rng: impl CryptoRng) -> Self {
        let network = ed25519::PrivateKey::random(&mut rng);
        let vote = Private::random(&mut rng);
        Self { network, vote }
    }

    /// The text of the key file: one `name = hex` line per key.
    pub fn to_file_string(&self) -> String {
        format!(
            "{NETWORK_LINE} = {}\n{VOTE_LINE} = {}\n",
            alloy_primitives::hex::encode(self.network.encode()),
            alloy_primitives::hex::encode(self.vote.encode()),
        )
    }

    /// Reads the text of a key file.
    pub fn from_file_string(text: &str) -> Result<Self, KeyFileError> {
        let network = ed25519::PrivateKey::decode(line(text, NETWORK_LINE)?)
            .map_err(|error| malformed(NETWORK_LINE, error))?;
        let vote =
            Private::decode(line(text, VOTE_LINE)?).map_err(|error| malformed(VOTE_LINE, error))?;
        Ok(Self { network, vote })
    }

    /// The Ed25519 public key: the identity on the network.
    pub fn network_key(&self) -> B256 {
        B256::from_slice(self.network.public_key().as_ref())
    }

    /// The BLS12-381 public key under which votes are counted (96 bytes).
    pub fn vote_key(&self) -> Bytes {
        Bytes::from(compute_public::<VoteVariant>(&self.vote).encode().to_vec())
    }

    /// Proof that whoever registers the vote key holds its secret.
    pub fn possession(&self) -> Bytes {
        let proof = ops::sign_proof_of_possession::<VoteVariant>(&self.vote, NAMESPACE);
        Bytes::from(proof.encode().to_vec())
    }

    pub(crate) fn network(&self) -> &ed25519::PrivateKey {
        &self.network
    }

    pub(crate) fn vote(&self) -> &Private {
        &self.vote
    }
}

impl std::fmt::Debug for ValidatorKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ValidatorKeys").field("network_key", &self.network_key()).finish()
    }
}

fn line(text: &str, name: &'static str) -> Result<bytes::Bytes, KeyFileError> {
    let value = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim())
        .ok_or(KeyFileError::Missing(name))?;
    let bytes = alloy_primitives::hex::decode(value).map_err(|error| malformed(name, error))?;
    Ok(bytes.into())
}

fn malformed(name: &'static str, reason: impl std::fmt::Display) -> KeyFileError {
    KeyFileError::Malformed { name, reason: reason.to_string() }
}
