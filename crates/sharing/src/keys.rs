//! The keys of a member with which it opens what was sealed for it.

use std::fmt;

use hkdf::Hkdf;
use hpke::{Deserializable as _, Kem as _, Serializable as _};
use sha2::Sha256;

use crate::envelope::Kem;

type Private = <Kem as hpke::Kem>::PrivateKey;

/// Keys of one member, at most.
const KEYS_MAX: usize = 64;

/// A key for which others seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey(pub [u8; 32]);

/// The secret keys of a member, the oldest first. Others seal for the newest; what was sealed for the
/// older ones is opened with them, so that they are never thrown away.
///
/// They are made for this and nothing else: no account signs with them.
#[derive(Clone)]
pub struct Keyring(Vec<Private>);

/// A text that holds no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to {KEYS_MAX} lines of 64 hexadecimal digits")]
pub struct KeyringError;

impl fmt::Debug for Keyring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Keyring({} keys)", self.0.len())
    }
}

impl Keyring {
    /// One fresh key, of the system's randomness.
    pub fn fresh() -> Self {
        Self(vec![Kem::gen_keypair().0])
    }

    /// The keys of a file: one in each line.
    ///
    /// # Errors
    /// The text is something else.
    pub fn parse(text: &str) -> Result<Self, KeyringError> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let key = |line: &str| {
            let mut bytes = [0; 32];
            hex::decode_to_slice(line, &mut bytes).map_err(|_| KeyringError)?;
            Private::from_bytes(&bytes).map_err(|_| KeyringError)
        };
        let keys: Vec<Private> = lines.map(key).collect::<Result<_, _>>()?;
        if keys.is_empty() || keys.len() > KEYS_MAX {
            return Err(KeyringError);
        }
        Ok(Self(keys))
    }

    /// The text of a file with these keys.
    pub fn to_text(&self) -> String {
        self.0.iter().map(|key| format!("{}\n", hex::encode(key.to_bytes()))).collect()
    }

    /// Adds a fresh key, for which others seal once it was announced.
    ///
    /// # Errors
    /// There are too many.
    pub fn renew(&mut self) -> Result<(), KeyringError> {
        if self.0.len() >= KEYS_MAX {
            return Err(KeyringError);
        }
        self.0.push(Kem::gen_keypair().0);
        Ok(())
    }

    /// The newest key.
    pub fn newest(&self) -> PublicKey {
        let newest = self.0.last().expect("a keyring has a key");
        PublicKey(Kem::sk_to_pk(newest).to_bytes().into())
    }

    /// The secret keys, the newest first.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Private> {
        self.0.iter().rev()
    }

    /// The salt of a field in an event of this member: nobody else can compute it, and the same event
    /// sealed again has the same. It comes from the first key, so that it outlives the others.
    pub(crate) fn salt(&self, of: &[u8]) -> [u8; 32] {
        let first = self.0.first().expect("a keyring has a key").to_bytes();
        let mut salt = [0; 32];
        Hkdf::<Sha256>::new(Some(b"qiao sharing: salt"), &first)
            .expand(of, &mut salt)
            .expect("32 bytes are few enough for HKDF");
        salt
    }
}
