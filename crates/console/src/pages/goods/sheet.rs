//! `/fsma204.xlsx` and `/fsma204.csv`: the sortable spreadsheet of a lot.

use axum::{
    extract::{OriginalUri, Query, State, rejection::QueryRejection},
    response::Response,
};
use qiao_api::{goods, sharing::Sight};
use serde::Deserialize;

use crate::{
    console::{Console, Trouble},
    pages::trace::identifier,
};

#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    id: String,
}

/// `GET /fsma204.xlsx?id=…`.
pub(crate) async fn fsma(
    State(console): State<Console>,
    OriginalUri(uri): OriginalUri,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Response {
    let made = match asked {
        Ok(Query(asked)) => made(&console, &asked.id, uri.path()).await,
        Err(rejection) => Err(rejection.into()),
    };
    console.answer(made)
}

async fn made(console: &Console, wanted: &str, path: &str) -> Result<Response, Trouble> {
    let id = identifier(wanted.trim()).map_err(Trouble::Unclear)?;
    let rows = goods::fsma_rows(&*console.chain, &Sight::Own, &id, &*console.labels).await?;
    let rows = rows.ok_or_else(|| {
        Trouble::Missing(format!(
            "Nobody has recorded anything about {}.",
            console.labels.line(id.as_str())
        ))
    })?;
    Ok(super::file(&goods::fsma_sheet(&rows), path.trim_start_matches('/')))
}
