//! Payables: a table of what a core firm owes its suppliers becomes vouchers, checked row by row first.

use std::collections::BTreeMap;

use alloy_primitives::B256;
use qiao_documents::{Cell, Row, Sheet, Table};
use qiao_module_kit::money::Currency;
use qiao_modules::receivables::{
    self,
    IReceivables::{Document, Terms, issueCall},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Desk, FinanceError, exposure,
    names::{Names, Party},
    view, words,
};
use crate::{
    Chain, reverts,
    sending::{Order, SendError, Trial},
};

/// Rows of one batch.
pub const ROWS_MAX: usize = 2_000;

/// The columns of a table of payables, with an example of each.
pub const COLUMNS: [(&str, &str); 16] = [
    ("supplier", "Harbour Axle Works"),
    ("amount", "125000.00"),
    ("currency", "CNY"),
    ("due", "2027-03-31"),
    ("contract_number", "PC-2026-118"),
    ("contract_value", "900000.00"),
    ("contract_sha256", "the SHA-256 of the file, 64 hexadecimal digits"),
    ("invoice_number", "INV-40127"),
    ("invoice_value", "125000.00"),
    ("invoice_sha256", ""),
    ("delivery_number", "DN-40127"),
    ("delivery_value", "125000.00"),
    ("delivery_sha256", ""),
    ("recourse", "no"),
    ("interest_bearer", "holder"),
    ("tenor_reason", ""),
];

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RowProblem {
    /// The column; empty where the row as a whole is refused.
    pub column: String,
    /// The stable code.
    pub code: String,
    /// The rule that it breaks.
    pub rule: String,
}

/// A row of a table of payables.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckedRow {
    /// The line, as a spreadsheet numbers it.
    pub line: usize,
    /// To whom the voucher would be issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supplier: Option<Party>,
    /// For how much, in the minor unit.
    pub amount: u64,
    /// The letters of the currency.
    pub currency: &'static str,
    /// When it is to be paid.
    pub due: String,
    /// The number of the invoice.
    pub invoice: String,
    /// What is wrong; nothing if it can be signed.
    pub problems: Vec<RowProblem>,
    /// The currency by its number of ISO 4217.
    #[serde(skip)]
    pub currency_number: u16,
    /// The call, and how its trial went.
    #[serde(skip)]
    pub order: Option<(issueCall, Trial)>,
}

/// What signing a row became.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignedRow {
    /// The line, as a spreadsheet numbers it.
    pub line: usize,
    /// The voucher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voucher: Option<u64>,
    /// The transaction.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub transaction: Option<B256>,
    /// Why there is no voucher.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<RowProblem>,
}

/// A table to fill in.
pub fn template() -> Sheet {
    let heads: Vec<&str> = COLUMNS.iter().map(|(head, _)| *head).collect();
    let mut sheet = Sheet::new("Payables", &heads);
    sheet.push(COLUMNS.iter().map(|(_, example)| Cell::text(*example)).collect());
    sheet
}

/// Checks every row: by itself, with the rows before it, and by a trial on the newest state. Nothing is
/// sent.
///
/// # Errors
/// The table lacks a column or has too many rows, or the node cannot answer.
pub async fn check(
    chain: &dyn Chain,
    names: &Names,
    desk: &Desk,
    table: &Table,
) -> Result<Vec<CheckedRow>, FinanceError> {
    if table.rows.len() > ROWS_MAX {
        let rule = format!("must have at most {ROWS_MAX} rows; divide it");
        return Err(FinanceError::input("table", rule));
    }
    let columns = Columns::of(table)?;
    let mut used = Used::load(chain, names, desk).await?;
    let mut rows = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let mut reading = Reading { row, columns: &columns, problems: Vec::new() };
        let call = reading.call(names);
        let mut checked = reading.checked(names, call.as_ref());
        if let Some(call) = call {
            let before = used.with(chain, desk.organisation, &call).await?;
            checked.problems.extend(before);
            match desk.try_out(receivables::ADDRESS, &call).await {
                Ok(trial) => checked.order = Some((call, trial)),
                Err(error @ SendError::Chain(_)) => return Err(error.into()),
                Err(error) if checked.problems.is_empty() => {
                    checked.problems.push(RowProblem::of(&error));
                }
                Err(_) => {}
            }
        }
        if !checked.problems.is_empty() {
            checked.order = None;
        }
        rows.push(checked);
    }
    Ok(rows)
}

