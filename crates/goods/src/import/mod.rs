//! Tables and forms that become events: a row for each thing, a stage for each kind of event.
//!
//! The same row gives the same event, and so the same Event Hash ID: a file that is sent twice is on the
//! chain once.

mod build;
mod fields;
mod keys;
mod mapping;
mod times;

use serde::{Deserialize, Serialize};

pub use self::fields::{Field, Stage, template};
pub use self::mapping::{Mapping, MappingError};

/// Problems that are told at most.
pub const PROBLEMS_MAX: usize = 1_000;

/// A line of a table: its number, and its cells in the order of the heads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The number that a spreadsheet shows beside it.
    pub number: usize,
    /// Its cells.
    pub cells: Vec<String>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LineProblem {
    /// The line, as a spreadsheet counts.
    pub line: usize,
    /// The column's head in the file, or the field where no column is meant.
    pub column: String,
    /// Stable code, `import.snake_case`, or the code of a rule of EPCIS.
    pub code: String,
    /// What stands there, cut where it is long.
    pub value: String,
    /// The rule.
    pub rule: String,
}

/// An event that lines became.
#[derive(Debug, Clone)]
pub struct Built {
    /// The lines, in order.
    pub lines: Vec<usize>,
    /// The event.
    pub event: qiao_epcis::Event,
}

/// What became of a table.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Lines that were read.
    pub lines: usize,
    /// The events, in the order of their first lines.
    pub events: Vec<Built>,
    /// Lines that say the same as an earlier one: this one, and that.
    pub repeated: Vec<(usize, usize)>,
    /// What is wrong, in the order of the lines.
    pub problems: Vec<LineProblem>,
    /// Whether more is wrong than is told.
    pub is_cut: bool,
}

/// Reads a table by a mapping.
///
/// # Errors
/// The mapping does not fit the heads of the table.
pub fn read(heads: &[String], lines: &[Line], mapping: &Mapping) -> Result<Outcome, MappingError> {
    let columns = mapping.columns(heads)?;
    let mut outcome = build::build(heads, lines, &columns, mapping);
    outcome.is_cut = outcome.problems.len() > PROBLEMS_MAX;
    outcome.problems.truncate(PROBLEMS_MAX);
    Ok(outcome)
}

/// The lines that were refused, with what is wrong, as a table that can be corrected and sent again.
pub fn error_table(heads: &[String], lines: &[Line], outcome: &Outcome) -> Vec<Vec<String>> {
    let mut table = Vec::new();
    let extra = ["Line", "Column", "Problem", "Code"].map(str::to_owned);
    table.push(heads.iter().cloned().chain(extra).collect());
    for problem in &outcome.problems {
        let Some(line) = lines.iter().find(|line| line.number == problem.line) else { continue };
        let mut cells = line.cells.clone();
        cells.resize(heads.len(), String::new());
        let number = problem.line.to_string();
        cells.extend([number, problem.column.clone(), problem.rule.clone(), problem.code.clone()]);
        table.push(cells);
    }
    table
}
