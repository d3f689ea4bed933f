//! The places, steps, dispositions and things that the events name, each once.

use crate::{Index, IndexError, Page, PageRequest};

/// A kind of resource of the EPCIS query interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Things with an identifier of their own.
    Epcs,
    /// Business steps.
    BizSteps,
    /// Where things are afterwards.
    BizLocations,
    /// Where events happened.
    ReadPoints,
    /// Dispositions.
    Dispositions,
}

impl Resource {
    /// Whether a name is one of this kind, in SQL.
    fn condition(self) -> &'static str {
        match self {
            Self::Epcs => "SELECT 1 FROM items WHERE identifier = n.id AND class = 0",
            Self::BizSteps => "SELECT 1 FROM events WHERE step_name = n.id",
            Self::BizLocations => "SELECT 1 FROM events WHERE biz_location_name = n.id",
            Self::ReadPoints => "SELECT 1 FROM events WHERE read_point_name = n.id",
            Self::Dispositions => "SELECT 1 FROM events WHERE disposition_name = n.id",
        }
    }
}

impl Index {
    /// What the events name of a kind, in the order in which it was first recorded.
    pub async fn resources(
        &self,
        resource: Resource,
        page: &PageRequest,
    ) -> Result<Page<String>, IndexError> {
        let limit = page.limit();
        let sql = format!(
            "SELECT n.id, n.name FROM names n WHERE n.id > ? AND EXISTS ({}) ORDER BY n.id LIMIT ?",
            resource.condition()
        );
        let rows: Vec<(i64, String)> = sqlx::query_as(&sql)
            .bind(page.row()?.unwrap_or(0))
            .bind(limit as i64 + 1)
            .fetch_all(self.readers())
            .await?;
        let page = Page::cut(rows, limit, |(id, _)| id.to_string());
        let items = page.items.into_iter().map(|(_, name)| name).collect();
        Ok(Page { items, next: page.next })
    }

    /// Whether the events name this of a kind.
    pub async fn has_resource(&self, resource: Resource, name: &str) -> Result<bool, IndexError> {
        let sql =
            format!("SELECT 1 FROM names n WHERE n.name = ? AND EXISTS ({})", resource.condition());
        let found: Option<i64> =
            sqlx::query_scalar(&sql).bind(name).fetch_optional(self.readers()).await?;
        Ok(found.is_some())
    }
}
