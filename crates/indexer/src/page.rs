//! Pages of answers: the next page is found by the key of the last row, not by counting.

use serde::{Deserialize, Serialize};

use crate::IndexError;

/// Which page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// The token under which the previous page said it goes on; `None` for the first page.
    pub token: Option<String>,
    /// Rows wanted; held within 1 to [`PageRequest::LIMIT_MAX`].
    pub limit: u32,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// The token of the next page; absent on the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl PageRequest {
    /// No page is longer.
    pub const LIMIT_MAX: u32 = 1_000;

    /// The first page of this many rows.
    pub fn first(limit: u32) -> Self {
        Self { token: None, limit }
    }

    /// The page under this token.
    pub fn after(token: impl Into<String>, limit: u32) -> Self {
        Self { token: Some(token.into()), limit }
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit.clamp(1, Self::LIMIT_MAX) as usize
    }

    /// The row number in the token, for lists that are sorted by row number.
    pub(crate) fn row(&self) -> Result<Option<i64>, IndexError> {
        let Some(token) = &self.token else { return Ok(None) };
        match token.parse::<i64>() {
            Ok(row) if row >= 0 => Ok(Some(row)),
            _ => Err(IndexError::PageToken(token.clone())),
        }
    }
}

impl<T> Page<T> {
    /// Cuts `limit + 1` fetched rows down to a page; `token` names the last row kept.
    pub(crate) fn cut(mut items: Vec<T>, limit: usize, token: impl Fn(&T) -> String) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(token) } else { None };
        Self { items, next }
    }
}
