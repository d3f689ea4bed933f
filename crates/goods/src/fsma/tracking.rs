//! Which critical tracking event an EPCIS event is.

use std::collections::BTreeSet;

use qiao_epcis::{Action, Event, EventKind, ItemRole, Json};
use serde::Serialize;

use crate::journey::readings;

/// The critical tracking events of 21 CFR 1.1310, in the order of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tracking {
    /// 21 CFR 1.1325(a).
    Harvesting,
    /// 21 CFR 1.1325(b).
    Cooling,
    /// 21 CFR 1.1335.
    FirstLandBasedReceiving,
    /// 21 CFR 1.1330.
    InitialPacking,
    /// 21 CFR 1.1340.
    Shipping,
    /// 21 CFR 1.1345.
    Receiving,
    /// 21 CFR 1.1350(a)(1): food that is used as an ingredient.
    TransformationInput,
    /// 21 CFR 1.1350(a)(2): the new food.
    TransformationOutput,
}

impl Tracking {
    /// What the spreadsheet calls it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Harvesting => "Harvesting",
            Self::Cooling => "Cooling",
            Self::FirstLandBasedReceiving => "First land-based receiving",
            Self::InitialPacking => "Initial packing",
            Self::Shipping => "Shipping",
            Self::Receiving => "Receiving",
            Self::TransformationInput => "Transformation: ingredient",
            Self::TransformationOutput => "Transformation: new food",
        }
    }

    /// What an event is for a thing with a role in it. `harvested` are lots that begin with a harvest.
    pub(super) fn of(event: &Event, role: ItemRole, harvested: &BTreeSet<String>) -> Option<Self> {
        if event.kind() == EventKind::Transformation {
            let mut inputs = event.items().iter().filter(|item| item.role == ItemRole::Input);
            let is_packing = inputs.any(|item| harvested.contains(item.id.as_str()));
            return match role {
                ItemRole::Output if is_packing => Some(Self::InitialPacking),
                ItemRole::Output => Some(Self::TransformationOutput),
                ItemRole::Input if !is_packing => Some(Self::TransformationInput),
                _ => None,
            };
        }
        match (event.biz_step()?, event.action()) {
            ("creating_class_instance" | "commissioning", Some(Action::Add)) => {
                Some(if is_seafood(event) {
                    Self::FirstLandBasedReceiving
                } else {
                    Self::Harvesting
                })
            }
            ("shipping" | "departing", Some(Action::Observe)) => Some(Self::Shipping),
            ("receiving" | "accepting", Some(Action::Observe)) => Some(Self::Receiving),
            (step, Some(Action::Observe)) => is_cooling(event, step).then_some(Self::Cooling),
            _ => None,
        }
    }
}

/// CBV has no word for cooling: GS1 US writes `other` with a temperature, companies a URI of their own.
fn is_cooling(event: &Event, step: &str) -> bool {
    step == "other" && !readings(event).is_empty()
        || step.contains(':') && step.to_ascii_lowercase().ends_with("cooling")
}

/// Whether master data of seafood begin a lot.
fn is_seafood(event: &Event) -> bool {
    let Some(ilmd) = event.json().get("ilmd").and_then(Json::as_object) else { return false };
    ilmd.iter().any(|(name, _)| {
        let name = event.expanded(name);
        let word = name.rsplit(['/', ':', '#']).next().unwrap_or_default();
        matches!(word, "catchZone" | "fishType" | "speciesForFisheryStatisticsPurposesCode")
            || word == "speciesForFisheryStatisticsPurposesName"
            || word == "catchArea"
    })
}
