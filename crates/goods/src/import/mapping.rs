//! How a partner's columns are read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Field, Stage};

/// Bytes of a text in a mapping at most.
const TEXT_BYTES_MAX: usize = 200;

/// How the columns of a partner's file are read. Without one, the heads are those of the template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mapping {
    /// The stage of every row, where the file has no column for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// The head of the column for a field.
    #[serde(default)]
    pub columns: BTreeMap<Field, String>,
    /// What a field is where the file has no column for it, or nothing in the cell.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<Field, String>,
    /// How days are written, as `strftime` has it: `%d/%m/%Y`. If absent: `2026-03-01`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
}

/// Why a mapping cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// A column is not there.
    #[error("the file has no column `{head}`, which the mapping reads as `{field}`")]
    NoColumn {
        /// The head.
        head: String,
        /// The field.
        field: &'static str,
    },
    /// Nothing in the file is understood.
    #[error("no column of the file has a head that is known: `gtin`, `lot`, `date` …")]
    NoneKnown,
    /// A text is too long.
    #[error("`{0}` has more than {TEXT_BYTES_MAX} bytes")]
    TooLong(&'static str),
    /// The pattern of days is none.
    #[error("`dates` is no pattern: `{0}`")]
    Dates(String),
}

impl MappingError {
    /// The stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoColumn { .. } => "import.no_column",
            Self::NoneKnown => "import.unknown_columns",
            Self::TooLong(_) => "import.mapping_too_long",
            Self::Dates(_) => "import.mapping_dates",
        }
    }
}

/// Which column holds which field.
pub(super) type Columns = BTreeMap<Field, usize>;

impl Mapping {
    /// Checks what somebody wants to keep.
    ///
    /// # Errors
    /// The first broken rule.
    pub fn check(&self) -> Result<(), MappingError> {
        let texts = self.columns.iter().chain(&self.values);
        if let Some((field, _)) = texts.into_iter().find(|(_, text)| text.len() > TEXT_BYTES_MAX) {
            return Err(MappingError::TooLong(field.as_str()));
        }
        if let Some(pattern) = &self.dates {
            let example = jiff::civil::datetime(2026, 3, 1, 8, 30, 0, 0);
            let written = jiff::fmt::strtime::format(pattern, example);
            let back = written.ok().and_then(|text| {
                let read = jiff::fmt::strtime::parse(pattern, &text).ok()?;
                read.to_date().ok()
            });
            if pattern.len() > TEXT_BYTES_MAX || back != Some(example.date()) {
                return Err(MappingError::Dates(pattern.chars().take(40).collect()));
            }
        }
        Ok(())
    }

    /// The columns of a file with these heads.
    pub(super) fn columns(&self, heads: &[String]) -> Result<Columns, MappingError> {
        self.check()?;
        let find = |wanted: &str| heads.iter().position(|head| is_same(head, wanted));
        let mut columns = Columns::new();
        for (field, head) in &self.columns {
            let Some(place) = find(head) else {
                return Err(MappingError::NoColumn { head: head.clone(), field: field.as_str() });
            };
            columns.insert(*field, place);
        }
        if self.columns.is_empty() {
            let known =
                Field::ALL.into_iter().filter_map(|field| Some((field, find(field.as_str())?)));
            columns.extend(known);
        }
        if columns.is_empty() { Err(MappingError::NoneKnown) } else { Ok(columns) }
    }
}

/// `Lot number`, `lot_number` and `LOT-NUMBER` are one head.
fn is_same(one: &str, other: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    plain(one) == plain(other)
}
