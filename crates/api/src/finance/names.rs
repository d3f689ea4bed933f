//! Organisations by number, as people call them.

use std::collections::BTreeMap;

use qiao_indexer::IndexError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::Chain;

/// An organisation in an answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
pub struct Party {
    /// Its number.
    pub organisation: u64,
    /// Its name.
    pub name: String,
}

/// The names of all organisations.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeMap<u64, String>);

impl Names {
    /// Reads them from the index.
    pub async fn load(chain: &dyn Chain) -> Result<Self, IndexError> {
        let organisations = chain.index().organisations().await?;
        Ok(Self(organisations.into_iter().map(|one| (one.id, one.name)).collect()))
    }

    /// The name of an organisation.
    pub fn name(&self, organisation: u64) -> String {
        let name = self.0.get(&organisation).cloned();
        name.unwrap_or_else(|| format!("organisation {organisation}"))
    }

    /// An organisation with its name.
    pub fn party(&self, organisation: u64) -> Party {
        Party { organisation, name: self.name(organisation) }
    }

    /// An organisation with its name; `None` for 0, which stands for nobody.
    pub fn some(&self, organisation: u64) -> Option<Party> {
        (organisation != 0).then(|| self.party(organisation))
    }

    /// The number of the organisation with this name, whatever the case, or whose number it is.
    pub fn find(&self, text: &str) -> Option<u64> {
        let text = text.trim();
        if let Ok(number) = text.parse::<u64>() {
            return self.0.contains_key(&number).then_some(number);
        }
        let lower = text.to_lowercase();
        let mut named = self.0.iter().filter(|(_, name)| name.to_lowercase() == lower);
        let found = named.next().map(|(number, _)| *number);
        // Two of one name are told apart by number only.
        found.filter(|_| named.next().is_none())
    }

    /// All, by number.
    pub fn all(&self) -> impl Iterator<Item = (u64, &str)> {
        self.0.iter().map(|(number, name)| (*number, name.as_str()))
    }
}
