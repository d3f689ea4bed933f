//! The journey of a product as everybody may read it.
//!
//! What is left out is left out here, so that no page or file can show it by mistake: quantities and
//! prices, orders and invoices, who handed over to whom, serial numbers of other items, accounts and
//! transactions. What is told: where and when something happened to this thing or to what it was made of,
//! who says so, temperatures, certificates, dates on the label, and whether it was recalled or held back.

mod readings;
mod shown;
mod standing;
mod stops;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::readings::{Reading, readings};
pub use self::standing::{Standing, is_alarm};
pub use self::stops::{Stop, StopKind};
use crate::{Recorded, product_of};

/// Steps that are told at most; the oldest are left out first.
pub const STEPS_MAX: usize = 200;

/// The journey of a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Journey {
    /// Canonical identifier of the thing asked for.
    pub id: String,
    /// Canonical identifier of its product, or the same again.
    pub product: String,
    /// Whether it was recalled or held back, as the events say.
    pub standing: Standing,
    /// Recalls and holds that are in force on the chain, the gravest first. They come from the chain's
    /// state, not from events: see [`Journey::stopped_by`].
    #[serde(default)]
    pub stops: Vec<Stop>,
    /// What happened, oldest first.
    pub steps: Vec<Step>,
    /// Steps that are not told, because there are too many.
    pub steps_left_out: usize,
    /// What the label of the thing says.
    pub facts: Vec<Fact>,
    /// Certificates and test results.
    pub certificates: Vec<Certificate>,
    /// Temperatures, oldest first.
    pub temperatures: Vec<Reading>,
    /// The Event Hash IDs of everything that is told here, each once.
    pub events: Vec<String>,
}

/// One thing that happened, or several of the same kind in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The type of the event: `ObjectEvent`.
    pub kind: String,
    /// The action: `ADD`, `OBSERVE`, `DELETE`.
    pub action: Option<String>,
    /// The business step.
    pub biz_step: Option<String>,
    /// The disposition.
    pub disposition: Option<String>,
    /// When the first happened, in milliseconds since the Unix epoch.
    pub from_ms: i64,
    /// When the last happened.
    pub until_ms: i64,
    /// The offset of local time where it happened.
    pub time_zone: String,
    /// Canonical identifier of the place.
    pub place: Option<String>,
    /// Name of the organisation that says so.
    pub party: Option<String>,
    /// Canonical identifiers of the products that it is about, or that came out.
    pub products: Vec<String>,
    /// Canonical identifiers of the products that went in.
    pub made_of: Vec<String>,
    /// Whether it means trouble.
    pub is_alarm: bool,
    /// How many events it stands for.
    pub events: usize,
}

/// What the label of a thing says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The attribute's name in its standard: `bestBeforeDate`.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A certificate or a test result.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Certificate {
    /// `cert`, `testres`, or `certificationInfo`.
    pub kind: String,
    /// Its identifier: a web address or a number with its issuer.
    pub id: String,
    /// Name of the organisation that refers to it.
    pub party: Option<String>,
    /// When it was referred to, in milliseconds since the Unix epoch.
    pub time_ms: i64,
    /// The offset of local time there.
    pub time_zone: String,
}

/// The things whose events make a journey.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// The thing itself and everything that it was made of.
    pub goods: BTreeSet<String>,
    /// Cases, pallets and cages that one of them was in for a while.
    pub carriers: BTreeSet<String>,
}

impl Line {
    fn has(&self, id: &str) -> bool {
        self.goods.contains(id) || self.carriers.contains(id)
    }
}

/// Whose names are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Names {
    /// The organisations' and their places'.
    #[default]
    Told,
    /// Nobody's: only that something happened, and when.
    Hidden,
}

impl Journey {
    /// The journey of a thing. `events` are those that name something of the line, while it belongs to it.
    pub fn of(id: &str, line: &Line, events: &[Recorded], names: Names) -> Self {
        let concerns = |one: &&Recorded| one.event.items().iter().any(|i| line.has(i.id.as_str()));
        let mut told: Vec<&Recorded> =
            events.iter().filter(|one| !one.is_withdrawn).filter(concerns).collect();
        told.sort_by_key(|one| (one.event.event_time_ms(), one.block, one.event.hash().0));
        let mut steps = shown::steps(&told, &line.goods);
        let steps_left_out = steps.len().saturating_sub(STEPS_MAX);
        steps.drain(..steps_left_out);
        let mut hashes = Vec::new();
        for one in told.iter().filter(|one| shown::is_shown(one)) {
            let hash = one.hash();
            if !hashes.contains(&hash) {
                hashes.push(hash);
            }
        }
        let mut journey = Self {
            id: id.to_owned(),
            product: product_of(id).to_owned(),
            standing: Standing::of(&told, &line.goods),
            stops: Vec::new(),
            steps,
            steps_left_out,
            facts: shown::facts(&told, id),
            certificates: shown::certificates(&told),
            temperatures: told.iter().flat_map(|one| readings(&one.event)).collect(),
            events: hashes,
        };
        journey.temperatures.sort_by_key(|reading| reading.time_ms);
        journey.temperatures.dedup();
        if names == Names::Hidden {
            journey.hide_names();
        }
        journey
    }

    /// Adds what the chain's state says against the thing.
    #[must_use]
    pub fn stopped_by(mut self, mut stops: Vec<Stop>, names: Names) -> Self {
        if names == Names::Hidden {
            stops.iter_mut().for_each(Stop::hide_names);
        }
        self.stops = stops;
        self
    }

    /// Whether anything is told.
    pub fn is_known(&self) -> bool {
        !self.events.is_empty()
    }

    fn hide_names(&mut self) {
        for step in &mut self.steps {
            (step.place, step.party) = (None, None);
            // The prefix of a product's number tells whose it is.
            step.products.clear();
            step.made_of.clear();
        }
        for certificate in &mut self.certificates {
            certificate.party = None;
        }
        self.certificates.retain(|certificate| certificate.kind == "certificationInfo");
        self.standing.hide_names();
    }
}
