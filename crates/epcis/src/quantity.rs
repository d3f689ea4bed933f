//! Amounts of things, exact: a decimal number with a unit of UN/ECE Recommendation 20 becomes a
//! whole number of the smallest unit of its dimension, or is refused. Nothing is ever rounded.

use crate::decimal::plain_decimal;
use std::fmt::{self, Display, Formatter};

/// The greatest amount that is taken, in smallest units: a thousand million million kilograms.
/// Sums of a thousand of them, times ten thousand, still fit into 128 bits.
const UNITS_MAX: u128 = 10u128.pow(30);

/// Digits after the point that may make a whole number of smallest units.
const FRACTION_DIGITS_MAX: u32 = 18;

/// What an amount measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Pieces.
    Count,
    /// Mass, counted in nanograms.
    Mass,
    /// Volume, counted in femtolitres.
    Volume,
    /// Length, counted in nanometres.
    Length,
    /// Area, counted in square micrometres.
    Area,
}

/// So much of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Amount {
    /// What is measured.
    pub dimension: Dimension,
    /// How many smallest units of the dimension.
    pub units: u128,
}

/// Why a quantity is no exact amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a decimal number.
    #[error("a quantity is a decimal number")]
    NotNumber,
    /// Below zero.
    #[error("a quantity is not negative")]
    Negative,
    /// More than is taken.
    #[error("a quantity is at most 10^30 of the smallest units")]
    TooLarge,
    /// Finer than the smallest unit.
    #[error("a quantity is a whole number of the smallest unit: a piece, a nanogram, a femtolitre")]
    TooFine,
    /// The unit is not in the table.
    #[error("the unit is not one that can be converted exactly")]
    UnknownUnit,
}

/// A unit: its code, what it measures, and how many smallest units it is.
struct Unit(&'static str, Dimension, u128);

/// Units whose size in metric units is exact by definition: pounds and inches are so since 1959,
/// gallons since 1964 and 1985. Sorted by code.
const UNITS: &[Unit] = &[
    Unit("BLL", Dimension::Volume, 158_987_294_928_000_000),
    Unit("C62", Dimension::Count, 1),
    Unit("CEN", Dimension::Count, 100),
    Unit("CGM", Dimension::Mass, 10_000_000),
    Unit("CLT", Dimension::Volume, 10_000_000_000_000),
    Unit("CMK", Dimension::Area, 100_000_000),
    Unit("CMQ", Dimension::Volume, 1_000_000_000_000),
    Unit("CMT", Dimension::Length, 10_000_000),
    Unit("CWA", Dimension::Mass, 45_359_237_000_000),
    Unit("CWI", Dimension::Mass, 50_802_345_440_000),
    Unit("DG", Dimension::Mass, 100_000_000),
    Unit("DJ", Dimension::Mass, 10_000_000_000),
    Unit("DLT", Dimension::Volume, 100_000_000_000_000),
    Unit("DMK", Dimension::Area, 10_000_000_000),
    Unit("DMQ", Dimension::Volume, 1_000_000_000_000_000),
    Unit("DMT", Dimension::Length, 100_000_000),
    Unit("DTN", Dimension::Mass, 100_000_000_000_000),
    Unit("DZN", Dimension::Count, 12),
    Unit("EA", Dimension::Count, 1),
    Unit("FOT", Dimension::Length, 304_800_000),
    Unit("FTK", Dimension::Area, 92_903_040_000),
    Unit("FTQ", Dimension::Volume, 28_316_846_592_000_000),
    Unit("GLI", Dimension::Volume, 4_546_090_000_000_000),
    Unit("GLL", Dimension::Volume, 3_785_411_784_000_000),
    Unit("GRM", Dimension::Mass, 1_000_000_000),
    Unit("GRO", Dimension::Count, 144),
    Unit("H87", Dimension::Count, 1),
    Unit("HAR", Dimension::Area, 10_000_000_000_000_000),
    Unit("HGM", Dimension::Mass, 100_000_000_000),
    Unit("HLT", Dimension::Volume, 100_000_000_000_000_000),
    Unit("INH", Dimension::Length, 25_400_000),
    Unit("INK", Dimension::Area, 645_160_000),
    Unit("INQ", Dimension::Volume, 16_387_064_000_000),
    Unit("KGM", Dimension::Mass, 1_000_000_000_000),
    Unit("KMK", Dimension::Area, 1_000_000_000_000_000_000),
    Unit("KMT", Dimension::Length, 1_000_000_000_000),
    Unit("LBR", Dimension::Mass, 453_592_370_000),
    Unit("LTN", Dimension::Mass, 1_016_046_908_800_000),
    Unit("LTR", Dimension::Volume, 1_000_000_000_000_000),
    Unit("MC", Dimension::Mass, 1_000),
    Unit("MGM", Dimension::Mass, 1_000_000),
    Unit("MIL", Dimension::Count, 1_000),
    Unit("MLT", Dimension::Volume, 1_000_000_000_000),
    Unit("MMK", Dimension::Area, 1_000_000),
    Unit("MMQ", Dimension::Volume, 1_000_000_000),
    Unit("MMT", Dimension::Length, 1_000_000),
    Unit("MTK", Dimension::Area, 1_000_000_000_000),
    Unit("MTQ", Dimension::Volume, 1_000_000_000_000_000_000),
    Unit("MTR", Dimension::Length, 1_000_000_000),
    Unit("NAR", Dimension::Count, 1),
    Unit("ONZ", Dimension::Mass, 28_349_523_125),
    Unit("OZA", Dimension::Volume, 29_573_529_562_500),
    Unit("OZI", Dimension::Volume, 28_413_062_500_000),
    Unit("PR", Dimension::Count, 2),
    Unit("PTI", Dimension::Volume, 568_261_250_000_000),
    Unit("PTL", Dimension::Volume, 473_176_473_000_000),
    Unit("QTI", Dimension::Volume, 1_136_522_500_000_000),
    Unit("QTL", Dimension::Volume, 946_352_946_000_000),
    Unit("STN", Dimension::Mass, 907_184_740_000_000),
    Unit("TNE", Dimension::Mass, 1_000_000_000_000_000),
    Unit("YDK", Dimension::Area, 836_127_360_000),
    Unit("YRD", Dimension::Length, 914_400_000),
];

impl Dimension {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [Self::Count, Self::Mass, Self::Volume, Self::Length, Self::Area];

    /// Its number, from 0.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The dimension with this number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// The dimension of a unit; pieces where no unit is named.
    #[must_use]
    pub fn of_unit(code: &str) -> Option<Self> {
        unit(code).map(|(dimension, _)| dimension)
    }

    /// The unit in which people read it; none for pieces.
    #[must_use]
    pub const fn usual_unit(self) -> Option<&'static str> {
        match self {
            Self::Count => None,
            Self::Mass => Some("KGM"),
            Self::Volume => Some("LTR"),
            Self::Length => Some("MTR"),
            Self::Area => Some("MTK"),
        }
    }
}

