//! Stages of a chain, and the fields that a row of each has.

use serde::{Deserialize, Serialize};

/// What a row tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// A lot or items begin: harvested, produced, numbered.
    Commission,
    /// Things are put into a case or onto a pallet.
    Aggregate,
    /// Things leave for somebody.
    Ship,
    /// Things arrive from somebody.
    Receive,
    /// Things become other things.
    Transform,
    /// Things are examined.
    Inspect,
    /// Things are sold to a consumer.
    Sell,
}

/// What can stand in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The stage, where rows differ.
    Stage,
    /// The product: 8 to 14 digits.
    Gtin,
    /// The lot of the product.
    Lot,
    /// The serial number of one item.
    Serial,
    /// A case or pallet: 18 digits.
    Sscc,
    /// How much.
    Quantity,
    /// In which unit (UN/ECE Recommendation 20); pieces if absent.
    Unit,
    /// The day, or day and time.
    Date,
    /// The time of day.
    Time,
    /// The offset of local time: `+08:00`.
    Zone,
    /// Where: the GLN of the place.
    Location,
    /// From where or whom: a GLN.
    From,
    /// To where or whom: a GLN.
    To,
    /// The case or pallet into which things are put.
    Parent,
    /// The product of an ingredient.
    InputGtin,
    /// The lot of an ingredient.
    InputLot,
    /// How much of the ingredient.
    InputQuantity,
    /// In which unit.
    InputUnit,
    /// The number of the purchase order.
    Order,
    /// The number of the despatch advice or delivery note.
    DespatchAdvice,
    /// The number of the invoice.
    Invoice,
    /// The number of the production order.
    ProductionOrder,
    /// The number of a certificate or test result.
    Certificate,
    /// The day until which it is best.
    BestBefore,
    /// A temperature in degrees Celsius.
    Temperature,
    /// The outcome of an inspection: `conformant` or `non_conformant`.
    Result,
    /// SHA-256 hashes of attached documents, in hexadecimal, separated by blanks.
    Attachments,
}

const TIMED: &[Field] = &[Field::Time, Field::Zone];

