//! The CBV 2.0 Event Hash ID (§8.9): SHA-256 over the event in a canonical form.
//!
//! The canonical form is a tree of names and values, concatenated in a fixed order of fields. Where
//! the standard's text leaves room, this follows the generator that its authors publish: fields
//! outside the fixed order, and what is left of those inside, come last, sorted.

mod order;
mod tree;

pub(crate) use tree::list_element;

use crate::context::Prefixes;
use crate::json::Object;
use sha2::{Digest, Sha256};
use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

const PREFIX: &str = "ni:///sha-256;";
const SUFFIX: &str = "?ver=CBV2.0";

/// A CBV 2.0 Event Hash ID. Displayed as `ni:///sha-256;<hex>?ver=CBV2.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventHash(pub [u8; 32]);

/// The text is not an Event Hash ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an Event Hash ID is `ni:///sha-256;`, 64 hexadecimal digits and `?ver=CBV2.0`")]
pub struct EventHashError;

impl EventHash {
    /// The hash of an event in canonical form.
    pub(crate) fn of_pre_hash(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// The 64 hexadecimal digits alone.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl Display for EventHash {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "{PREFIX}{}{SUFFIX}", self.to_hex())
    }
}

impl FromStr for EventHash {
    type Err = EventHashError;

    /// Reads the full form, or the hexadecimal digits alone, with or without `0x`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let inner = text.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
        let digits = inner.unwrap_or_else(|| text.strip_prefix("0x").unwrap_or(text));
        if digits.len() != 64 || digits.starts_with("0x") {
            return Err(EventHashError);
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| EventHashError)?;
        Ok(Self(bytes))
    }
}

/// The canonical form of an event.
pub(crate) fn pre_hash(event: &Object, prefixes: &Prefixes) -> String {
    let mut children = tree::children_of_event(event, prefixes);
    let mut text = format!("eventType={}", event.str("type").unwrap_or_default());
    order::ordered(&mut text, &mut children, order::EVENT);
    children.retain(|child| !order::LEFT_OUT.contains(&&*child.name));
    order::unordered(&mut text, &children, true);
    text
}