/// Signs the rows that have no problem, one transaction each, and waits until they are final.
///
/// # Errors
/// The node cannot send; what was sent before stays sent, and is found among the desk's vouchers.
pub async fn sign(desk: &Desk, rows: Vec<CheckedRow>) -> Result<Vec<SignedRow>, FinanceError> {
    let mut sent = Vec::new();
    let mut signed = Vec::new();
    for row in rows {
        let Some((call, trial)) = row.order else { continue };
        let data = alloy_sol_types::SolCall::abi_encode(&call).into();
        let order = Order { to: Some(receivables::ADDRESS), data, ..Order::default() };
        match desk.submitter().send(order, trial.gas).await {
            Ok(transaction) => sent.push((row.line, transaction)),
            Err(error) => signed.push(SignedRow::refused(row.line, &error)),
        }
    }
    for (line, transaction) in sent {
        let hash = transaction.hash();
        let settled = desk.submitter().settle(&transaction, super::WAIT).await;
        signed.push(match settled {
            Ok(Some((block, position))) => {
                let receipt = &block.receipts[position];
                if receipt.succeeded() {
                    let voucher = receivables::IReceivables::issueCall::decode(&receipt.output);
                    SignedRow { line, voucher, transaction: Some(hash), problem: None }
                } else {
                    let error = SendError::Reverted { output: receipt.output.clone() };
                    SignedRow { transaction: Some(hash), ..SignedRow::refused(line, &error) }
                }
            }
            Ok(None) => SignedRow { line, voucher: None, transaction: Some(hash), problem: None },
            Err(error) => SignedRow { transaction: Some(hash), ..SignedRow::refused(line, &error) },
        });
    }
    signed.sort_by_key(|row| row.line);
    Ok(signed)
}

/// The rows that cannot be signed, as they were sent, with the reason in front.
pub fn error_file(table: &Table, rows: &[CheckedRow]) -> Sheet {
    let mut heads = vec!["line", "problem"];
    heads.extend(table.heads.iter().map(String::as_str));
    let mut sheet = Sheet::new("Errors", &heads);
    for (row, checked) in table.rows.iter().zip(rows) {
        if checked.problems.is_empty() {
            continue;
        }
        let told: Vec<String> = checked.problems.iter().map(RowProblem::told).collect();
        let mut cells = vec![Cell::number(row.line), Cell::text(told.join("; "))];
        cells.extend(row.cells.iter().map(|cell| Cell::text(cell.as_str())));
        sheet.push(cells);
    }
    sheet
}

/// Totals of rows that can be signed, by currency.
pub fn totals(rows: &[CheckedRow]) -> Vec<(u16, u64)> {
    let mut totals: BTreeMap<u16, u64> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.order.is_some()) {
        let total = totals.entry(row.currency_number).or_default();
        *total = total.saturating_add(row.amount);
    }
    totals.into_iter().collect()
}

impl RowProblem {
    fn new(column: &str, code: &str, rule: impl Into<String>) -> Self {
        Self { column: column.to_owned(), code: code.to_owned(), rule: rule.into() }
    }

    fn of(error: &SendError) -> Self {
        let code = error.code().to_owned();
        let told = match error {
            SendError::Reverted { output } => reverts::words(output),
            _ => None,
        };
        let told = told.unwrap_or_else(|| error.to_string());
        let rule = told.strip_prefix(&format!("{code}: ")).map_or(told.clone(), str::to_owned);
        Self { column: String::new(), code, rule }
    }

    /// The problem in one line.
    pub fn told(&self) -> String {
        match self.column.as_str() {
            "" => format!("{} ({})", self.rule, self.code),
            column => format!("{column}: {} ({})", self.rule, self.code),
        }
    }
}

impl SignedRow {
    fn refused(line: usize, error: &SendError) -> Self {
        Self { line, voucher: None, transaction: None, problem: Some(RowProblem::of(error)) }
    }
}

trait Decode {
    fn decode(output: &[u8]) -> Option<u64>;
}

