//! The twelve parties and their places.

use crate::keys::{Key, Notation, gln};

/// What a party does in the trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartyKind {
    /// Sells to shoppers.
    Retailer,
    /// Cuts and packs meat.
    Processor,
    /// Washes and packs what its farms harvest.
    GrowersCooperative,
    /// Supervises the market.
    Regulator,
    /// Keeps pigs.
    PigFarm,
    /// Slaughters.
    Slaughterhouse,
    /// Moves goods.
    Carrier,
    /// Stores and picks goods for stores.
    DistributionCentre,
    /// Tests samples.
    Laboratory,
    /// Grows lettuce.
    LettuceFarm,
}

/// A party of the trade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub kind: PartyKind,
    /// Its GS1 company prefix (7 digits).
    pub company_prefix: u32,
    /// Whether it runs a validator.
    pub runs_validator: bool,
    /// Its places; the first is its seat.
    pub places: &'static [Place],
}

/// A place of a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: &'static str,
    /// The town.
    pub town: &'static str,
    /// Where it lies, as a `geo:` URI (RFC 5870).
    pub coordinates: &'static str,
}

impl Party {
    /// Its Global Location Number (13 digits).
    pub fn gln(&self) -> String {
        gln(self.company_prefix, 0)
    }

    /// The canonical identifier of one of its places, by position in [`Party::places`].
    pub fn place_id(&self, place: usize) -> String {
        self.place_key(place).canonical()
    }

    /// The canonical identifier of the party itself, as sources and destinations name it.
    pub fn party_id(&self) -> String {
        Key::Party(self.company_prefix).canonical()
    }

    pub(crate) fn place_key(&self, place: usize) -> Key {
        assert!(place < self.places.len(), "{} has no place {place}", self.name);
        let location = u32::try_from(place + 1).expect("a party has few places");
        Key::Place(self.company_prefix, location)
    }

    /// The older systems of the trade still write URNs.
    pub(crate) fn notation(&self) -> Notation {
        match self.kind {
            PartyKind::PigFarm | PartyKind::Slaughterhouse | PartyKind::Carrier => Notation::Urn,
            _ => Notation::DigitalLink,
        }
    }
}

const fn place(name: &'static str, town: &'static str, coordinates: &'static str) -> Place {
    Place { name, town, coordinates }
}

const fn party(
    name: &'static str,
    kind: PartyKind,
    company_prefix: u32,
    places: &'static [Place],
) -> Party {
    let runs_validator = company_prefix <= 9_521_004;
    Party { name, kind, company_prefix, runs_validator, places }
}

pub(crate) const RETAILER: usize = 0;
pub(crate) const PROCESSOR: usize = 1;
pub(crate) const COOPERATIVE: usize = 2;
pub(crate) const REGULATOR: usize = 3;
pub(crate) const WILLOW_BEND: usize = 4;
pub(crate) const STONE_BRIDGE: usize = 5;
pub(crate) const SLAUGHTERHOUSE: usize = 6;
pub(crate) const CARRIER: usize = 7;
pub(crate) const DISTRIBUTION: usize = 8;
pub(crate) const LABORATORY: usize = 9;
pub(crate) const MISTY_HILL: usize = 10;
pub(crate) const SUNNY_SLOPE: usize = 11;

/// The retailer's place of each store.
pub(crate) const RIVERSIDE_STORE: usize = 1;
pub(crate) const OLD_TOWN_STORE: usize = 2;

/// The parties, those that run a validator first.
pub(crate) const ALL: &[Party] = &[
    party(
        "Lantern Markets",
        PartyKind::Retailer,
        9_521_001,
        &[
            place("Lantern Markets head office", "Linhai Bay", "geo:30.2741,120.1551"),
            place("Riverside Store", "Linhai Bay", "geo:30.2489,120.2103"),
            place("Old Town Store", "Linhai Bay", "geo:30.2402,120.1686"),
        ],
    ),
    party(
        "Red Gate Foods",
        PartyKind::Processor,
        9_521_002,
        &[
            place("Red Gate cutting hall", "Shiqiao", "geo:30.4012,120.3017"),
            place("Red Gate cold store", "Shiqiao", "geo:30.4015,120.3024"),
        ],
    ),
    party(
        "Green Terrace Growers",
        PartyKind::GrowersCooperative,
        9_521_003,
        &[place("Green Terrace packhouse", "Yunling", "geo:29.9017,119.7312")],
    ),
    party(
        "Yunhe Market Supervision",
        PartyKind::Regulator,
        9_521_004,
        &[place("Yunhe inspection office", "Yunhe", "geo:30.2950,120.1203")],
    ),
    party(
        "Willow Bend Farm",
        PartyKind::PigFarm,
        9_521_005,
        &[place("Willow Bend pig house 2", "Liuwan", "geo:30.6180,120.5502")],
    ),
    party(
        "Stone Bridge Farm",
        PartyKind::PigFarm,
        9_521_006,
        &[place("Stone Bridge pig house 1", "Shigong", "geo:30.7044,120.4121")],
    ),
    party(
        "East River Abattoir",
        PartyKind::Slaughterhouse,
        9_521_007,
        &[
            place("East River slaughter line", "Dongjiang", "geo:30.5120,120.4288"),
            place("East River chill room", "Dongjiang", "geo:30.5121,120.4290"),
        ],
    ),
    party(
        "Northwind Cold Chain",
        PartyKind::Carrier,
        9_521_008,
        &[place("Northwind depot", "Shiqiao", "geo:30.3921,120.2890")],
    ),
    party(
        "Pearl Bay Distribution",
        PartyKind::DistributionCentre,
        9_521_009,
        &[
            place("Pearl Bay chilled dock", "Pearl Bay", "geo:30.1904,120.2719"),
            place("Pearl Bay picking hall", "Pearl Bay", "geo:30.1907,120.2725"),
        ],
    ),
    party(
        "Clearwater Laboratory",
        PartyKind::Laboratory,
        9_521_010,
        &[place("Clearwater microbiology", "Yunhe", "geo:30.3002,120.0954")],
    ),
    party(
        "Misty Hill Farm",
        PartyKind::LettuceFarm,
        9_521_011,
        &[
            place("Misty Hill fields", "Yunling", "geo:29.8712,119.7023"),
            place("Misty Hill cooling shed", "Yunling", "geo:29.8715,119.7030"),
        ],
    ),
    party(
        "Sunny Slope Farm",
        PartyKind::LettuceFarm,
        9_521_012,
        &[
            place("Sunny Slope fields", "Yunling", "geo:29.9240,119.6871"),
            place("Sunny Slope cooling shed", "Yunling", "geo:29.9243,119.6875"),
        ],
    ),
];
