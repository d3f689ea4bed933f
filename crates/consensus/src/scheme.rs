//! How votes are signed and counted, behind one type alias, and the committees by epoch.

use std::{
    collections::BTreeMap,
    sync::{Arc, RwLock},
};

use commonware_codec::DecodeExt as _;
use commonware_consensus::{simplex::scheme::bls12381_multisig, types::Epoch};
use commonware_cryptography::{
    bls12381::primitives::{
        ops::verify_proof_of_possession,
        variant::{MinSig, Variant},
    },
    certificate::{Provider, Scoped},
    ed25519,
};
use commonware_utils::{ordered::BiMap, ordered::Set};
use qiao_types::{Genesis, GenesisValidator};

use crate::keys::ValidatorKeys;

/// The identity of a validator on the network.
pub type PublicKey = ed25519::PublicKey;
/// Signatures in G1 (48 bytes), public keys in G2 (96 bytes).
pub type VoteVariant = MinSig;
/// BLS multi-signatures: no ceremony, the signers of a certificate are named, and a certificate of
/// four validators is 96 bytes. Members that keep vote keys in an HSM would put the Ed25519 scheme
/// here.
pub type Scheme = bls12381_multisig::Scheme<PublicKey, VoteVariant>;

/// Separates our signatures from everybody else's.
pub const NAMESPACE: &[u8] = b"qiao";

type VoteKey = <VoteVariant as Variant>::Public;
type Possession = <VoteVariant as Variant>::Signature;

/// The validators of one epoch, their keys checked.
#[derive(Debug, Clone)]
pub struct Committee {
    participants: BiMap<PublicKey, VoteKey>,
}

/// The genesis file does not describe a committee.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitteeError {
    /// A public key or proof does not decode.
    #[error("validator `{validator}`: field `{field}` is not a valid key: {reason}")]
    Malformed {
        /// The validator's name.
        validator: String,
        /// The field of the genesis file.
        field: &'static str,
        /// What the decoder met.
        reason: String,
    },
    /// The proof of possession does not fit the vote key.
    #[error("validator `{validator}`: the proof of possession does not match the vote key")]
    Possession {
        /// The validator's name.
        validator: String,
    },
    /// Two validators share a key, or there is none.
    #[error("the validators' keys are not distinct, or there is no validator")]
    NotDistinct,
}

impl Committee {
    /// Reads the validators of the genesis file and checks every proof of possession.
    pub fn from_genesis(genesis: &Genesis) -> Result<Self, CommitteeError> {
        let members = genesis.validators.iter().map(checked_keys).collect::<Result<Vec<_>, _>>()?;
        let count = members.len();
        let participants = BiMap::try_from(members).map_err(|_| CommitteeError::NotDistinct)?;
        if count == 0 {
            return Err(CommitteeError::NotDistinct);
        }
        Ok(Self { participants })
    }

    /// The network identities, in the order in which votes name them.
    pub fn members(&self) -> Set<PublicKey> {
        self.participants.keys().clone()
    }

    /// How many validators there are.
    pub fn size(&self) -> u32 {
        u32::try_from(self.participants.len()).expect("a committee is small")
    }

    /// The scheme with which this node votes, or only verifies where it is no member.
    pub fn scheme(&self, keys: &ValidatorKeys) -> (Scheme, bool) {
        match Scheme::signer(NAMESPACE, self.participants.clone(), keys.vote().clone()) {
            Some(scheme) => (scheme, true),
            None => (self.listener(), false),
        }
    }

    /// The scheme of whoever only listens.
    pub fn listener(&self) -> Scheme {
        Scheme::verifier(NAMESPACE, self.participants.clone())
    }
}

/// Reads a network identity from its 32 bytes.
pub fn network_identity(validator: &GenesisValidator) -> Result<PublicKey, CommitteeError> {
    PublicKey::decode(bytes::Bytes::copy_from_slice(validator.network_key.as_slice()))
        .map_err(|error| malformed(validator, "network_key", error))
}

fn checked_keys(validator: &GenesisValidator) -> Result<(PublicKey, VoteKey), CommitteeError> {
    let identity = network_identity(validator)?;
    let vote = VoteKey::decode(validator.vote_key.0.clone())
        .map_err(|error| malformed(validator, "vote_key", error))?;
    let possession = Possession::decode(validator.possession.0.clone())
        .map_err(|error| malformed(validator, "possession", error))?;
    verify_proof_of_possession::<VoteVariant>(&vote, NAMESPACE, &possession)
        .map_err(|_| CommitteeError::Possession { validator: validator.name.clone() })?;
    Ok((identity, vote))
}

fn malformed(
    validator: &GenesisValidator,
    field: &'static str,
    reason: impl std::fmt::Display,
) -> CommitteeError {
    CommitteeError::Malformed {
        validator: validator.name.clone(),
        field,
        reason: reason.to_string(),
    }
}

/// The scheme of every epoch whose blocks may still be verified.
#[derive(Clone)]
pub struct EpochSchemes {
    keys: ValidatorKeys,
    known: Arc<RwLock<BTreeMap<Epoch, KnownScheme>>>,
}

/// A scheme, and whether this node votes with it.
type KnownScheme = (Arc<Scheme>, bool);

impl EpochSchemes {
    /// Knows no epoch yet.
    pub fn new(keys: ValidatorKeys) -> Self {
        Self { keys, known: Arc::default() }
    }

    /// Makes an epoch's committee known; a repeated registration changes nothing.
    pub fn register(&self, epoch: Epoch, committee: &Committee) -> KnownScheme {
        let mut known = self.known.write().expect("no holder of the lock panics");
        known
            .entry(epoch)
            .or_insert_with(|| {
                let (scheme, is_member) = committee.scheme(&self.keys);
                (Arc::new(scheme), is_member)
            })
            .clone()
    }
}

impl Provider for EpochSchemes {
    type Scope = Epoch;
    type Scheme = Scheme;

    fn scoped(&self, epoch: Epoch) -> Option<Scoped<Scheme>> {
        let known = self.known.read().expect("no holder of the lock panics");
        known.get(&epoch).map(|(scheme, is_member)| {
            if *is_member {
                Scoped::scheme(scheme.clone())
            } else {
                Scoped::verifier(scheme.clone())
            }
        })
    }
}
