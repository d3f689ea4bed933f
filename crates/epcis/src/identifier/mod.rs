//! Identifiers of things, places, parties and documents, each with one canonical form.

mod digital_link;
mod keys;
mod urn;

use crate::uri::{URI_BYTES_MAX, excerpt, is_uri};
use std::fmt::{self, Display, Formatter};

pub use keys::check_digit;

/// An identifier in its canonical form.
///
/// A GS1 key is the GS1 Digital Link URI on `https://id.gs1.org`, whichever way it was written: as
/// an EPC URN, as a class or pattern URN, or as a Digital Link on any domain. Any other URI stands
/// for itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    uri: String,
    level: Level,
}

/// What an identifier names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// One thing: a box with its own serial number, a place, a party, a document.
    Instance,
    /// A class of things: all of a product, or of a lot.
    Class,
    /// Not a GS1 key, so its form does not tell.
    Other,
}

/// Why a text is not an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Longer than an identifier may be.
    #[error("an identifier has at most {URI_BYTES_MAX} bytes")]
    TooLong,
    /// Not an absolute URI.
    #[error("an identifier is an absolute URI, `{0}` is not")]
    NotUri(String),
    /// Begins like a GS1 key but is not one.
    #[error("{rule}, `{text}` is not")]
    Malformed {
        /// What the key looks like.
        rule: &'static str,
        /// What was written.
        text: String,
    },
    /// The check digit of a GS1 key is wrong.
    #[error("the check digit of `{key}` is wrong: {expected} was expected")]
    CheckDigit {
        /// The digits of the key.
        key: String,
        /// The digit that would be right.
        expected: char,
    },
}

impl IdentifierError {
    /// Stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "epcis.limit_uri",
            Self::NotUri(_) => "epcis.not_uri",
            Self::Malformed { .. } => "epcis.identifier_malformed",
            Self::CheckDigit { .. } => "epcis.check_digit",
        }
    }
}

/// What normalising a URI found.
enum Normal {
    /// A GS1 key. `wrong_key` has the digits whose last is not the right check digit.
    Key { uri: String, level: Level, wrong_key: Option<String> },
    /// Begins like a GS1 key but is not one.
    Malformed(&'static str),
    /// Something else.
    Other,
}

impl Identifier {
    /// Reads an identifier in any of its forms.
    ///
    /// # Errors
    /// When it is not a URI, or a GS1 key with a wrong form or check digit.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        if text.len() > URI_BYTES_MAX {
            return Err(IdentifierError::TooLong);
        }
        if !is_uri(text) {
            return Err(IdentifierError::NotUri(excerpt(text).to_owned()));
        }
        match normalise(text) {
            Normal::Key { uri, level, wrong_key: None } => Ok(Self { uri, level }),
            Normal::Key { wrong_key: Some(key), .. } => {
                let expected = check_digit(&key[..key.len() - 1]).unwrap_or('?');
                Err(IdentifierError::CheckDigit { key, expected })
            }
            Normal::Malformed(rule) => {
                Err(IdentifierError::Malformed { rule, text: excerpt(text).to_owned() })
            }
            Normal::Other => Ok(Self { uri: text.to_owned(), level: Level::Other }),
        }
    }

    /// The canonical URI.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.uri
    }

    /// Whether it names one thing, a class, or is not a GS1 key.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Whether it names a class of things, such as a product or a lot.
    #[must_use]
    pub fn is_class(&self) -> bool {
        self.level == Level::Class
    }

    /// Whether it is a GS1 key.
    #[must_use]
    pub fn is_gs1_key(&self) -> bool {
        self.level != Level::Other
    }
}

impl Display for Identifier {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(&self.uri)
    }
}

impl AsRef<str> for Identifier {
    fn as_ref(&self) -> &str {
        &self.uri
    }
}

impl From<Identifier> for String {
    fn from(identifier: Identifier) -> Self {
        identifier.uri
    }
}

impl std::str::FromStr for Identifier {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The canonical URI of a text that is a GS1 key, whether or not its check digit is right. The
/// event hash looks at every value this way, also at those that no rule requires to be a key.
pub(crate) fn canonical_key(text: &str) -> Option<String> {
    if text.len() > URI_BYTES_MAX || !text.starts_with(['u', 'h', 'H']) {
        return None;
    }
    match normalise(text) {
        Normal::Key { uri, .. } if is_uri(text) => Some(uri),
        _ => None,
    }
}

fn normalise(text: &str) -> Normal {
    if let Some(rest) = text.strip_prefix("urn:epc:") {
        return urn::normalise(rest);
    }
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    if scheme.is_some_and(|s| s.eq_ignore_ascii_case("http") || s.eq_ignore_ascii_case("https")) {
        return digital_link::normalise(text);
    }
    Normal::Other
}
