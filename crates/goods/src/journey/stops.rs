//! What the state of the chain says against a thing: recalls and holds.

use serde::{Deserialize, Serialize};

/// What stops a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StopKind {
    /// It, or what it was made of, is called back.
    Recall,
    /// It, or what it was made of, is held back.
    Hold,
}

/// A recall or a hold that is in force on the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stop {
    /// Which of them.
    pub kind: StopKind,
    /// The number of the recall or of the hold.
    pub number: u64,
    /// Canonical identifier of what it is about: the thing, or what it was made of.
    pub thing: String,
    /// Why, in words.
    pub reason: String,
    /// What whoever stopped it adds.
    pub text: String,
    /// How far a recall reaches: `consumer`, `retail` or `wholesale`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Who stopped it.
    pub party: Option<String>,
    /// Since when, in milliseconds since the Unix epoch.
    pub since_ms: i64,
}

impl Stop {
    /// Leaves out whose product and whose word it is.
    pub(super) fn hide_names(&mut self) {
        (self.party, self.text) = (None, String::new());
        self.thing.clear();
    }
}
