//! Paths from entries of the state to the root in a header: of what is there, and of what is not.

use commonware_codec::{Decode as _, Encode as _};
use commonware_cryptography::{Sha256, sha256::Digest};
use commonware_parallel::Strategy;
use commonware_runtime::Spawner;
use commonware_storage::{
    Context,
    merkle::MAX_PROOF_DIGESTS_PER_ELEMENT,
    qmdb::{
        any::value::VariableEncoding,
        current::ordered::proof::constant::{ExclusionProof, KeyValueProof},
    },
};
use qiao_types::{B256, Bytes, ProvedEntries, ProvedEntry, StateKey, StateUnavailable};

use crate::{
    database::{BITMAP_CHUNK_BYTES, Database, Family, to_b256, to_digest},
    value::StateValue,
};

type Encoding = VariableEncoding<StateValue>;
type Presence = KeyValueProof<Family, Digest, Digest, BITMAP_CHUNK_BYTES>;
type Absence = ExclusionProof<Family, Digest, Encoding, Digest, BITMAP_CHUNK_BYTES>;

/// A path does not prove what it is said to prove.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The bytes are no path.
    #[error("the path does not decode: {0}")]
    Malformed(String),
    /// It is a path, of another key, another value or another root.
    #[error("the path does not lead from this key and value to the state root")]
    Differs,
}

/// Reads keys of the newest state together with their paths.
pub(crate) async fn prove<E: Context + Spawner, S: Strategy>(
    database: &Database<E, S>,
    keys: &[StateKey],
) -> Result<ProvedEntries, StateUnavailable> {
    let mut entries = Vec::with_capacity(keys.len());
    for key in keys {
        let key = to_digest(&key.0);
        let value = database.get(&key).await.map_err(store)?;
        let path = match value {
            Some(_) => database.key_value_proof(key).await.map_err(store)?.encode(),
            None => database.exclusion_proof(&key).await.map_err(store)?.encode(),
        };
        entries.push(ProvedEntry {
            value: value.map(|value| Bytes::from(value.0)),
            path: Bytes::from(path.to_vec()),
        });
    }
    Ok(ProvedEntries { root: to_b256(&database.root()), entries })
}

/// Checks that the state with this root holds `value` under `key`, or nothing.
pub fn verify_entry(
    root: B256,
    key: StateKey,
    value: Option<&Bytes>,
    path: &Bytes,
) -> Result<(), PathError> {
    let (root, key) = (to_digest(&root), to_digest(&key.0));
    let path = path.0.clone();
    let leads = match value {
        Some(value) => {
            let configuration = (MAX_PROOF_DIGESTS_PER_ELEMENT, ());
            let path = Presence::decode_cfg(path, &configuration).map_err(malformed)?;
            path.verify::<Sha256, Encoding>(key, StateValue(value.0.clone()), &root)
        }
        None => {
            let configuration = (MAX_PROOF_DIGESTS_PER_ELEMENT, ((), ()), ());
            let path = Absence::decode_cfg(path, &configuration).map_err(malformed)?;
            path.verify::<Sha256>(&key, &root)
        }
    };
    if leads { Ok(()) } else { Err(PathError::Differs) }
}

fn store(error: impl std::fmt::Display) -> StateUnavailable {
    StateUnavailable::Store(error.to_string())
}

fn malformed(error: commonware_codec::Error) -> PathError {
    PathError::Malformed(error.to_string())
}
