//! Pages of what the index keeps of the modules' events.

use qiao_indexer::{IndexError, Page, PageRequest, Record, RecordQuery};

use crate::Chain;

/// Rows that one answer walks at most; what lies behind is not looked at, and answers say so.
pub const WALKED_MAX: usize = 5_000;

/// A page of rows.
pub async fn page(
    chain: &dyn Chain,
    query: &RecordQuery<'_>,
    page: &PageRequest,
) -> Result<Page<Record>, IndexError> {
    chain.index().records(query, page).await
}

/// All rows, up to [`WALKED_MAX`].
pub async fn all(chain: &dyn Chain, query: &RecordQuery<'_>) -> Result<Vec<Record>, IndexError> {
    let mut found = Vec::new();
    let mut request = PageRequest::first(PageRequest::LIMIT_MAX);
    loop {
        let page = chain.index().records(query, &request).await?;
        found.extend(page.items);
        match page.next {
            Some(next) if found.len() < WALKED_MAX => {
                request = PageRequest::after(next, PageRequest::LIMIT_MAX);
            }
            _ => return Ok(found),
        }
    }
}

/// The newest row, if there is one.
pub async fn newest(
    chain: &dyn Chain,
    query: RecordQuery<'_>,
) -> Result<Option<Record>, IndexError> {
    let found = chain.index().records(&query.newest_first(), &PageRequest::first(1)).await?;
    Ok(found.items.into_iter().next())
}

/// The different numbers in a column of all rows, in order.
pub async fn numbers(
    chain: &dyn Chain,
    query: &RecordQuery<'_>,
    column: &str,
) -> Result<Vec<u64>, IndexError> {
    let mut numbers: Vec<u64> =
        all(chain, query).await?.iter().map(|record| record.number(column)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    Ok(numbers)
}
