//! Values in the contract ABI's encoding, for the types that the modules' interfaces use.

use std::fmt;

use alloy_primitives::{Address, B256, U256};

/// Longer lists are not shown.
const LIST_MAX: usize = 10_000;

/// A decoded value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Number(U256),
    Truth(bool),
    Account(Address),
    Hash(B256),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Value>),
    /// What is written as it stands: a number of any width and sign.
    Words(String),
    /// A struct.
    Record(Vec<(String, Value)>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Truth(truth) => f.write_str(if *truth { "yes" } else { "no" }),
            Self::Account(account) => write!(f, "{account}"),
            Self::Hash(hash) => write!(f, "{hash}"),
            Self::Text(text) | Self::Words(text) => f.write_str(text),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::List(items) => write!(f, "{} items", items.len()),
            Self::Record(fields) => write!(f, "{} fields", fields.len()),
        }
    }
}

/// Decodes the values of a parameter list; `None` where the bytes do not fit the types.
pub(crate) fn decode(kinds: &[&str], data: &[u8]) -> Option<Vec<Value>> {
    kinds.iter().enumerate().map(|(i, kind)| value(kind, data, i * 32)).collect()
}

/// Decodes an indexed parameter of an event; long values are only there as their hash.
pub(crate) fn decode_topic(kind: &str, topic: B256) -> Value {
    if is_dynamic(kind) {
        return Value::Hash(topic);
    }
    value(kind, topic.as_slice(), 0).unwrap_or(Value::Hash(topic))
}

fn is_dynamic(kind: &str) -> bool {
    kind.ends_with(']') || kind == "string" || kind == "bytes"
}

/// The value whose head begins at `at`; offsets count from the beginning of `data`.
fn value(kind: &str, data: &[u8], at: usize) -> Option<Value> {
    let word = word(data, at)?;
    if let Some(element) = kind.strip_suffix("[]") {
        let start = small(word)?;
        let count = small(self::word(data, start)?)?;
        let elements = data.get(start + 32..)?;
        if count > LIST_MAX {
            return None;
        }
        let list: Option<Vec<Value>> =
            (0..count).map(|i| value(element, elements, i * 32)).collect();
        return list.map(Value::List);
    }
    match kind {
        "string" | "bytes" => {
            let start = small(word)?;
            let length = small(self::word(data, start)?)?;
            let bytes = data.get(start + 32..)?.get(..length)?;
            Some(match kind {
                "string" => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
                _ => Value::Bytes(bytes.to_vec()),
            })
        }
        "address" => Some(Value::Account(Address::from_word(B256::from_slice(word)))),
        "bool" => Some(Value::Truth(word[31] != 0)),
        "bytes32" => Some(Value::Hash(B256::from_slice(word))),
        _ if kind.starts_with("uint") => Some(Value::Number(U256::from_be_slice(word))),
        _ => {
            let length: usize = kind.strip_prefix("bytes")?.parse().ok()?;
            Some(Value::Bytes(word.get(..length)?.to_vec()))
        }
    }
}

fn word(data: &[u8], at: usize) -> Option<&[u8]> {
    data.get(at..at.checked_add(32)?)
}

/// A length or offset, which is never beyond 2^32.
fn small(word: &[u8]) -> Option<usize> {
    let number = U256::from_be_slice(word);
    u32::try_from(number).ok().and_then(|number| usize::try_from(number).ok())
}
