//! A JSON tree that keeps what was written: numbers stay text, fields keep their order.
//!
//! The reader is our own because its answer is part of the chain's rules. It must be the same for
//! the same bytes on every validator and in every later version, so it cannot follow a library.

mod parse;
mod write;

pub use parse::JsonError;
pub(crate) use write::{write_fields, write_string};

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// A string, its escapes resolved.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Object),
}

/// The fields of a JSON object in the order in which they were written. Names are distinct.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object(Vec<(String, Json)>);

impl Json {
    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The fields of an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// What kind of value this is, in words.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// Drops every field whose name begins with `_`: by custom of the industry's templates, a
    /// comment to the reader.
    pub(crate) fn drop_comments(&mut self) {
        match self {
            Self::Array(items) => items.iter_mut().for_each(Self::drop_comments),
            Self::Object(object) => {
                object.0.retain(|(name, _)| !name.starts_with('_'));
                object.0.iter_mut().for_each(|(_, value)| value.drop_comments());
            }
            _ => {}
        }
    }
}

impl Object {
    /// The value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The text of a field that holds a string.
    #[must_use]
    pub fn str(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Json::as_str)
    }

    /// The elements of a field that holds an array; none where the field is absent.
    #[must_use]
    pub fn array(&self, name: &str) -> &[Json] {
        self.get(name).and_then(Json::as_array).unwrap_or_default()
    }

    /// Adds a field, whose name is new.
    pub fn push(&mut self, name: String, value: Json) {
        debug_assert!(self.get(&name).is_none(), "names are distinct");
        self.0.push((name, value));
    }

    /// The value of a field, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Json> {
        self.0.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Takes a field out of the object.
    pub fn remove(&mut self, name: &str) -> Option<Json> {
        let at = self.0.iter().position(|(key, _)| key == name)?;
        Some(self.0.remove(at).1)
    }

    /// All fields, in the order in which they were written.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no field.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl IntoIterator for Object {
    type Item = (String, Json);
    type IntoIter = std::vec::IntoIter<(String, Json)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
