//! Products, lots, serial numbers and holds as the module thinks of them.

use alloy_primitives::{Address, B256, keccak256};
use qiao_epcis::{Dimension, Identifier};
use qiao_module_kit::{U256, identifier, record, storage::Word, word_enum};

use crate::members::OrganisationId;

/// Where canonical identifiers of products begin.
const GTIN_PREFIX: &str = "https://id.gs1.org/01/";

identifier! {
    /// A Global Trade Item Number as a number of up to 14 digits.
    pub struct Gtin;
}

identifier! {
    /// The number of a hold; 0 stands for none.
    pub struct HoldId;
}

impl Gtin {
    /// The 14 digits.
    pub fn digits(self) -> String {
        format!("{:014}", self.get())
    }

    /// The canonical identifier of the product.
    pub(super) fn uri(self) -> String {
        format!("{GTIN_PREFIX}{}", self.digits())
    }
}

/// What an identifier with a GTIN names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ThingKind {
    /// All of a product.
    Product,
    /// A lot.
    Lot,
    /// One item.
    Serial,
}

/// A thing with a GTIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Thing {
    /// Its product.
    pub(super) gtin: Gtin,
    /// What is named.
    pub(super) kind: ThingKind,
}

impl Thing {
    /// The thing that a canonical identifier names; `None` where it has no GTIN.
    pub(super) fn of(id: &Identifier) -> Option<Self> {
        let rest = id.as_str().strip_prefix(GTIN_PREFIX)?;
        let (digits, qualifier) = rest.split_at_checked(14)?;
        let kind = match qualifier.get(..4) {
            None if qualifier.is_empty() => ThingKind::Product,
            Some("/10/") => ThingKind::Lot,
            _ => ThingKind::Serial,
        };
        Some(Self { gtin: Gtin::new(digits.parse().ok()?), kind })
    }
}

/// The key of an identifier: the hash that `traceability` logs too.
pub(super) fn key(id: &str) -> B256 {
    keccak256(id.as_bytes())
}

record! {
    /// What is in use at all, so that a capture without any of it reads one slot.
    pub struct InForce {
        /// Products with rules.
        pub products: u32,
        /// Open holds.
        pub holds: u32,
        /// Bit l: a company prefix of l digits is registered.
        pub prefix_lengths: u16,
    }
}

record! {
    /// The rules of a product.
    pub struct Rules {
        /// The first block in which they hold; 0 where the product has none.
        pub since_block: u64,
        /// Whether its amounts are in the books.
        pub is_balanced: bool,
        /// The dimension of its amounts.
        pub dimension: DimensionWord,
        /// How much of the inputs of a transformation may come out as it, in basis points.
        pub yield_basis_points: u32,
        /// How far apart sightings of one serial number in two places must be; 0 for no rule.
        pub clone_seconds: u32,
        /// What a piece holds, in smallest units; 0 where pieces have no fixed content.
        pub content: u128,
    }
}

impl Rules {
    /// Whether they hold in this block.
    pub(super) fn hold_in(&self, block: u64) -> bool {
        self.since_block != 0 && block >= self.since_block
    }
}

/// [`Dimension`] in a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DimensionWord(pub Dimension);

impl Word for DimensionWord {
    const BYTES: usize = 1;
    const NAME: &'static str = "uint8";

    fn pack(self) -> U256 {
        U256::from(self.0.number())
    }

    fn unpack(bits: U256) -> Option<Self> {
        u8::try_from(bits).ok().and_then(Dimension::from_number).map(Self)
    }
}

word_enum! {
    /// Where an amount is, or what became of it.
    pub enum Bucket {
        /// Not in the books.
        Outside,
        /// Everything that was ever made; all others together are as much.
        Made,
        /// With an organisation, loose.
        Held,
        /// Shipped and not yet received.
        Transit,
        /// In a container.
        Packed,
        /// Sold to consumers.
        Sold,
        /// Consumed in transformations.
        Used,
        /// Destroyed or decommissioned.
        Destroyed,
        /// What the inputs of one transformation still allow to come out.
        Yield,
    }
}

/// A bucket with what tells it from others of its kind: the organisation, or the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(B256);

