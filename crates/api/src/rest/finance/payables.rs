//! `/finance/payables`: a table of payables becomes vouchers, after a dry run.

use axum::{
    Json,
    body::Body,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use qiao_documents::{CSV, Table, TableLimits, XLSX};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::acting::{Acting, Asked, For, file};
use crate::{
    finance::payables::{self, CheckedRow, SignedRow},
    rest::{body, problem::Problem},
};

/// What is to be done with a table.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub(super) struct Wanted {
    /// Whether it is only checked.
    #[serde(default)]
    dry_run: bool,
    /// Whether the rows without a problem are signed although others have one.
    #[serde(default)]
    partial: bool,
    /// `csv` for the file of rows that have a problem, instead of the report.
    format: Option<String>,
}

/// What became of a table of payables.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Imported {
    /// Rows of the table.
    rows: usize,
    /// Rows that can be signed.
    ready: usize,
    /// What they come to, by currency, in the minor unit.
    totals: Vec<Total>,
    /// Every row, with what is wrong with it.
    checked: Vec<CheckedRow>,
    /// What was signed; nothing in a dry run.
    signed: Vec<SignedRow>,
}

/// An amount of a currency.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Total {
    /// The letters of the currency.
    currency: &'static str,
    /// In the minor unit.
    amount: u64,
}

/// Checks a table of payables (CSV or XLSX), row by row, and signs a voucher for each.
///
/// Nothing is signed in a dry run, or while a row has a problem, unless `partial` says so. Sending the
/// same table again signs nothing twice: an invoice is used once.
#[utoipa::path(
    post,
    operation_id = "import_payables",
    path = "/finance/payables",
    tag = "finance",
    params(Wanted, For),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 200, description = "Checked, or signed", body = Imported),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "A row has a problem; nothing was signed", body = Imported),
    )
)]
pub(in crate::rest) async fn import(
    acting: Acting,
    Asked(wanted): Asked<Wanted>,
    request_body: Body,
) -> Result<Response, Box<Problem>> {
    let context = &acting.context;
    let whole = body::read(request_body, &context.limits, &context.bodies).await?;
    let table = Table::read(&whole.bytes, &TableLimits::default()).map_err(|error| {
        Problem::new(StatusCode::BAD_REQUEST, error.code(), error.to_string())
            .hint("`GET /finance/payables/template.xlsx` is a table to fill in")
    })?;
    let checked = payables::check(acting.chain(), &acting.names, &acting.desk, &table).await?;
    if wanted.format.as_deref() == Some("csv") {
        let sheet = payables::error_file(&table, &checked);
        return Ok(file(CSV, "errors.csv", sheet.to_csv()));
    }
    let ready = checked.iter().filter(|row| row.order.is_some()).count();
    let totals = payables::totals(&checked).into_iter().map(|(currency, amount)| Total {
        currency: crate::finance::words::currency_code(currency),
        amount,
    });
    let totals = totals.collect();
    let is_whole = ready == checked.len();
    let signs = !wanted.dry_run && (is_whole || wanted.partial);
    let signed =
        if signs { payables::sign(&acting.desk, checked.clone()).await? } else { Vec::new() };
    let is_refused = !wanted.dry_run && !signs;
    let status = if is_refused { StatusCode::CONFLICT } else { StatusCode::OK };
    let imported = Imported { rows: checked.len(), ready, totals, checked, signed };
    Ok((status, Json(imported)).into_response())
}

/// A table of payables to fill in.
#[utoipa::path(
    get,
    operation_id = "payables_template",
    path = "/finance/payables/template.xlsx",
    tag = "finance",
    responses((status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))
)]
pub(in crate::rest) async fn template() -> Response {
    file(XLSX, "payables.xlsx", payables::template().to_xlsx())
}
