//! GS1 keys: their application identifiers, lengths, characters and check digits.

use super::Level;

/// The domain of canonical GS1 Digital Link URIs.
pub(super) const CANONICAL: &str = "https://id.gs1.org";

/// The standard check digit of GS1 keys: weights 3 and 1 from the right, modulo 10. None where the
/// text is empty or has anything but digits.
#[must_use]
pub fn check_digit(digits: &str) -> Option<char> {
    if digits.is_empty() || !is_digits(digits) {
        return None;
    }
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| u32::from(byte - b'0') * if at % 2 == 0 { 3 } else { 1 })
        .fold(0, |sum, digit| (sum + digit) % 10);
    char::from_digit((10 - sum) % 10, 10)
}

/// Whether the last digit is the check digit of the others.
pub(super) fn has_check_digit(key: &str) -> bool {
    let Some(at) = key.len().checked_sub(1) else { return false };
    check_digit(&key[..at]).is_some_and(|digit| key.ends_with(digit))
}

pub(super) fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A key that can stand first in a Digital Link.
pub(super) struct Key {
    /// Application identifier.
    pub(super) ai: &'static str,
    /// Short name of earlier editions of the standard, still in use.
    pub(super) name: &'static str,
    /// Shape of the value.
    pub(super) shape: Shape,
    /// Qualifiers that may follow, from the coarsest to the finest.
    pub(super) qualifiers: &'static [Qualifier],
    /// What the key alone names.
    pub(super) level: Level,
    /// What a value looks like, for messages.
    pub(super) rule: &'static str,
}

/// The shape of a key's value.
pub(super) enum Shape {
    /// This many digits, the last being the check digit.
    Checked(usize),
    /// A GTIN of 8, 12, 13 or 14 digits.
    Gtin,
    /// Digits with check digit, then up to so many characters of a serial number.
    Serialised { digits: usize, serial_max: usize, is_numeric: bool },
    /// 14 digits with check digit, then piece and total of two digits each.
    Piece,
    /// Four digits or more of a company's prefix, then characters; at most so many in all.
    Prefixed(usize),
}

/// A qualifier of a key.
pub(super) struct Qualifier {
    pub(super) ai: &'static str,
    pub(super) name: &'static str,
    pub(super) length_max: usize,
    /// What the key with this qualifier names; none where the qualifier is left out of the
    /// canonical form (CBV 2.0 §8.9 lists those that stay).
    pub(super) level: Option<Level>,
}

const fn qualifier(
    ai: &'static str,
    name: &'static str,
    length_max: usize,
    level: Option<Level>,
) -> Qualifier {
    Qualifier { ai, name, length_max, level }
}

const VARIANT: Qualifier = qualifier("22", "cpv", 20, None);
const LOT: Qualifier = qualifier("10", "lot", 20, Some(Level::Class));
const SERIAL: Qualifier = qualifier("21", "ser", 20, Some(Level::Instance));
const CONTROLLED_SERIAL: Qualifier = qualifier("235", "tpx", 28, Some(Level::Instance));

