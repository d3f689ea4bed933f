//! Envelopes: what was taken out of an event, sealed for one reader.

use hpke::{
    Deserializable as _, OpModeR, OpModeS, Serializable as _, aead::ChaCha20Poly1305,
    kdf::HkdfSha256, kem::X25519HkdfSha256, single_shot_open, single_shot_seal,
};
use qiao_epcis::{EventHash, Json, Limits, Object};
use sha2::{Digest as _, Sha256};

use crate::keys::{Keyring, PublicKey};

pub(crate) type Kem = X25519HkdfSha256;

/// What all envelopes are for.
const INFO: &[u8] = b"qiao sharing: envelope 1";
/// What all commitments are of.
const COMMITMENT: &[u8] = b"qiao sharing: commitment 1";
/// The first byte of an envelope.
const VERSION: u8 = 1;
/// The encapsulated key.
const KEY_BYTES: usize = 32;
/// What is sealed has a multiple of so many bytes.
const BLOCK_BYTES: usize = 64;

/// What a commitment binds, and only readers know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    /// Keeps the commitment from being guessed.
    pub(crate) salt: [u8; 32],
    /// What was taken out: a JSON object of values by their places.
    pub(crate) text: String,
}

/// What an envelope belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Binding<'a> {
    /// The event that is on the chain.
    pub(crate) event: EventHash,
    /// The organisation that sealed.
    pub(crate) author: u64,
    /// The name of the field, its prefix written out.
    pub(crate) field: &'a str,
    /// The commitment in the event.
    pub(crate) commitment: [u8; 32],
}

impl Content {
    /// The commitment to it, as the content of a field.
    pub(crate) fn commitment(&self, field: &str) -> [u8; 32] {
        let hash = Sha256::new().chain_update(COMMITMENT).chain_update(self.salt);
        let hash = hash.chain_update((field.len() as u64).to_be_bytes()).chain_update(field);
        hash.chain_update(&self.text).finalize().into()
    }

    /// What was taken out, read.
    pub(crate) fn object(&self) -> Option<Object> {
        match Json::parse(self.text.as_bytes(), &Limits::EVENT) {
            Ok(Json::Object(object)) => Some(object),
            _ => None,
        }
    }

    /// The values, each with the place in the event where it was.
    pub(crate) fn values(&self) -> Vec<(String, Json)> {
        let all = self.object().into_iter().flatten();
        all.filter(|(place, _)| place != "@context").collect()
    }

    fn padded(&self) -> Option<Vec<u8>> {
        let length = u32::try_from(self.text.len()).ok()?;
        let mut bytes = Vec::with_capacity(self.text.len() + 2 * BLOCK_BYTES);
        bytes.extend_from_slice(&self.salt);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(self.text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(BLOCK_BYTES), 0);
        Some(bytes)
    }

    fn of_padded(bytes: &[u8]) -> Option<Self> {
        let (salt, rest) = bytes.split_first_chunk::<32>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let text = rest.get(..usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
        Some(Self { salt: *salt, text: std::str::from_utf8(text).ok()?.to_owned() })
    }
}

impl Binding<'_> {
    fn bytes(&self, reader: u64) -> Vec<u8> {
        let mut bytes = self.event.0.to_vec();
        bytes.extend_from_slice(&self.author.to_be_bytes());
        bytes.extend_from_slice(&reader.to_be_bytes());
        bytes.extend_from_slice(&self.commitment);
        bytes.extend_from_slice(self.field.as_bytes());
        bytes
    }

    /// Seals for a reader; `None` where its key is none, or too much is sealed.
    pub(crate) fn seal(&self, content: &Content, reader: u64, key: &PublicKey) -> Option<Vec<u8>> {
        let key = <Kem as hpke::Kem>::PublicKey::from_bytes(&key.0).ok()?;
        let (plain, bound) = (content.padded()?, self.bytes(reader));
        let mode = OpModeS::Base;
        let sealed = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Kem>(
            &mode, &key, INFO, &plain, &bound,
        );
        let (encapsulated, sealed) = sealed.ok()?;
        Some([&[VERSION], encapsulated.to_bytes().as_slice(), &sealed].concat())
    }

    /// Opens an envelope with whichever key fits; `None` where none does, or where the content is not
    /// what the commitment says.
    pub(crate) fn open(&self, envelope: &[u8], reader: u64, keys: &Keyring) -> Option<Content> {
        let sealed = envelope.strip_prefix(&[VERSION])?;
        let (encapsulated, sealed) = sealed.split_at_checked(KEY_BYTES)?;
        let encapsulated = <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated).ok()?;
        let bound = self.bytes(reader);
        let opened = keys.secrets().find_map(|key| {
            single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
                &OpModeR::Base,
                key,
                &encapsulated,
                INFO,
                sealed,
                &bound,
            )
            .ok()
        });
        let content = Content::of_padded(&opened?)?;
        (content.commitment(self.field) == self.commitment).then_some(content)
    }
}