impl Amount {
    /// Reads a decimal number and a unit of UN/ECE Recommendation 20; without a unit pieces are
    /// counted.
    ///
    /// # Errors
    /// When it is not exactly so many smallest units.
    pub fn read(quantity: &str, unit_code: Option<&str>) -> Result<Self, AmountError> {
        let (dimension, size) =
            unit(unit_code.unwrap_or_default()).ok_or(AmountError::UnknownUnit)?;
        let plain = plain_decimal(quantity).ok_or(AmountError::NotNumber)?;
        if plain.starts_with('-') {
            return Err(AmountError::Negative);
        }
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        Ok(Self { dimension, units: units(whole, fraction, size)? })
    }

    /// The number in the usual unit of the dimension, without needless zeros.
    #[must_use]
    pub fn decimal(&self) -> String {
        let size = self.dimension.usual_unit().and_then(unit).map_or(1, |(_, size)| size);
        let (whole, rest) = (self.units / size, self.units % size);
        if rest == 0 {
            return whole.to_string();
        }
        let places = size.ilog10() as usize;
        let fraction = format!("{rest:0>places$}");
        format!("{whole}.{}", fraction.trim_end_matches('0'))
    }
}

/// The number with its unit: `12.5 KGM`, `41 pieces`.
impl Display for Amount {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let unit = self.dimension.usual_unit();
        let unit = unit.unwrap_or(if self.units == 1 { "piece" } else { "pieces" });
        write!(out, "{} {unit}", self.decimal())
    }
}

fn unit(code: &str) -> Option<(Dimension, u128)> {
    if code.is_empty() {
        return Some((Dimension::Count, 1));
    }
    let at = UNITS.binary_search_by(|unit| unit.0.cmp(code)).ok()?;
    Some((UNITS[at].1, UNITS[at].2))
}

/// `whole.fraction` times the size of the unit.
fn units(whole: &str, fraction: &str, size: u128) -> Result<u128, AmountError> {
    let mut total: u128 = 0;
    for digit in whole.bytes() {
        total = total * 10 + u128::from(digit - b'0');
        if total > UNITS_MAX {
            return Err(AmountError::TooLarge);
        }
    }
    // No unit has more than eighteen factors of two or of five, and the last digit of the fraction
    // is not zero: a longer fraction is never whole.
    let places = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
    if places > FRACTION_DIGITS_MAX {
        return Err(AmountError::TooFine);
    }
    let fraction = fraction.bytes().fold(0, |sum, digit| sum * 10 + u128::from(digit - b'0'));
    let (parts, divisor) = (fraction * size, 10u128.pow(places));
    if parts % divisor != 0 {
        return Err(AmountError::TooFine);
    }
    let whole = total.checked_mul(size).ok_or(AmountError::TooLarge)?;
    match whole.checked_add(parts / divisor) {
        Some(total) if total <= UNITS_MAX => Ok(total),
        _ => Err(AmountError::TooLarge),
    }
}
