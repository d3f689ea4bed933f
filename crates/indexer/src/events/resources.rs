//! The places, steps, dispositions and things that the events name, each once.

use crate::database::sql;
use crate::{Index, IndexError, Page, PageRequest, names};

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
    /// The column of `events` that names these; things are in `items`.
    fn column(self) -> Option<&'static str> {
        match self {
            Self::Epcs => None,
            Self::BizSteps => Some("step_name"),
            Self::BizLocations => Some("biz_location_name"),
            Self::ReadPoints => Some("read_point_name"),
            Self::Dispositions => Some("disposition_name"),
        }
    }

    /// Whether a name is one of this kind, in SQL.
    fn condition(self) -> String {
        match self.column() {
            None => "SELECT event FROM items WHERE identifier = n.id AND class = 0".to_owned(),
            Some(column) => format!("SELECT id FROM events WHERE {column} = n.id"),
        }
    }

    /// The names of this kind after one of them, in SQL with two values. Steps and places are few
    /// among many names: each is found from the one before, by the order of the column's index.
    fn page(self) -> String {
        let Some(column) = self.column() else {
            let condition = self.condition();
            return format!(
                "SELECT n.id, n.name FROM names n WHERE n.id > ? AND EXISTS ({condition}) \
                 ORDER BY n.id LIMIT ?"
            );
        };
        format!(
            "WITH RECURSIVE found (id) AS (SELECT min({column}) FROM events WHERE {column} > ? \
             UNION ALL SELECT (SELECT min({column}) FROM events WHERE {column} > found.id) \
             FROM found WHERE found.id IS NOT NULL) \
             SELECT n.id, n.name FROM (SELECT id FROM found WHERE id IS NOT NULL LIMIT ?) f \
             CROSS JOIN names n ON n.id = f.id ORDER BY n.id"
        )
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
        let rows = sql(resource.page())
            .bind(page.row()?.unwrap_or(0))
            .bind(limit as i64 + 1)
            .fetch_all(&mut self.reader().await?)
            .await?;
        let mut named: Vec<(i64, String)> = Vec::with_capacity(rows.len());
        for row in &rows {
            named.push((row.try_get("id")?, row.try_get("name")?));
        }
        let page = Page::cut(named, limit, |(id, _)| id.to_string());
        let items = page.items.into_iter().map(|(_, name)| name).collect();
        Ok(Page { items, next: page.next })
    }

    /// Whether the events name this of a kind.
    pub async fn has_resource(&self, resource: Resource, name: &str) -> Result<bool, IndexError> {
        let mut found = sql("SELECT n.id FROM names n WHERE ");
        names::push_condition(&mut found, std::iter::once(name));
        found.push(" AND EXISTS (").push(&resource.condition()).push(")");
        let found: Option<i64> = found.scalar(&mut self.reader().await?).await?;
        Ok(found.is_some())
    }
}
