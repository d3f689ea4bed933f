//! EIP-712: the hash of structured data, as wallets are asked to sign it.

use std::collections::{BTreeMap, BTreeSet};

use alloy_primitives::{Address, B256, Bytes, I256, U256, keccak256};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The type of the domain.
const DOMAIN: &str = "EIP712Domain";

/// Fields that a domain may have, in the order of the standard.
const DOMAIN_FIELDS: [(&str, &str); 5] = [
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
    ("salt", "bytes32"),
];

/// A message with its types.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TypedData {
    types: BTreeMap<String, Vec<Field>>,
    primary_type: String,
    domain: Value,
    #[serde(default)]
    message: Value,
}

#[derive(Debug, Clone, Deserialize)]
struct Field {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

impl TypedData {
    /// The hash that is signed; an error names the field that is wrong.
    pub(super) fn signing_hash(mut self) -> Result<B256, String> {
        if !self.types.contains_key(DOMAIN) {
            let fields = self.domain_fields();
            self.types.insert(DOMAIN.to_owned(), fields);
        }
        let mut bytes = vec![0x19, 0x01];
        bytes.extend(self.struct_hash(DOMAIN, &self.domain, "domain")?);
        if self.primary_type != DOMAIN {
            bytes.extend(self.struct_hash(&self.primary_type, &self.message, "message")?);
        }
        Ok(keccak256(bytes))
    }

    /// The domain's fields, where the message does not say them: those that it has.
    fn domain_fields(&self) -> Vec<Field> {
        let present = DOMAIN_FIELDS.iter().filter(|(name, _)| self.domain.get(*name).is_some());
        present
            .map(|(name, kind)| Field { name: (*name).to_owned(), kind: (*kind).to_owned() })
            .collect()
    }

    fn fields(&self, kind: &str) -> Result<&Vec<Field>, String> {
        self.types.get(kind).ok_or_else(|| format!("type `{kind}` is not declared"))
    }

    fn struct_hash(&self, kind: &str, value: &Value, path: &str) -> Result<B256, String> {
        let empty = Map::new();
        let members = match value {
            Value::Object(members) => members,
            Value::Null if self.fields(kind)?.is_empty() => &empty,
            _ => return Err(format!("`{path}` is not an object")),
        };
        let mut bytes = keccak256(self.encoded_type(kind)?).to_vec();
        for Field { name, kind } in self.fields(kind)? {
            let path = format!("{path}.{name}");
            let value = members.get(name).ok_or_else(|| format!("`{path}` is missing"))?;
            bytes.extend(self.encoded(kind, value, &path)?);
        }
        Ok(keccak256(bytes))
    }

    /// `Mail(Person from,Person to)Person(string name)`: the type, then those that it needs.
    fn encoded_type(&self, kind: &str) -> Result<String, String> {
        let mut needed = BTreeSet::new();
        let mut open = vec![kind];
        while let Some(next) = open.pop() {
            for field in self.fields(next)? {
                let base = field.kind.split('[').next().unwrap_or_default();
                if base != kind && self.types.contains_key(base) && needed.insert(base) {
                    open.push(base);
                }
            }
        }
        let mut text = String::new();
        for name in std::iter::once(kind).chain(needed) {
            let fields = self.fields(name)?.iter();
            let fields: Vec<_> =
                fields.map(|field| format!("{} {}", field.kind, field.name)).collect();
            text.push_str(&format!("{name}({})", fields.join(",")));
        }
        Ok(text)
    }

    fn encoded(&self, kind: &str, value: &Value, path: &str) -> Result<B256, String> {
        if let Some((of, length)) = kind.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
            return self.array_hash(of, length, value, path);
        }
        if self.types.contains_key(kind) {
            // A struct that is absent, as in a list that ends.
            if value.is_null() {
                return Ok(B256::ZERO);
            }
            return self.struct_hash(kind, value, path);
        }
        word(kind, value).ok_or_else(|| format!("`{path}` is no `{kind}`"))
    }

    fn array_hash(
        &self,
        of: &str,
        length: &str,
        value: &Value,
        path: &str,
    ) -> Result<B256, String> {
        let items = value.as_array().ok_or_else(|| format!("`{path}` is not a list"))?;
        if !length.is_empty() && length.parse() != Ok(items.len()) {
            return Err(format!("`{path}` has {} items instead of {length}", items.len()));
        }
        let mut bytes = Vec::with_capacity(32 * items.len());
        for (place, item) in items.iter().enumerate() {
            bytes.extend(self.encoded(of, item, &format!("{path}[{place}]"))?);
        }
        Ok(keccak256(bytes))
    }
}

/// A value of one of Solidity's own types in 32 bytes; those without a fixed length are hashed.
fn word(kind: &str, value: &Value) -> Option<B256> {
    match kind {
        "string" => value.as_str().map(keccak256),
        "bytes" => bytes(value).map(keccak256),
        "bool" => value.as_bool().map(|is_true| U256::from(is_true).into()),
        "address" => Some(value.as_str()?.parse::<Address>().ok()?.into_word()),
        _ => {
            if let Some(bits) = kind.strip_prefix("uint") {
                let number = text_of(value)?.parse::<U256>().ok()?;
                return (number.bit_len() <= width(bits)?).then(|| number.into());
            }
            if let Some(bits) = kind.strip_prefix("int") {
                return signed(value, width(bits)?);
            }
            let length: usize = kind.strip_prefix("bytes")?.parse().ok()?;
            let bytes = bytes(value)?;
            let fits = (1..=32).contains(&length) && bytes.len() == length;
            fits.then(|| B256::right_padding_from(&bytes))
        }
    }
}

fn signed(value: &Value, bits: usize) -> Option<B256> {
    let text = text_of(value)?;
    let number = match text.strip_prefix("0x") {
        Some(_) => I256::try_from(text.parse::<U256>().ok()?).ok()?,
        None => text.parse::<I256>().ok()?,
    };
    // The sign takes a bit.
    (number.bits() as usize <= bits).then(|| number.into_raw().into())
}

/// The bits of `uint96`; those of `uint` are 256.
fn width(bits: &str) -> Option<usize> {
    if bits.is_empty() {
        return Some(256);
    }
    let bits: usize = bits.parse().ok()?;
    ((8..=256).contains(&bits) && bits.is_multiple_of(8)).then_some(bits)
}

/// Numbers are written as numbers, or as text in decimal or hexadecimal.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}

fn bytes(value: &Value) -> Option<Bytes> {
    let text = value.as_str()?;
    text.starts_with("0x").then(|| text.parse().ok())?
}