impl Stage {
    /// All stages, in the order of a chain.
    pub const ALL: [Self; 7] = [
        Self::Commission,
        Self::Aggregate,
        Self::Ship,
        Self::Receive,
        Self::Transform,
        Self::Inspect,
        Self::Sell,
    ];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Commission => "commission",
            Self::Aggregate => "aggregate",
            Self::Ship => "ship",
            Self::Receive => "receive",
            Self::Transform => "transform",
            Self::Inspect => "inspect",
            Self::Sell => "sell",
        }
    }

    /// The stage with this word.
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|stage| stage.as_str() == name)
    }

    /// The fields without which there is no event.
    pub fn required(self) -> &'static [Field] {
        use Field as F;
        match self {
            Self::Commission => &[F::Gtin, F::Date, F::Location],
            Self::Aggregate => &[F::Parent, F::Date, F::Location],
            Self::Ship => &[F::Date, F::Location, F::To],
            Self::Receive => &[F::Date, F::Location, F::From],
            Self::Transform => &[F::Gtin, F::Lot, F::InputGtin, F::InputLot, F::Date, F::Location],
            Self::Inspect => &[F::Date, F::Location],
            Self::Sell => &[F::Gtin, F::Date, F::Location],
        }
    }

    fn optional(self) -> &'static [Field] {
        use Field as F;
        match self {
            Self::Commission => &[
                F::Lot,
                F::Serial,
                F::Quantity,
                F::Unit,
                F::BestBefore,
                F::ProductionOrder,
                F::Certificate,
            ],
            Self::Aggregate => &[F::Gtin, F::Lot, F::Serial, F::Sscc, F::Quantity, F::Unit],
            Self::Ship => &[
                F::From,
                F::Sscc,
                F::Gtin,
                F::Lot,
                F::Serial,
                F::Quantity,
                F::Unit,
                F::DespatchAdvice,
                F::Order,
                F::Invoice,
                F::Temperature,
            ],
            Self::Receive => &[
                F::To,
                F::Sscc,
                F::Gtin,
                F::Lot,
                F::Serial,
                F::Quantity,
                F::Unit,
                F::DespatchAdvice,
                F::Order,
                F::Invoice,
                F::Temperature,
            ],
            Self::Transform => &[
                F::Quantity,
                F::Unit,
                F::InputQuantity,
                F::InputUnit,
                F::BestBefore,
                F::ProductionOrder,
            ],
            Self::Inspect => {
                &[F::Sscc, F::Gtin, F::Lot, F::Serial, F::Result, F::Certificate, F::Temperature]
            }
            Self::Sell => &[F::Lot, F::Serial, F::Quantity, F::Unit],
        }
    }

    /// All fields, required ones first.
    pub fn fields(self) -> Vec<Field> {
        let mut fields = self.required().to_vec();
        fields.extend_from_slice(self.optional());
        fields.extend_from_slice(TIMED);
        fields.push(Field::Attachments);
        fields
    }
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 27] = [
        Self::Stage,
        Self::Gtin,
        Self::Lot,
        Self::Serial,
        Self::Sscc,
        Self::Quantity,
        Self::Unit,
        Self::Date,
        Self::Time,
        Self::Zone,
        Self::Location,
        Self::From,
        Self::To,
        Self::Parent,
        Self::InputGtin,
        Self::InputLot,
        Self::InputQuantity,
        Self::InputUnit,
        Self::Order,
        Self::DespatchAdvice,
        Self::Invoice,
        Self::ProductionOrder,
        Self::Certificate,
        Self::BestBefore,
        Self::Temperature,
        Self::Result,
        Self::Attachments,
    ];

    /// What its column is called in a template, which is also its name in a mapping.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Gtin => "gtin",
            Self::Lot => "lot",
            Self::Serial => "serial",
            Self::Sscc => "sscc",
            Self::Quantity => "quantity",
            Self::Unit => "unit",
            Self::Date => "date",
            Self::Time => "time",
            Self::Zone => "zone",
            Self::Location => "location",
            Self::From => "from",
            Self::To => "to",
            Self::Parent => "parent",
            Self::InputGtin => "input_gtin",
            Self::InputLot => "input_lot",
            Self::InputQuantity => "input_quantity",
            Self::InputUnit => "input_unit",
            Self::Order => "order",
            Self::DespatchAdvice => "despatch_advice",
            Self::Invoice => "invoice",
            Self::ProductionOrder => "production_order",
            Self::Certificate => "certificate",
            Self::BestBefore => "best_before",
            Self::Temperature => "temperature",
            Self::Result => "result",
            Self::Attachments => "attachments",
        }
    }
}

/// The heads of a file that needs no mapping, and an example row.
pub fn template(stage: Stage) -> (Vec<String>, Vec<String>) {
    let mut fields = vec![Field::Stage];
    fields.extend(stage.fields());
    let heads = fields.iter().map(|field| field.as_str().to_owned()).collect();
    let example = fields.iter().map(|field| example(stage, *field).to_owned()).collect();
    (heads, example)
}

/// An example of a value. The numbers lie under the prefix that GS1 keeps for examples.
fn example(stage: Stage, field: Field) -> &'static str {
    match field {
        Field::Stage => stage.as_str(),
        Field::Gtin => "09521003000411",
        Field::Lot => "G0401",
        Field::Quantity => "120",
        Field::Date => "2026-03-01",
        Field::Time => "08:30",
        Field::Zone => "+08:00",
        Field::Location => "9521003000015",
        Field::From if stage == Stage::Receive => "9521003000015",
        Field::To if stage == Stage::Ship => "9521009000019",
        Field::Parent => "195210030000041008",
        Field::InputGtin => "09521011000106",
        Field::InputLot => "H0331",
        Field::InputQuantity => "31.5",
        Field::InputUnit => "KGM",
        Field::DespatchAdvice => "DA-4711",
        Field::ProductionOrder => "PO-118",
        Field::BestBefore => "2026-03-09",
        Field::Result => "conformant",
        _ => "",
    }
}
