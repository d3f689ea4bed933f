//! What a partner sees of the events that it asks for.

use std::collections::BTreeSet;

use qiao_sharing::{Field, FieldError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Fields that one profile shows, at most.
const FIELDS_MAX: usize = 100;

/// The word for who captured an event, which is no field of it.
const CAPTURER: &str = "capturer";

/// A profile: fields by name, as in `docs/concepts/sharing.md`; extensions as URIs. What is not named is
/// hidden, so that a field that is new does not leak.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// What the partner sees.
    pub shows: Vec<String>,
}

/// Why a profile is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// It names what is no field.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// An extension is named by a prefix, which means something else in each event.
    #[error("`{0}` is a prefix and a name: a profile names extensions by their whole URI")]
    Prefix(String),
    /// It is too long.
    #[error("a profile shows at most {FIELDS_MAX} fields")]
    TooMany,
}

impl Profile {
    /// What it shows, read: the fields, and whether who captured an event.
    ///
    /// # Errors
    /// [`ProfileError`].
    pub fn fields(&self) -> Result<(BTreeSet<Field>, bool), ProfileError> {
        if self.shows.len() > FIELDS_MAX {
            return Err(ProfileError::TooMany);
        }
        let (capturer, fields): (Vec<&String>, Vec<&String>) =
            self.shows.iter().partition(|name| *name == CAPTURER);
        let fields = fields.into_iter().map(|name| match Field::parse(name)? {
            Field::Extension(name) if !is_uri(&name) => Err(ProfileError::Prefix(name)),
            field => Ok(field),
        });
        let fields: BTreeSet<Field> = fields.collect::<Result<_, _>>()?;
        let shows_capturer = !capturer.is_empty() || fields.contains(&Field::All);
        Ok((fields, shows_capturer))
    }
}

/// Whether a name can be no prefix of an event: those are never schemes.
fn is_uri(name: &str) -> bool {
    ["http://", "https://", "urn:"].iter().any(|scheme| name.starts_with(scheme))
}