impl Place {
    /// A bucket of which a lot has one.
    pub(super) fn one(bucket: Bucket) -> Self {
        Self::numbered(bucket, 0)
    }

    /// A bucket of an organisation, or of another number.
    pub(super) fn numbered(bucket: Bucket, number: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[0] = bucket as u8;
        bytes[24..].copy_from_slice(&number.to_be_bytes());
        Self(B256::new(bytes))
    }

    /// The bucket of a container.
    pub(super) fn packed(mut container: B256) -> Self {
        container.0[0] = Bucket::Packed as u8;
        Self(container)
    }
}

impl Word for Place {
    const BYTES: usize = 32;
    const NAME: &'static str = "bytes32";

    fn pack(self) -> U256 {
        self.0.into()
    }

    fn unpack(bits: U256) -> Option<Self> {
        Some(Self(bits.into()))
    }
}

record! {
    /// A transfer as the journal keeps it; with the body of the event it can be undone.
    pub struct Entry {
        /// From where.
        pub from: Bucket,
        /// To where.
        pub to: Bucket,
        /// Which thing of the event; [`Entry::LISTED`] where the lot is written beside it.
        pub item: u32,
        /// The organisation to which it is in transit, or the dimension of a yield.
        pub number: u64,
        /// How much, in smallest units.
        pub amount: u128,
    }
}

impl Entry {
    /// Stands for a lot that the event does not name: it came out of an emptied container.
    pub(super) const LISTED: u32 = u32::MAX;
    /// Stands for no lot: the entry says that serial numbers changed, or is of a yield.
    pub(super) const NONE: u32 = u32::MAX - 1;
    /// Says that serial numbers changed; which ones, the event says.
    pub(super) const SERIALS: Self =
        Self { from: Bucket::Outside, to: Bucket::Outside, item: Self::NONE, number: 0, amount: 0 };
}

word_enum! {
    /// What became of a serial number.
    pub enum Serial {
        /// Not in the books.
        Unknown,
        /// There.
        Live,
        /// Sold to a consumer.
        Sold,
        /// Used up or destroyed.
        Ended,
    }
}

record! {
    /// Where a serial number was seen last.
    pub struct Sighting {
        /// When, in milliseconds since 1970; 0 for never.
        pub time_ms: u64,
        /// The last eight bytes of the hash of the place.
        pub place: u64,
        /// Whether it moves, or may move unseen, since then.
        pub is_moving: bool,
        /// Whether it had just arrived.
        pub is_arrival: bool,
        /// Whether it was sold.
        pub is_sold: bool,
        /// The event.
        pub event: B256,
    }
}

word_enum! {
    /// Who holds something back.
    pub enum HoldKind {
        /// Nobody.
        None,
        /// The holder of the goods, for its own.
        Holder,
        /// The owner of the product, everywhere.
        Owner,
        /// A regulator, everywhere.
        Regulator,
    }
}

/// Why something is on hold, by number.
pub const REASONS: [&str; 11] = [
    "",
    "quality check",
    "out of specification",
    "contamination",
    "undeclared allergen",
    "wrong label",
    "temperature",
    "expired",
    "suspected counterfeit",
    "missing documents",
    "order of an authority",
];

record! {
    /// A hold.
    pub struct Hold {
        /// Who holds.
        pub kind: HoldKind,
        /// Why, by number.
        pub reason: u8,
        /// Whether it ended.
        pub is_released: bool,
        /// Whether a recall placed it; only the recall ends it then.
        pub is_recall: bool,
        /// How many things.
        pub things: u32,
        /// Since when, in seconds.
        pub since: u64,
        /// For which organisation.
        pub organisation: OrganisationId,
        /// By whom.
        pub by: Address,
        /// In words.
        pub note: String,
    }
}

record! {
    /// The open holds on a thing.
    pub struct Standing {
        /// How many.
        pub holds: u32,
        /// The newest of them.
        pub newest: HoldId,
    }
}

/// Why an event would put the books out of balance, or moves what is on hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// `lots.snake_case`, never renamed.
    pub code: &'static str,
    /// The field of the event: `quantityList[0]`.
    pub field: String,
    /// The rule with lot and numbers, in words.
    pub rule: String,
}
