//! The references of a payment: its UETR, and how its end-to-end identification travels.

use sha2::{Digest as _, Sha256};

/// Before the end-to-end identification.
const END_TO_END: &str = "EREF+";
/// Between it and the text.
const TEXT: &str = "+SVWZ+";
/// Bytes of remittance information on the chain.
pub(super) const REMITTANCE_BYTES_MAX: usize = 140;

/// What a payment says of itself: `EREF+INV-1+SVWZ+March` on the chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reference {
    /// The end-to-end identification; empty where none was given.
    pub end_to_end_id: String,
    /// What for.
    pub text: String,
}

impl Reference {
    /// From what stands on the chain.
    pub fn read(remittance: &str) -> Self {
        let parts = remittance.strip_prefix(END_TO_END).and_then(|rest| rest.split_once(TEXT));
        match parts {
            Some((id, text)) => Self { end_to_end_id: id.to_owned(), text: text.to_owned() },
            None => Self { end_to_end_id: String::new(), text: remittance.to_owned() },
        }
    }

    /// As it stands on the chain; `None` where it is too long, or the identification cannot be told
    /// from the text.
    pub fn write(&self) -> Option<String> {
        let written = if self.end_to_end_id.is_empty() {
            self.text.clone()
        } else {
            format!("{END_TO_END}{}{TEXT}{}", self.end_to_end_id, self.text)
        };
        let is_right = written.len() <= REMITTANCE_BYTES_MAX && Self::read(&written) == *self;
        is_right.then_some(written)
    }
}

/// The UETR of a payment whose message gives none: the same for the same message, so that a message
/// that is sent twice is carried out once. A UUID of version 8 (RFC 9562).
pub(super) fn derived_uetr(parts: &[&[u8]]) -> u128 {
    let mut hash = Sha256::new();
    hash.update(b"qiao uetr 1");
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    u128::from_be_bytes(bytes)
}

/// A UETR as the UUID that it is.
pub fn uetr_text(uetr: u128) -> String {
    let hex = format!("{uetr:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// The UETR that a text stands for.
pub fn uetr_of(text: &str) -> Option<u128> {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let digits: String = text.chars().filter(|letter| *letter != '-').collect();
    (lengths == [8, 4, 4, 4, 12] && is_hex).then(|| u128::from_str_radix(&digits, 16).ok())?
}
