//! GS1 keys: the two ways in which parties write them, and the canonical one.

/// How a party's systems write GS1 keys. Both forms mean the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notation {
    /// `https://id.gs1.org/01/…`
    DigitalLink,
    /// `urn:epc:id:sgtin:…`
    Urn,
}

/// A thing, a lot, a place or a party. Every company prefix of the story has seven digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// One numbered item: company prefix, item reference with indicator (6 digits), serial.
    Item(u32, u32, String),
    /// A lot of a product: company prefix, item reference with indicator, lot.
    Lot(u32, u32, String),
    /// A case or pallet: company prefix, serial reference with extension digit (10 digits).
    Unit(u32, u64),
    /// A returnable roll cage: company prefix, asset type (5 digits), serial.
    Cage(u32, u32, String),
    /// A vehicle or instrument: company prefix, reference.
    Asset(u32, String),
    /// A place: company prefix, location reference (5 digits).
    Place(u32, u32),
    /// A party: company prefix.
    Party(u32),
}

/// Appends the GS1 check digit: weights 3 and 1 in turn, from the right.
pub(crate) fn with_check_digit(digits: &str) -> String {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, digit)| u32::from(digit - b'0') * if i % 2 == 0 { 3 } else { 1 })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// The GTIN-14 of a product: the indicator digit goes to the front.
pub(crate) fn gtin(prefix: u32, item: u32) -> String {
    let (indicator, reference) = (item / 100_000, item % 100_000);
    with_check_digit(&format!("{indicator}{prefix:07}{reference:05}"))
}

/// The GLN of a place.
pub(crate) fn gln(prefix: u32, location: u32) -> String {
    with_check_digit(&format!("{prefix:07}{location:05}"))
}

impl Key {
    /// Whether it names a class (a lot) rather than one thing.
    pub(crate) fn is_class(&self) -> bool {
        matches!(self, Self::Lot(..))
    }

    /// The key as a party with this notation writes it.
    pub(crate) fn uri(&self, notation: Notation) -> String {
        match notation {
            Notation::DigitalLink => self.canonical(),
            Notation::Urn => self.urn(),
        }
    }

    /// The GS1 Digital Link on `id.gs1.org`.
    pub(crate) fn canonical(&self) -> String {
        let path = match self {
            Self::Item(prefix, item, serial) => format!("01/{}/21/{serial}", gtin(*prefix, *item)),
            Self::Lot(prefix, item, lot) => format!("01/{}/10/{lot}", gtin(*prefix, *item)),
            Self::Unit(prefix, serial) => {
                let (extension, reference) = (serial / 1_000_000_000, serial % 1_000_000_000);
                let digits = format!("{extension}{prefix:07}{reference:09}");
                format!("00/{}", with_check_digit(&digits))
            }
            Self::Cage(prefix, kind, serial) => {
                format!("8003/0{}{serial}", with_check_digit(&format!("{prefix:07}{kind:05}")))
            }
            Self::Asset(prefix, reference) => format!("8004/{prefix:07}{reference}"),
            Self::Place(prefix, location) => format!("414/{}", gln(*prefix, *location)),
            Self::Party(prefix) => format!("417/{}", gln(*prefix, 0)),
        };
        format!("https://id.gs1.org/{path}")
    }

    fn urn(&self) -> String {
        match self {
            Self::Item(prefix, item, serial) => {
                format!("urn:epc:id:sgtin:{prefix:07}.{item:06}.{serial}")
            }
            Self::Lot(prefix, item, lot) => {
                format!("urn:epc:class:lgtin:{prefix:07}.{item:06}.{lot}")
            }
            Self::Unit(prefix, serial) => format!("urn:epc:id:sscc:{prefix:07}.{serial:010}"),
            Self::Cage(prefix, kind, serial) => {
                format!("urn:epc:id:grai:{prefix:07}.{kind:05}.{serial}")
            }
            Self::Asset(prefix, reference) => format!("urn:epc:id:giai:{prefix:07}.{reference}"),
            Self::Place(prefix, location) => {
                format!("urn:epc:id:sgln:{prefix:07}.{location:05}.0")
            }
            Self::Party(prefix) => format!("urn:epc:id:pgln:{prefix:07}.00000"),
        }
    }
}
