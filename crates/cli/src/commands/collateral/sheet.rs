//! Assets in a file of CSV.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use qiao_modules::collateral::KINDS;
use qiao_modules::money::Currency;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::{Output, table};

/// Bytes of a file.
const FILE_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// Columns that are no part of an identity.
const OTHER_COLUMNS: [&str; 4] = ["kind", "amount", "value", "currency"];

/// A row of the file.
pub struct Row {
    /// Its line in the file.
    pub line: u64,
    /// The kind of the asset.
    pub kind: String,
    /// The parts of its identity.
    pub identity: BTreeMap<String, String>,
    /// What the column `amount` or `value` says, in the minor unit; 0 where there is none.
    pub amount: u64,
    /// The currency.
    pub currency: String,
}

impl Row {
    /// The asset as the node takes it.
    pub fn asset(&self) -> Value {
        json!({ "kind": self.kind, "identity": self.identity })
    }

    /// The asset as a person reads it.
    pub fn name(&self) -> String {
        let parts: Vec<&str> = self.identity.values().map(String::as_str).collect();
        format!("{} {}", self.kind, parts.join(" "))
    }
}

/// Reads a file whose amounts are in this column. A file with a mistake is refused as a whole, with
/// every line that has one.
pub fn read(path: &Path, amounts: &str, needs_amount: bool) -> Result<Vec<Row>, Failure> {
    let unreadable = |cause: String| {
        Failure::environment(format!("`{}` cannot be read: {cause}", path.display()))
    };
    let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file.take(FILE_BYTES_MAX));
    let heads = reader.headers().map_err(|error| unreadable(error.to_string()))?.clone();
    let heads: Vec<String> =
        heads.iter().map(|head| head.trim_start_matches('\u{feff}').to_lowercase()).collect();
    check_heads(&heads)?;
    let (mut rows, mut mistakes) = (Vec::new(), Vec::new());
    for (record, nth) in reader.records().zip(2u64..) {
        let record = record.map_err(|error| unreadable(error.to_string()))?;
        let line = record.position().map_or(nth, csv::Position::line);
        match row(line, &heads, &record, amounts, needs_amount) {
            Ok(row) => rows.push(row),
            Err(mistake) => mistakes.push(format!("  line {line}: {mistake}")),
        }
    }
    if !mistakes.is_empty() {
        let count = mistakes.len();
        mistakes.truncate(20);
        let message = format!("{count} lines of `{}` have mistakes", path.display());
        return Err(Failure::refused(format!("{message}\n{}", mistakes.join("\n")))
            .with_hint("`qiao collateral kinds` lists the columns; nothing was sent"));
    }
    if rows.is_empty() {
        return Err(Failure::refused(format!("`{}` has no rows", path.display())));
    }
    Ok(rows)
}

fn check_heads(heads: &[String]) -> Result<(), Failure> {
    let is_part =
        |head: &String| KINDS.iter().any(|kind| kind.parts.iter().any(|part| part.name == head));
    let wrong = heads.iter().find(|head| !is_part(head) && !OTHER_COLUMNS.contains(&head.as_str()));
    let hint = "`qiao collateral kinds` lists the columns";
    if let Some(wrong) = wrong {
        return Err(Failure::refused(format!("column `{wrong}` is not known")).with_hint(hint));
    }
    if !heads.iter().any(|head| head == "kind") {
        return Err(Failure::refused("column `kind` is missing").with_hint(hint));
    }
    Ok(())
}

fn row(
    line: u64,
    heads: &[String],
    record: &csv::StringRecord,
    amounts: &str,
    needs_amount: bool,
) -> Result<Row, String> {
    let cell = |name: &str| {
        let at = heads.iter().position(|head| head == name);
        at.and_then(|at| record.get(at)).unwrap_or_default()
    };
    let mut identity = BTreeMap::new();
    for (head, text) in heads.iter().zip(record) {
        if !OTHER_COLUMNS.contains(&head.as_str()) && !text.is_empty() {
            identity.insert(head.clone(), text.to_owned());
        }
    }
    let (code, amount) = (cell("currency").to_owned(), cell(amounts));
    if amount.is_empty() && !needs_amount {
        return Ok(Row {
            line,
            kind: cell("kind").to_owned(),
            identity,
            amount: 0,
            currency: code,
        });
    }
    let currency = Currency::from_code(&code);
    let currency = currency.ok_or_else(|| format!("`{code}` is no currency known here"))?;
    let amount = currency.amount(amount).ok_or_else(|| {
        format!("`{amount}` is no amount of {code} with {} decimals", currency.decimals())
    })?;
    Ok(Row { line, kind: cell("kind").to_owned(), identity, amount, currency: code })
}

/// Lists the kinds of assets and the columns of their identities.
pub fn kinds(output: &Output) -> Result<ExitCode, Failure> {
    if output.json {
        let part = |part: &qiao_modules::collateral::KindPart| json!({ "name": part.name, "is": part.doc });
        let kinds = KINDS.iter().map(|kind| {
            let parts: Vec<Value> = kind.parts.iter().map(part).collect();
            json!({ "kind": kind.name, "is": kind.doc, "identity": parts })
        });
        output.document(&kinds.collect::<Vec<_>>());
        return Ok(ExitCode::SUCCESS);
    }
    let rows = KINDS.iter().flat_map(|kind| {
        kind.parts
            .iter()
            .map(|part| vec![kind.name.to_owned(), part.name.to_owned(), part.doc.to_owned()])
    });
    output.line(&table(&["KIND", "COLUMN", "WHAT IT IS"], &rows.collect::<Vec<_>>()));
    output.next("`qiao collateral check FILE` with these columns, `amount` and `currency`");
    Ok(ExitCode::SUCCESS)
}
