//! Tables that come in: read, built into events, compared with the chain.

use qiao_documents::{Cell, Sheet, Table, TableError, TableLimits};
use qiao_epcis::Event;
use qiao_goods::import::{self, Line, LineProblem, Mapping, MappingError, Outcome, Stage};
use qiao_indexer::{Index, IndexError};
use serde::Serialize;
use serde_json::Value;

/// What is read of a file.
pub const LIMITS: TableLimits = TableLimits {
    bytes_max: 8 * 1024 * 1024,
    inflated_bytes_max: 64 * 1024 * 1024,
    rows_max: 10_000,
    columns_max: 64,
    cell_bytes_max: 2_048,
};

/// Why a file is refused as a whole.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is no table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// It is no list of rows.
    #[error("rows in JSON are a list of objects whose values are texts or numbers, at most {}", LIMITS.rows_max)]
    Rows,
    /// The mapping does not fit.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// There is no mapping of this name.
    #[error("no mapping `{0}` is kept here")]
    UnknownMapping(String),
    /// The index.
    #[error(transparent)]
    Index(#[from] IndexError),
}

impl ImportError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Table(error) => error.code(),
            Self::Rows => "import.rows",
            Self::Mapping(error) => error.code(),
            Self::UnknownMapping(_) => "import.unknown_mapping",
            Self::Index(_) => "node.failure",
        }
    }
}

/// A file that was read and compared with the chain.
pub struct Import {
    heads: Vec<String>,
    lines: Vec<Line>,
    outcome: Outcome,
    /// Events that the chain has already.
    known: usize,
}

/// What is told of an import.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportReport {
    /// Rows of the file.
    pub rows: usize,
    /// Events that they become.
    pub events: usize,
    /// Those that the chain does not have yet.
    pub new: usize,
    /// Those that it has.
    pub known: usize,
    /// Rows that say the same as an earlier one: this one, and that.
    pub repeated: Vec<(usize, usize)>,
    /// What is wrong, by row.
    pub problems: Vec<LineProblem>,
    /// Whether more is wrong than is told.
    pub is_cut: bool,
    /// The events' hashes, in order.
    pub hashes: Vec<String>,
}

impl Import {
    /// Reads a CSV or XLSX file.
    ///
    /// # Errors
    /// It is refused as a whole.
    pub async fn of_file(
        index: &Index,
        bytes: &[u8],
        mapping: &Mapping,
    ) -> Result<Self, ImportError> {
        let table = Table::read(bytes, &LIMITS)?;
        let lines = table.rows.into_iter().map(|row| Line { number: row.line, cells: row.cells });
        Self::of_lines(index, table.heads, lines.collect(), mapping).await
    }

    /// Reads rows in JSON: a list of objects, a field each. The first is line 1.
    ///
    /// # Errors
    /// It is refused as a whole.
    pub async fn of_json(
        index: &Index,
        bytes: &[u8],
        mapping: &Mapping,
    ) -> Result<Self, ImportError> {
        let rows: Vec<serde_json::Map<String, Value>> =
            serde_json::from_slice(bytes).map_err(|_| ImportError::Rows)?;
        if rows.len() > LIMITS.rows_max {
            return Err(ImportError::Rows);
        }
        let mut heads: Vec<String> = Vec::new();
        for name in rows.iter().flat_map(|row| row.keys()) {
            if heads.len() < LIMITS.columns_max && !heads.contains(name) {
                heads.push(name.clone());
            }
        }
        let cell = |value: Option<&Value>| match value {
            None | Some(Value::Null) => Some(String::new()),
            Some(Value::String(text)) if text.len() <= LIMITS.cell_bytes_max => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(_) => None,
        };
        let mut lines = Vec::with_capacity(rows.len());
        for (number, row) in (1..).zip(&rows) {
            let cells: Option<Vec<String>> = heads.iter().map(|head| cell(row.get(head))).collect();
            lines.push(Line { number, cells: cells.ok_or(ImportError::Rows)? });
        }
        Self::of_lines(index, heads, lines, mapping).await
    }

    async fn of_lines(
        index: &Index,
        heads: Vec<String>,
        lines: Vec<Line>,
        mapping: &Mapping,
    ) -> Result<Self, ImportError> {
        let outcome = import::read(&heads, &lines, mapping)?;
        let known = known(index, &outcome).await?;
        Ok(Self { heads, lines, outcome, known })
    }

    /// The same with these events in place of its own, one for one: what is sealed in them makes them
    /// others.
    ///
    /// # Errors
    /// The index cannot answer.
    pub async fn with_events(
        mut self,
        index: &Index,
        events: Vec<Event>,
    ) -> Result<Self, ImportError> {
        for (built, event) in self.outcome.events.iter_mut().zip(events) {
            built.event = event;
        }
        self.known = known(index, &self.outcome).await?;
        Ok(self)
    }

    /// The events, in the order of the file.
    pub fn events(&self) -> Vec<Event> {
        self.outcome.events.iter().map(|built| built.event.clone()).collect()
    }

    /// Whether a row is wrong.
    pub fn has_problems(&self) -> bool {
        !self.outcome.problems.is_empty()
    }

    /// What is told of it.
    pub fn report(&self) -> ImportReport {
        let Outcome { lines, events, repeated, problems, is_cut } = &self.outcome;
        ImportReport {
            rows: *lines,
            events: events.len(),
            new: events.len() - self.known,
            known: self.known,
            repeated: repeated.clone(),
            problems: problems.clone(),
            is_cut: *is_cut,
            hashes: events.iter().map(|built| built.event.hash().to_string()).collect(),
        }
    }

    /// The rows that are wrong, with what is wrong beside them.
    pub fn error_sheet(&self) -> Sheet {
        let mut table = import::error_table(&self.heads, &self.lines, &self.outcome).into_iter();
        let heads = table.next().unwrap_or_default();
        let rows = table.map(|row| row.into_iter().map(Cell::text).collect()).collect();
        Sheet { name: "Errors".to_owned(), heads, rows }
    }
}

/// How many of the events the chain has.
async fn known(index: &Index, outcome: &Outcome) -> Result<usize, IndexError> {
    let mut known = 0;
    for built in &outcome.events {
        known += usize::from(index.event(&built.event.hash()).await?.is_some());
    }
    Ok(known)
}

/// An empty file of a stage with an example row.
pub fn template_sheet(stage: Stage) -> Sheet {
    let (heads, example) = import::template(stage);
    let rows = vec![example.into_iter().map(Cell::text).collect()];
    Sheet { name: stage.as_str().to_owned(), heads, rows }
}
