//! A table of payables: checked row by row, then signed as a whole with one confirmation.
//!
//! Between the two pages the table lives in the form, so that nothing is kept that nobody confirms.

use axum::{
    body::Bytes,
    extract::{FromRequest as _, Multipart, Request},
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use maud::{Markup, html};
use qiao_api::finance::{
    FinanceError,
    payables::{self, CheckedRow, SignedRow},
};
use qiao_documents::{CSV, Cell, Sheet, Table, TableLimits};

use super::{
    pieces::{money, money_words},
    seat::{Seat, Tab},
};
use crate::{console::Trouble, forms::Fields, pages::contracts::signing::require_own, words};

/// Rows that a page shows; the rest is counted.
const SHOWN_MAX: usize = 200;

/// `POST /desks/{organisation}/payables`: checks a table.
pub(super) async fn check(seat: Seat, request: Request) -> Response {
    let made = checked(&seat, request).await;
    seat.answer(made)
}

async fn checked(seat: &Seat, request: Request) -> Result<Response, Trouble> {
    let headers = request.headers().clone();
    let (fields, file) = read(request).await?;
    require_own(&seat.console, &headers, &fields)?;
    let table = table(&file)?;
    let chain = &*seat.console.chain;
    let rows = payables::check(chain, &seat.names, &seat.desk, &table).await?;
    let ready = rows.iter().filter(|row| row.order.is_some()).count();
    let text = String::from_utf8(csv(&table)).unwrap_or_default();
    let body = html! {
        p.crumb { a href=(seat.path("payables")) { "← Back, without signing" } }
        (summary(&rows, ready))
        @if ready < rows.len() {
            form.fill method="post" action=(seat.path("payables/errors")) {
                (hidden(seat, &text))
                button.plain { "Download the rows that have a problem" }
            }
        }
        (checked_rows(&rows, &[]))
        @if ready > 0 {
            form.fill method="post" action=(seat.path("payables/sign")) {
                (hidden(seat, &text))
                button {
                    "Sign " (words::count(ready as u64, "voucher", "vouchers")) " for " (total(&rows))
                }
                p.soft.small {
                    "Each is a transaction of its own, signed by " (seat.desk.name) ". Its supplier then \
                     accepts it."
                }
            }
        }
    };
    Ok(seat.page("Check before signing", Tab::Payables, body))
}

/// `POST /desks/{organisation}/payables/sign`: signs the rows that have no problem.
pub(super) async fn sign(seat: Seat, headers: HeaderMap, body: String) -> Response {
    let made = signed(&seat, &headers, &Fields::read(&body)).await;
    seat.answer(made)
}

async fn signed(seat: &Seat, headers: &HeaderMap, fields: &Fields) -> Result<Response, Trouble> {
    require_own(&seat.console, headers, fields)?;
    let table = table(fields.get("table").unwrap_or_default().as_bytes())?;
    let chain = &*seat.console.chain;
    let rows = payables::check(chain, &seat.names, &seat.desk, &table).await?;
    let signed = payables::sign(&seat.desk, rows.clone()).await?;
    let made = signed.iter().filter(|row| row.voucher.is_some()).count();
    let body = html! {
        div.state.alarm[made < signed.len()] role="status" {
            span.dot {}
            p {
                (words::count(made as u64, "voucher is", "vouchers are")) " issued and final. Their suppliers \
                 find them in their wallets."
            }
        }
        p { a href=(seat.path("payables")) { "To the payables" } }
        (checked_rows(&rows, &signed))
    };
    Ok(seat.page("Signed", Tab::Payables, body))
}

/// `POST /desks/{organisation}/payables/errors`: the rows that have a problem, as a file.
pub(super) async fn errors(seat: Seat, headers: HeaderMap, body: String) -> Response {
    let made = error_file(&seat, &headers, &Fields::read(&body)).await;
    seat.answer(made)
}

async fn error_file(
    seat: &Seat,
    headers: &HeaderMap,
    fields: &Fields,
) -> Result<Response, Trouble> {
    require_own(&seat.console, headers, fields)?;
    let table = table(fields.get("table").unwrap_or_default().as_bytes())?;
    let chain = &*seat.console.chain;
    let rows = payables::check(chain, &seat.names, &seat.desk, &table).await?;
    let sheet = payables::error_file(&table, &rows);
    let named = [(CONTENT_TYPE, CSV), (CONTENT_DISPOSITION, "attachment; filename=\"errors.csv\"")];
    Ok((StatusCode::OK, named, sheet.to_csv()).into_response())
}

/// The fields of a form and the file in it.
async fn read(request: Request) -> Result<(Fields, Bytes), Trouble> {
    let unclear = |error: &dyn std::fmt::Display| {
        Trouble::Unclear(format!("The form with the table cannot be read: {error}."))
    };
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| unclear(&error))?;
    let mut seal = String::new();
    let mut file = Bytes::new();
    while let Some(field) = form.next_field().await.map_err(|error| unclear(&error))? {
        match field.name() {
            Some("seal") => seal = field.text().await.map_err(|error| unclear(&error))?,
            Some("table") => file = field.bytes().await.map_err(|error| unclear(&error))?,
            _ => {}
        }
    }
    Ok((Fields::read(&format!("seal={seal}")), file))
}