/// Keys that can stand first in a Digital Link (GS1 Digital Link: URI syntax, §4.2).
pub(super) const KEYS: &[Key] = &[
    Key {
        ai: "01",
        name: "gtin",
        shape: Shape::Gtin,
        qualifiers: &[VARIANT, LOT, SERIAL, CONTROLLED_SERIAL],
        level: Level::Class,
        rule: "a GTIN has 8, 12, 13 or 14 digits",
    },
    Key {
        ai: "00",
        name: "sscc",
        shape: Shape::Checked(18),
        qualifiers: &[],
        level: Level::Instance,
        rule: "an SSCC has 18 digits",
    },
    Key {
        ai: "414",
        name: "gln",
        shape: Shape::Checked(13),
        qualifiers: &[qualifier("254", "glnx", 20, Some(Level::Instance))],
        level: Level::Instance,
        rule: "the GLN of a place has 13 digits",
    },
    Key {
        ai: "417",
        name: "party",
        shape: Shape::Checked(13),
        qualifiers: &[],
        level: Level::Instance,
        rule: "the GLN of a party has 13 digits",
    },
    Key {
        ai: "8003",
        name: "grai",
        shape: Shape::Serialised { digits: 14, serial_max: 16, is_numeric: false },
        qualifiers: &[],
        level: Level::Class,
        rule: "a GRAI has 14 digits and a serial number of up to 16 characters",
    },
    Key {
        ai: "8004",
        name: "giai",
        shape: Shape::Prefixed(30),
        qualifiers: &[],
        level: Level::Instance,
        rule: "a GIAI has up to 30 characters and begins with a company prefix",
    },
    Key {
        ai: "253",
        name: "gdti",
        shape: Shape::Serialised { digits: 13, serial_max: 17, is_numeric: false },
        qualifiers: &[],
        level: Level::Class,
        rule: "a GDTI has 13 digits and a serial number of up to 17 characters",
    },
    Key {
        ai: "255",
        name: "gcn",
        shape: Shape::Serialised { digits: 13, serial_max: 12, is_numeric: true },
        qualifiers: &[],
        level: Level::Class,
        rule: "a GCN has 13 digits and a serial number of up to 12 digits",
    },
    Key {
        ai: "401",
        name: "ginc",
        shape: Shape::Prefixed(30),
        qualifiers: &[],
        level: Level::Instance,
        rule: "a GINC has up to 30 characters and begins with a company prefix",
    },
    Key {
        ai: "402",
        name: "gsin",
        shape: Shape::Checked(17),
        qualifiers: &[],
        level: Level::Instance,
        rule: "a GSIN has 17 digits",
    },
    Key {
        ai: "8006",
        name: "itip",
        shape: Shape::Piece,
        qualifiers: &[VARIANT, LOT, SERIAL],
        level: Level::Class,
        rule: "an ITIP has 18 digits",
    },
    Key {
        ai: "8010",
        name: "cpid",
        shape: Shape::Prefixed(30),
        qualifiers: &[qualifier("8011", "cpsn", 12, Some(Level::Instance))],
        level: Level::Class,
        rule: "a CPID has up to 30 characters and begins with a company prefix",
    },
    Key {
        ai: "8017",
        name: "gsrnp",
        shape: Shape::Checked(18),
        qualifiers: &[qualifier("8019", "srin", 10, None)],
        level: Level::Instance,
        rule: "a GSRN has 18 digits",
    },
    Key {
        ai: "8018",
        name: "gsrn",
        shape: Shape::Checked(18),
        qualifiers: &[qualifier("8019", "srin", 10, None)],
        level: Level::Instance,
        rule: "a GSRN has 18 digits",
    },
];

/// A value in its canonical form.
pub(super) struct Value {
    /// As it stands in the canonical URI.
    pub(super) text: String,
    /// The digits that end with the check digit; empty where the key has none.
    pub(super) checked: String,
    /// Whether the value itself carries a serial number.
    pub(super) has_serial: bool,
}

impl Shape {
    /// Reads a value whose percent escapes are resolved. None where it does not have this shape.
    pub(super) fn read(&self, raw: &str) -> Option<Value> {
        match *self {
            Self::Checked(length) => {
                (raw.len() == length && is_digits(raw)).then(|| checked(raw, raw))
            }
            Self::Gtin => {
                let holds = matches!(raw.len(), 8 | 12 | 13 | 14) && is_digits(raw);
                holds.then(|| checked(&format!("{raw:0>14}"), raw))
            }
            Self::Piece => (raw.len() == 18 && is_digits(raw)).then(|| checked(raw, &raw[..14])),
            Self::Serialised { digits, serial_max, is_numeric } => {
                let (number, serial) = raw.split_at_checked(digits)?;
                let serial_holds = serial.len() <= serial_max
                    && if is_numeric { is_digits(serial) } else { is_key_text(serial) };
                if !is_digits(number) || !serial_holds {
                    return None;
                }
                // The GRAI's check digit is not verified: published examples, GS1's own among
                // them, leave out its leading zero.
                let checked = if digits == 14 { "" } else { number };
                Some(Value {
                    text: format!("{number}{}", encode(serial)),
                    checked: checked.to_owned(),
                    has_serial: !serial.is_empty(),
                })
            }
            Self::Prefixed(length_max) => {
                let begins = raw.split_at_checked(4).is_some_and(|(prefix, _)| is_digits(prefix));
                let holds = begins && raw.len() <= length_max && is_key_text(raw);
                holds.then(|| Value {
                    text: encode(raw),
                    checked: String::new(),
                    has_serial: false,
                })
            }
        }
    }
}

fn checked(text: &str, checked: &str) -> Value {
    Value { text: text.to_owned(), checked: checked.to_owned(), has_serial: false }
}

/// Whether every character is of GS1's set 82, or the `#` of set 39.
pub(super) fn is_key_text(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !b"$@[\\]^`{|}~".contains(&byte))
}

/// Escapes what must not stand in a Digital Link's path (GS1 Digital Link: URI syntax, table 7-1),
/// and what a URI may not hold.
pub(super) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._';=".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// Resolves percent escapes. None where one is broken or the result is not ASCII.
pub(super) fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut decoded = String::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(char::from(byte));
            continue;
        }
        let high = char::from(bytes.next()?).to_digit(16)?;
        let low = char::from(bytes.next()?).to_digit(16)?;
        let code = u8::try_from(high * 16 + low).ok().filter(u8::is_ascii)?;
        decoded.push(char::from(code));
    }
    Some(decoded)
}