impl Decode for issueCall {
    fn decode(output: &[u8]) -> Option<u64> {
        <Self as alloy_sol_types::SolCall>::abi_decode_returns(output).ok()
    }
}

/// Where the columns stand.
struct Columns(BTreeMap<&'static str, usize>);

/// Columns without which there is no voucher.
const NEEDED: [&str; 8] = [
    "supplier",
    "amount",
    "currency",
    "due",
    "contract_number",
    "invoice_number",
    "delivery_number",
    "invoice_sha256",
];

impl Columns {
    fn of(table: &Table) -> Result<Self, FinanceError> {
        let mut found = BTreeMap::new();
        for (name, _) in COLUMNS {
            if let Some(place) = table.column(&[name]) {
                found.insert(name, place);
            }
        }
        for head in &table.heads {
            let is_known = COLUMNS.iter().any(|(name, _)| {
                table.column(&[name]).is_some_and(|place| &table.heads[place] == head)
            });
            if !is_known && !head.is_empty() {
                let known: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
                let rule = format!("is no column of payables; they are {}", known.join(", "));
                return Err(FinanceError::input(head.as_str(), rule));
            }
        }
        let missing = NEEDED.into_iter().find(|name| !found.contains_key(name));
        match missing {
            Some(name) => Err(FinanceError::input(name, "is a column that must be there")),
            None => Ok(Self(found)),
        }
    }
}

/// One row under reading.
struct Reading<'a> {
    row: &'a Row,
    columns: &'a Columns,
    problems: Vec<RowProblem>,
}

impl Reading<'_> {
    fn cell(&self, column: &str) -> &str {
        self.columns.0.get(column).map_or("", |place| self.row.cells[*place].as_str())
    }

    /// What a cell says; a problem is noted.
    fn take<T>(&mut self, column: &str, read: Result<T, FinanceError>) -> Option<T> {
        match read {
            Ok(value) => Some(value),
            Err(FinanceError::Input { rule, .. }) => {
                self.problems.push(RowProblem::new(column, "finance.invalid_input", rule));
                None
            }
            Err(other) => {
                self.problems.push(RowProblem::new(column, other.code(), other.to_string()));
                None
            }
        }
    }

    /// The call that issues the voucher, if the row says everything.
    fn call(&mut self, names: &Names) -> Option<issueCall> {
        let creditor = names.find(self.cell("supplier")).ok_or_else(|| {
            FinanceError::input("supplier", "must be the name or the number of one member")
        });
        let creditor = self.take("supplier", creditor);
        let currency = words::read_currency("currency", self.cell("currency"));
        let currency = self.take("currency", currency)?;
        let amount = words::read_money("amount", currency, self.cell("amount"));
        let amount = self.take("amount", amount);
        let due = words::read_day("due", self.cell("due"));
        let due = self.take("due", due);
        let recourse = self.truth("recourse");
        let bearer = match self.cell("interest_bearer") {
            "" => Ok(0),
            word => words::number(&words::INTEREST_BEARERS, "interest_bearer", word),
        };
        let bearer = self.take("interest_bearer", bearer);
        let invoice = self.document("invoice", currency, amount.unwrap_or_default());
        let most = invoice.as_ref().map_or(amount.unwrap_or_default(), |invoice| invoice.value);
        let purchase_contract = self.document("contract", currency, most);
        let delivery = self.document("delivery", currency, most);
        Some(issueCall {
            terms: Terms {
                creditor: creditor?,
                amount: amount?,
                currency: currency.number(),
                due: due?,
                recourse: recourse?,
                interestBearer: bearer?,
                tenorReason: self.cell("tenor_reason").to_owned(),
            },
            purchaseContract: purchase_contract?,
            invoice: invoice?,
            delivery: delivery?,
        })
    }

    fn truth(&mut self, column: &str) -> Option<bool> {
        let read = match self.cell(column).to_lowercase().as_str() {
            "" | "no" | "false" | "0" | "无" | "否" => Ok(false),
            "yes" | "true" | "1" | "有" | "是" => Ok(true),
            _ => Err(FinanceError::input(column, "must be yes or no")),
        };
        self.take(column, read)
    }

    /// A document; its value is `most` where the row says none.
    fn document(&mut self, name: &str, currency: Currency, most: u64) -> Option<Document> {
        let [number, value, hash] =
            ["number", "value", "sha256"].map(|part| format!("{name}_{part}"));
        let text = self.cell(&number).to_owned();
        let is_there = (!text.is_empty()).then_some(text);
        let text = is_there.ok_or_else(|| FinanceError::input(&*number, "must not be empty"));
        let text = self.take(&number, text);
        let amount = match self.cell(&value) {
            "" => Ok(most),
            decimal => words::read_money(&value, currency, decimal),
        };
        let amount = self.take(&value, amount);
        let digits = self.cell(&hash).trim_start_matches("0x").to_owned();
        let read = digits.parse::<B256>().ok().filter(|hash| digits.len() == 64 && !hash.is_zero());
        let read = read.ok_or_else(|| {
            FinanceError::input(&*hash, "must be the SHA-256 of the file, 64 hexadecimal digits")
        });
        let read = self.take(&hash, read);
        Some(Document { number: text?, value: amount?, hash: read? })
    }

    fn checked(self, names: &Names, call: Option<&issueCall>) -> CheckedRow {
        let supplier = names.find(self.cell("supplier")).map(|number| names.party(number));
        let currency = Currency::from_code(&self.cell("currency").to_ascii_uppercase());
        let currency = currency.unwrap_or_default();
        CheckedRow {
            line: self.row.line,
            supplier,
            amount: call.map_or(0, |call| call.terms.amount),
            currency: currency.code(),
            due: call
                .map_or_else(|| self.cell("due").to_owned(), |call| words::day(call.terms.due)),
            invoice: self.cell("invoice_number").to_owned(),
            problems: self.problems,
            currency_number: currency.number(),
            order: None,
        }
    }
}

