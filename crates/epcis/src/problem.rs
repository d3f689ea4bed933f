//! What is wrong with a document, in a form that people and programs can use.

use serde::Serialize;
use std::fmt::{self, Display, Formatter};

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Index of the event in the document; none where the document itself is meant.
    pub event: Option<usize>,
    /// Where: `eventList[1].quantityList[0].uom`.
    pub field: String,
    /// Stable code, `epcis.snake_case`; all of them are in [`CODES`].
    pub code: &'static str,
    /// The rule that was broken, in words.
    pub rule: String,
}

impl Display for Problem {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(out, "`{}`: ", self.field)?;
        }
        write!(out, "{} ({})", self.rule, self.code)
    }
}

/// A code with its meaning and what to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Code {
    /// `epcis.snake_case`, never renamed.
    pub code: &'static str,
    /// The rule.
    pub cause: &'static str,
    /// What the sender does.
    pub remedy: &'static str,
}

const fn code(code: &'static str, cause: &'static str, remedy: &'static str) -> Code {
    Code { code, cause, remedy }
}

/// Every code that this crate reports, in alphabetical order.
pub const CODES: &[Code] = &[code(
    "epcis.check_digit",
    "The check digit of a GS1 identifier is wrong.",
    "Correct the identifier; the rule names the digit that was expected.",
)];
