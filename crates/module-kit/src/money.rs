//! Currencies by their numbers of ISO 4217. Amounts are integers of the minor unit.

use alloy_primitives::U256;

use crate::storage::Word;

/// Number, letters and decimals of the currencies that are understood, by number.
const CURRENCIES: &[(u16, &str, u8)] = &[
    (36, "AUD", 2),
    (124, "CAD", 2),
    (156, "CNY", 2),
    (344, "HKD", 2),
    (356, "INR", 2),
    (360, "IDR", 2),
    (392, "JPY", 0),
    (410, "KRW", 0),
    (414, "KWD", 3),
    (446, "MOP", 2),
    (458, "MYR", 2),
    (702, "SGD", 2),
    (704, "VND", 0),
    (756, "CHF", 2),
    (764, "THB", 2),
    (784, "AED", 2),
    (826, "GBP", 2),
    (840, "USD", 2),
    (978, "EUR", 2),
];

/// A currency; the default stands for none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Currency(u16);

impl Currency {
    /// The currency with this number of ISO 4217, if it is understood.
    pub fn from_number(number: u16) -> Option<Self> {
        CURRENCIES.iter().any(|(known, _, _)| *known == number).then_some(Self(number))
    }

    /// The currency with these letters of ISO 4217, if it is understood.
    pub fn from_code(code: &str) -> Option<Self> {
        let found = CURRENCIES.iter().find(|(_, letters, _)| *letters == code);
        found.map(|(number, _, _)| Self(*number))
    }

    /// Its number.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Its letters; empty for none.
    pub fn code(self) -> &'static str {
        self.row().map_or("", |(_, code, _)| *code)
    }

    /// How many decimals its minor unit has.
    pub fn decimals(self) -> u8 {
        self.row().map_or(0, |(_, _, decimals)| *decimals)
    }

    /// An amount of the minor unit as a decimal number: `1234.50`.
    pub fn decimal(self, amount: u64) -> String {
        let decimals = usize::from(self.decimals());
        let digits = format!("{amount:0>width$}", width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        if decimals == 0 { whole.to_owned() } else { format!("{whole}.{fraction}") }
    }

    /// The amount of the minor unit that a decimal number stands for; `None` if it is no plain
    /// number, has more decimals than the currency, or exceeds 64 bits.
    pub fn amount(self, decimal: &str) -> Option<u64> {
        let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
        let decimals = usize::from(self.decimals());
        let has_point = decimal.contains('.');
        let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_number = !whole.is_empty() && is_plain(whole) && is_plain(fraction);
        if !is_number || fraction.len() > decimals || (has_point && fraction.is_empty()) {
            return None;
        }
        format!("{whole}{fraction:0<decimals$}").parse().ok()
    }

    fn row(self) -> Option<&'static (u16, &'static str, u8)> {
        CURRENCIES.iter().find(|(number, _, _)| *number == self.0)
    }
}

impl Word for Currency {
    const BYTES: usize = 2;
    const NAME: &'static str = "uint16";

    fn pack(self) -> U256 {
        U256::from(self.0)
    }

    fn unpack(bits: U256) -> Option<Self> {
        let number = u16::try_from(bits).ok()?;
        if number == 0 { Some(Self(0)) } else { Self::from_number(number) }
    }
}
