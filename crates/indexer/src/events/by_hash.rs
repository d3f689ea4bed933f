//! Events by their Event Hash IDs.

use std::collections::HashMap;

use qiao_epcis::EventHash;

use super::read::{COLUMNS, IndexedEvent, JOINS};
use crate::database::sql;
use crate::{Index, IndexError, batch, keys};

/// Events per statement at most.
const EVENTS_MAX: usize = 64;

impl Index {
    /// The event with this hash.
    pub async fn event(&self, hash: &EventHash) -> Result<Option<IndexedEvent>, IndexError> {
        let text =
            format!("SELECT {COLUMNS} FROM events e {JOINS} WHERE e.hash_start = ? AND e.hash = ?");
        let row = sql(text)
            .bind(keys::hash_start(&hash.0))
            .bind(hash.0.as_slice())
            .fetch_optional(&mut self.reader().await?)
            .await?;
        row.as_ref().map(IndexedEvent::from_row).transpose()
    }

    /// The events with these hashes, in their order; those that are not known are left out.
    pub async fn events_of(&self, hashes: &[EventHash]) -> Result<Vec<IndexedEvent>, IndexError> {
        let mut found = HashMap::with_capacity(hashes.len());
        let mut connection = self.reader().await?;
        for chunk in batch::chunks(hashes, EVENTS_MAX) {
            let head = format!("SELECT {COLUMNS} FROM events e {JOINS} WHERE e.hash_start IN (");
            let mut sql = sql(head);
            sql.push_list(chunk.iter().map(|hash| keys::hash_start(&hash.0))).push(")");
            for row in &sql.fetch_all(&mut connection).await? {
                let event = IndexedEvent::from_row(row)?;
                found.insert(event.hash.clone(), event);
            }
        }
        Ok(hashes.iter().filter_map(|hash| found.remove(&hash.to_string())).collect())
    }
}
