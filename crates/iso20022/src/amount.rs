//! Amounts with their currency, exact.

use crate::problem::Problem;

/// Decimals of an amount, at most.
const DECIMALS_MAX: usize = 5;
/// Digits of an amount, at most.
const DIGITS_MAX: usize = 18;
/// What an amount is counted in here: 10⁻⁵ of the currency.
const SCALE: u128 = 100_000;

/// A positive amount or zero, counted in 10⁻⁵ of its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    currency: String,
    scaled: u128,
}

impl Amount {
    /// So many minor units of a currency that has so many decimals; `None` if the letters are no
    /// currency's, the decimals more than five, or the digits more than 18.
    pub fn of_minor_units(currency: &str, units: u64, decimals: u8) -> Option<Self> {
        let missing = DECIMALS_MAX.checked_sub(usize::from(decimals))?;
        let scaled = u128::from(units) * 10u128.pow(u32::try_from(missing).ok()?);
        let amount = Self { currency: currency.to_owned(), scaled };
        (is_currency(currency) && digits(&amount.number()) <= DIGITS_MAX).then_some(amount)
    }

    /// How many minor units this is in a currency that has so many decimals; `None` if it has more
    /// decimals, or exceeds 64 bits.
    pub fn minor_units(&self, decimals: u8) -> Option<u64> {
        let missing = DECIMALS_MAX.checked_sub(usize::from(decimals))?;
        let unit = 10u128.pow(u32::try_from(missing).ok()?);
        let is_whole = self.scaled.is_multiple_of(unit);
        is_whole.then(|| u64::try_from(self.scaled / unit).ok()).flatten()
    }

    /// The letters of the currency.
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// The decimal number, with two decimals at least: `100.00`.
    pub fn number(&self) -> String {
        number(self.scaled)
    }

    pub(crate) fn scaled(&self) -> u128 {
        self.scaled
    }

    pub(crate) fn read(currency: &str, text: &str, path: &str) -> Result<Self, Problem> {
        if !is_currency(currency) {
            return Err(Problem::malformed(path, "must have a currency of three capital letters"));
        }
        let scaled = read_number(text, path)?;
        Ok(Self { currency: currency.to_owned(), scaled })
    }
}

/// A decimal number in 10⁻⁵.
pub(crate) fn read_number(text: &str, path: &str) -> Result<u128, Problem> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = !whole.is_empty()
        && is_plain(whole)
        && is_plain(fraction)
        && fraction.len() <= DECIMALS_MAX
        && digits(text) <= DIGITS_MAX;
    if !is_number {
        let rule = "must be a number of at most 18 digits, 5 of them behind the point";
        return Err(Problem::malformed(path, rule));
    }
    let digits = format!("{whole}{fraction:0<DECIMALS_MAX$}");
    digits.parse().map_err(|_| Problem::malformed(path, "is too great a number"))
}

/// A number in 10⁻⁵ as a decimal, without the zeros behind the second decimal.
pub(crate) fn number(scaled: u128) -> String {
    let fraction = format!("{:05}", scaled % SCALE);
    let kept = fraction.trim_end_matches('0').len().max(2);
    format!("{}.{}", scaled / SCALE, &fraction[..kept])
}

fn digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}