fn table(bytes: &[u8]) -> Result<Table, Trouble> {
    Table::read(bytes, &TableLimits::default()).map_err(|error| {
        let text = error.to_string();
        FinanceError::input("table", format!("cannot be read: {text}")).into()
    })
}

/// The table as it was read, with the lines where they were.
fn csv(table: &Table) -> Vec<u8> {
    let heads: Vec<&str> = table.heads.iter().map(String::as_str).collect();
    let mut sheet = Sheet::new("", &heads);
    let mut line = 2;
    for row in &table.rows {
        while line < row.line {
            sheet.push(vec![Cell::text(""); table.heads.len()]);
            line += 1;
        }
        sheet.push(row.cells.iter().map(|cell| Cell::Number(cell.clone())).collect());
        line += 1;
    }
    sheet.to_csv()
}

fn hidden(seat: &Seat, table: &str) -> Markup {
    html! {
        input type="hidden" name="seal" value=(seat.console.seal.word());
        textarea name="table" hidden { (table) }
    }
}

fn summary(rows: &[CheckedRow], ready: usize) -> Markup {
    let wrong = rows.len() - ready;
    html! {
        div.state.waiting[wrong > 0] role="status" {
            span.dot {}
            div {
                p {
                    (words::count(rows.len() as u64, "row", "rows")) ", " (ready) " ready to sign"
                    @if ready > 0 { ": " (total(rows)) }
                    "."
                }
                @if wrong > 0 {
                    p { (words::count(wrong as u64, "row has", "rows have")) " a problem and will not be signed." }
                }
            }
        }
    }
}

fn total(rows: &[CheckedRow]) -> String {
    let totals = payables::totals(rows);
    let totals = totals.iter().map(|(currency, amount)| money_words(*currency, *amount));
    totals.collect::<Vec<_>>().join(" and ")
}

fn checked_rows(rows: &[CheckedRow], signed: &[SignedRow]) -> Markup {
    html! {
        section.card aria-labelledby="rows" {
            header { h2 id="rows" { "Rows" } }
            ul.rows {
                @for row in rows.iter().take(SHOWN_MAX) {
                    @let outcome = signed.iter().find(|one| one.line == row.line);
                    li {
                        div.main {
                            strong { (money(row.currency_number, row.amount)) }
                            span.line {
                                "to " @if let Some(supplier) = &row.supplier { (supplier.name) } @else { "nobody" }
                                @if !row.invoice.is_empty() { ", invoice " (row.invoice) }
                                @if !row.due.is_empty() { ", due " span.nowrap { (row.due) } }
                            }
                            (problems(row, outcome))
                        }
                        div.aside { (state(row, outcome)) span.line { "line " (row.line) } }
                    }
                }
            }
            @if rows.len() > SHOWN_MAX { p.empty { "The first " (SHOWN_MAX) " rows are shown." } }
        }
    }
}

fn state(row: &CheckedRow, outcome: Option<&SignedRow>) -> Markup {
    html! {
        @match outcome.and_then(|one| one.voucher) {
            Some(voucher) => span.tag.good { "voucher " (voucher) },
            None if row.problems.is_empty() && outcome.is_none() => span.tag.good { "ready" },
            None => span.tag.alarm { "not signed" },
        }
    }
}

fn problems(row: &CheckedRow, outcome: Option<&SignedRow>) -> Markup {
    let problems = row.problems.iter().chain(outcome.and_then(|one| one.problem.as_ref()));
    html! { @for problem in problems { p.alarm.small { (problem.told()) } } }
}
