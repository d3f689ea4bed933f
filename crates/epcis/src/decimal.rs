//! Decimal numbers as text, brought to one form without any loss.

use std::borrow::Cow;

/// The longest text that is looked at: longer digits are a name, not a number.
const TEXT_BYTES_MAX: usize = 80;

/// The largest power of ten that is written out.
const EXPONENT_MAX: i32 = 99;

/// A decimal number: 0.DIGITS times ten to the power of `point`, the first and last digit not zero.
struct Decimal {
    is_negative: bool,
    digits: String,
    point: i32,
}

/// The plain form of a decimal number: no sign unless negative, no needless zeros, no exponent.
/// None where the text is not a number.
pub(crate) fn plain_decimal(text: &str) -> Option<String> {
    let decimal = read(text)?;
    Some(decimal.with_sign(decimal.plain()))
}

/// The form of a decimal number in an event hash: the plain form, but below 0.0001 with an exponent
/// (`5e-05`), which is how the published generator of event hashes writes such values. None where
/// the text is not a number.
pub(crate) fn canonical_decimal(text: &str) -> Option<Cow<'_, str>> {
    if is_canonical_whole(text) {
        return Some(Cow::Borrowed(text));
    }
    let decimal = read(text)?;
    if decimal.digits.is_empty() || decimal.point >= -3 {
        return Some(Cow::Owned(decimal.with_sign(decimal.plain())));
    }
    let (first, rest) = decimal.digits.split_at(1);
    let separator = if rest.is_empty() { "" } else { "." };
    let exponent = 1 - decimal.point;
    Some(Cow::Owned(decimal.with_sign(format!("{first}{separator}{rest}e-{exponent:02}"))))
}

/// Whether the text is a whole number in canonical form: most numbers are.
fn is_canonical_whole(text: &str) -> bool {
    text.len() <= TEXT_BYTES_MAX
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
}

fn read(text: &str) -> Option<Decimal> {
    let first = *text.as_bytes().first()?;
    if text.len() > TEXT_BYTES_MAX || !(first.is_ascii_digit() || b"+-.".contains(&first)) {
        return None;
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = split_exponent(unsigned)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let written = format!("{whole}{fraction}");
    if written.is_empty() || !written.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = written.trim_start_matches('0');
    let leading = i32::try_from(written.len() - digits.len()).ok()?;
    let digits = digits.trim_end_matches('0').to_owned();
    let point = i32::try_from(whole.len()).ok()? + exponent - leading;
    Some(Decimal { is_negative: first == b'-', digits, point })
}

fn split_exponent(text: &str) -> Option<(&str, i32)> {
    let Some(at) = text.find(['e', 'E']) else {
        return Some((text, 0));
    };
    let written = &text[at + 1..];
    let unsigned = written.strip_prefix(['+', '-']).unwrap_or(written);
    if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent: i32 = unsigned.parse().ok()?;
    if exponent > EXPONENT_MAX {
        return None;
    }
    Some((&text[..at], if written.starts_with('-') { -exponent } else { exponent }))
}

impl Decimal {
    fn with_sign(&self, unsigned: String) -> String {
        let is_negative = self.is_negative && !self.digits.is_empty();
        if is_negative { format!("-{unsigned}") } else { unsigned }
    }

    fn plain(&self) -> String {
        let Self { digits, point, .. } = self;
        if digits.is_empty() {
            return "0".to_owned();
        }
        let Ok(whole_length) = usize::try_from(*point) else {
            return format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
        };
        if whole_length == 0 {
            return format!("0.{digits}");
        }
        if whole_length >= digits.len() {
            return format!("{digits}{}", "0".repeat(whole_length - digits.len()));
        }
        format!("{}.{}", &digits[..whole_length], &digits[whole_length..])
    }
}