/// What the rows before use up of the limit and of invoices: each trial knows nothing of the others.
struct Used {
    left: BTreeMap<u16, u64>,
    invoices: BTreeMap<(u64, String), u64>,
}

impl Used {
    async fn load(chain: &dyn Chain, names: &Names, desk: &Desk) -> Result<Self, FinanceError> {
        let call = receivables::IReceivables::packInForceCall {};
        let pack = view(chain, receivables::ADDRESS, call).await?;
        let needs_limit =
            receivables::PACKS.get(usize::from(pack)).is_some_and(|pack| pack.needs_limit);
        let mut left = BTreeMap::new();
        if needs_limit {
            for own in exposure::of(chain, names, desk.organisation).await? {
                left.insert(own.currency_number, own.left);
            }
        }
        Ok(Self { left, invoices: BTreeMap::new() })
    }

    /// What is wrong with a call because of the rows before it.
    async fn with(
        &mut self,
        chain: &dyn Chain,
        issuer: u64,
        call: &issueCall,
    ) -> Result<Vec<RowProblem>, FinanceError> {
        let mut problems = Vec::new();
        let amount = call.terms.amount;
        if let Some(left) = self.left.get_mut(&call.terms.currency) {
            match left.checked_sub(amount) {
                Some(less) => *left = less,
                None => {
                    let left = words::money(call.terms.currency, *left);
                    let rule = format!(
                        "must be within what the limit leaves after the rows before: {left}"
                    );
                    problems.push(RowProblem::new("amount", "receivables.issuer_over_limit", rule));
                }
            }
        }
        let number: String =
            call.invoice.number.to_lowercase().split_whitespace().collect::<Vec<_>>().concat();
        let key = (call.terms.creditor, number);
        let before = self.invoices.get(&key).copied().unwrap_or_default();
        let after = before.saturating_add(amount);
        if before > 0 {
            let balance = receivables::IReceivables::invoiceBalanceCall {
                seller: call.terms.creditor,
                buyer: issuer,
                number: call.invoice.number.clone(),
            };
            let balance = view(chain, receivables::ADDRESS, balance).await?;
            let most = if balance.value == 0 { call.invoice.value } else { balance.left };
            if after > most {
                let rule = "must leave something of the invoice to this row: rows before use it up";
                problems.push(RowProblem::new(
                    "invoice_number",
                    "uniqueness.exceeds_balance",
                    rule,
                ));
            }
        }
        self.invoices.insert(key, after);
        Ok(problems)
    }
}
