//! Decimal numbers as text, brought to one form without any loss.

/// The longest text that is looked at: longer digits are a name, not a number.
const TEXT_BYTES_MAX: usize = 80;

/// The largest power of ten that is written out.
const EXPONENT_MAX: i32 = 99;

/// The canonical form of a decimal number: no sign unless negative, no leading or trailing zeros,
/// no decimal point without decimals, and an exponent only below 0.0001 (`5e-05`), which is how the
/// published generator of event hashes writes such values. None where the text is not a number.
pub(crate) fn canonical_decimal(text: &str) -> Option<String> {
    if text.len() > TEXT_BYTES_MAX {
        return None;
    }
    let (is_negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = split_exponent(unsigned)?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // The value is 0.DIGITS times ten to the power of `point`.
    let mut point = i32::try_from(whole.len()).ok()? + exponent;
    let leading = digits.iter().take_while(|digit| **digit == b'0').count();
    digits.drain(..leading);
    point -= i32::try_from(leading).ok()?;
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
    if digits.is_empty() {
        return Some("0".to_owned());
    }
    let digits = String::from_utf8(digits).ok()?;
    let plain = write_out(&digits, point);
    Some(if is_negative { format!("-{plain}") } else { plain })
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

/// Writes 0.DIGITS times ten to the power of `point`.
fn write_out(digits: &str, point: i32) -> String {
    if point < -3 {
        let (first, rest) = digits.split_at(1);
        let separator = if rest.is_empty() { "" } else { "." };
        return format!("{first}{separator}{rest}e-{:02}", 1 - point);
    }
    if point <= 0 {
        let zeros = "0".repeat(point.unsigned_abs() as usize);
        return format!("0.{zeros}{digits}");
    }
    let whole_length = point.unsigned_abs() as usize;
    if whole_length >= digits.len() {
        return format!("{digits}{}", "0".repeat(whole_length - digits.len()));
    }
    format!("{}.{}", &digits[..whole_length], &digits[whole_length..])
}
