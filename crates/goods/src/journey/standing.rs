//! Whether a thing was recalled or held back.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::Recorded;

/// What the events say of a thing's fitness.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum Standing {
    /// Nothing speaks against it.
    #[default]
    Clear,
    /// Somebody holds it, or what it was made of, back.
    Held {
        /// Who says so.
        party: Option<String>,
        /// Since when, in milliseconds since the Unix epoch.
        since_ms: i64,
        /// The offset of local time there.
        time_zone: String,
    },
    /// It, or what it was made of, was recalled or found unfit.
    Alarm {
        /// The disposition: `recalled`, `non_conformant`, `expired` …
        disposition: String,
        /// Who says so.
        party: Option<String>,
        /// Since when, in milliseconds since the Unix epoch.
        since_ms: i64,
        /// The offset of local time there.
        time_zone: String,
    },
}

/// Whether a disposition means trouble.
pub fn is_alarm(disposition: Option<&str>) -> bool {
    matches!(disposition, Some("recalled" | "non_conformant" | "damaged" | "stolen" | "expired"))
}

/// Dispositions that end a hold.
fn is_release(disposition: Option<&str>) -> bool {
    let words = ["active", "available", "conformant", "sellable_accessible"];
    disposition.is_some_and(|word| words.contains(&word) || word == "sellable_not_accessible")
}

impl Standing {
    /// What events, in the order of time, say of things and of what they were made of. A recall stays; of
    /// other alarms and of holds the last word counts, for each thing by itself.
    pub(crate) fn of(events: &[&Recorded], line: &BTreeSet<String>) -> Self {
        let mut last: BTreeMap<&str, Self> = BTreeMap::new();
        for one in events {
            let (event, party) = (&one.event, one.party_name.clone());
            let (since_ms, time_zone) =
                (event.event_time_ms(), event.time_zone_offset().to_owned());
            let word = event.disposition();
            let said = if is_alarm(word) {
                let disposition = word.unwrap_or_default().to_owned();
                Some(Self::Alarm { disposition, party, since_ms, time_zone })
            } else if event.biz_step() == Some("holding") {
                Some(Self::Held { party, since_ms, time_zone })
            } else {
                is_release(word).then_some(Self::Clear)
            };
            let Some(said) = said else { continue };
            for item in event.items() {
                let Some(id) = line.get(item.id.as_str()) else { continue };
                let known = last.entry(id).or_default();
                if said.weight() >= known.weight() || !known.is_recall() && said == Self::Clear {
                    // The first recall is the one that is told.
                    if !(known.is_recall() && said.is_recall()) {
                        *known = said.clone();
                    }
                }
            }
        }
        last.into_values().max_by_key(Self::weight).unwrap_or_default()
    }

    /// Whether something speaks against the thing.
    pub fn is_clear(&self) -> bool {
        *self == Self::Clear
    }

    fn is_recall(&self) -> bool {
        matches!(self, Self::Alarm { disposition, .. } if disposition == "recalled")
    }

    fn weight(&self) -> u8 {
        match self {
            Self::Clear => 0,
            Self::Held { .. } => 1,
            Self::Alarm { .. } if self.is_recall() => 3,
            Self::Alarm { .. } => 2,
        }
    }

    pub(super) fn hide_names(&mut self) {
        match self {
            Self::Held { party, .. } | Self::Alarm { party, .. } => *party = None,
            Self::Clear => {}
        }
    }
}
