//! EPC URNs: pure identities, classes and patterns (EPC Tag Data Standard).

use super::keys::{CANONICAL, check_digit, decode, encode, is_digits, is_key_text};
use super::{Level, Normal};

/// Reads what follows `urn:epc:`.
pub(super) fn normalise(rest: &str) -> Normal {
    let mut parts = rest.splitn(3, ':');
    let (Some(family), Some(scheme), Some(body)) = (parts.next(), parts.next(), parts.next())
    else {
        return Normal::Other;
    };
    match (family, scheme) {
        ("id", scheme) => identity(scheme, body),
        ("class", "lgtin") => required(gtin(body, "10", 20, Level::Class), LGTIN),
        ("class", _) => Normal::Other,
        // A pattern with more than one `*` names no single class: it stands for itself.
        ("idpat", scheme) => pattern(scheme, body).unwrap_or(Normal::Other),
        _ => Normal::Other,
    }
}

const LGTIN: &str = "an LGTIN is company prefix, item reference and lot, 13 digits before the lot";

fn identity(scheme: &str, body: &str) -> Normal {
    let (found, rule) = match scheme {
        "sgtin" => (
            gtin(body, "21", 20, Level::Instance),
            "an SGTIN is company prefix, item reference and serial, 13 digits before the serial",
        ),
        "upui" => (
            gtin(body, "235", 28, Level::Instance),
            "a UPUI is company prefix, item reference and extension, 13 digits before the latter",
        ),
        "sscc" => (
            two_numbers(body, 17).map(|(prefix, reference)| {
                let (extension, serial) = reference.split_at(1);
                instance("00", with_check_digit(&format!("{extension}{prefix}{serial}")))
            }),
            "an SSCC is company prefix and serial reference, 17 digits in all",
        ),
        "sgln" => (place(body), "an SGLN is company prefix, location and extension"),
        "pgln" => (
            two_numbers(body, 12)
                .map(|(prefix, party)| instance("417", with_check_digit(&(prefix + &party)))),
            "a PGLN is company prefix and party reference, 12 digits in all",
        ),
        "grai" => (
            serialised(body, "8003", "0", 16, false),
            "a GRAI is company prefix, asset type and serial, 12 digits before the serial",
        ),
        "gdti" => (
            serialised(body, "253", "", 17, false),
            "a GDTI is company prefix, document type and serial, 12 digits before the serial",
        ),
        "sgcn" => (
            serialised(body, "255", "", 12, true),
            "an SGCN is company prefix, coupon reference and serial, 12 digits before the serial",
        ),
        "giai" => (prefixed(body, "8004"), "a GIAI is company prefix and asset, 30 in all"),
        "ginc" => (prefixed(body, "401"), "a GINC is company prefix and consignment, 30 in all"),
        "gsrn" | "gsrnp" => (
            two_numbers(body, 17).map(|(prefix, service)| {
                let ai = if scheme == "gsrn" { "8018" } else { "8017" };
                instance(ai, with_check_digit(&(prefix + &service)))
            }),
            "a GSRN is company prefix and service reference, 17 digits in all",
        ),
        "gsin" => (
            two_numbers(body, 16)
                .map(|(prefix, shipper)| instance("402", with_check_digit(&(prefix + &shipper)))),
            "a GSIN is company prefix and shipper reference, 16 digits in all",
        ),
        "cpi" => (
            component(body, Level::Instance),
            "a CPI is company prefix, part reference and a serial of up to 12 digits",
        ),
        "itip" => (
            piece(body, Level::Instance),
            "an ITIP is company prefix, item reference, piece, total and serial",
        ),
        _ => return Normal::Other,
    };
    required(found, rule)
}

fn pattern(scheme: &str, body: &str) -> Option<Normal> {
    let body = body.strip_suffix(".*")?;
    match scheme {
        "sgtin" | "upui" => {
            let (prefix, item) = two_numbers(body, 13)?;
            Some(class("01", gtin_digits(&prefix, &item)))
        }
        "grai" | "gdti" | "sgcn" => {
            let (prefix, reference) = two_numbers(body, 12)?;
            let (ai, lead) = match scheme {
                "grai" => ("8003", "0"),
                "gdti" => ("253", ""),
                _ => ("255", ""),
            };
            Some(class(ai, with_check_digit(&format!("{lead}{prefix}{reference}"))))
        }
        "cpi" => component(body, Level::Class),
        "itip" => piece(body, Level::Class),
        _ => None,
    }
}

fn required(found: Option<Normal>, rule: &'static str) -> Normal {
    found.unwrap_or(Normal::Malformed(rule))
}

fn key(ai: &str, value: &str, level: Level) -> Normal {
    Normal::Key { uri: format!("{CANONICAL}/{ai}/{value}"), level, wrong_key: None }
}

fn instance(ai: &str, value: String) -> Normal {
    key(ai, &value, Level::Instance)
}

fn class(ai: &str, value: String) -> Normal {
    key(ai, &value, Level::Class)
}

fn with_check_digit(digits: &str) -> String {
    let digit = check_digit(digits).expect("the caller passes digits only");
    format!("{digits}{digit}")
}

/// The GTIN of a company prefix and an item reference, whose first digit is the indicator.
fn gtin_digits(prefix: &str, item: &str) -> String {
    let (indicator, reference) = item.split_at(1);
    with_check_digit(&format!("{indicator}{prefix}{reference}"))
}

/// `PREFIX.REFERENCE`: a company prefix of 6 to 12 digits, and so many digits in all.
fn two_numbers(body: &str, total: usize) -> Option<(String, String)> {
    let (prefix, reference) = body.split_once('.')?;
    let holds = is_prefix(prefix)
        && is_digits(reference)
        && prefix.len() + reference.len() == total
        && (total == 12 || !reference.is_empty());
    holds.then(|| (prefix.to_owned(), reference.to_owned()))
}

/// `PREFIX.REFERENCE.SERIAL` with so many digits before the serial.
fn with_serial(body: &str, total: usize, serial_max: usize) -> Option<(String, String, String)> {
    let second_dot = body.find('.').and_then(|at| body[at + 1..].find('.').map(|b| at + 1 + b))?;
    let (prefix, reference) = two_numbers(&body[..second_dot], total)?;
    let serial = serial_text(&body[second_dot + 1..], serial_max)?;
    Some((prefix, reference, serial))
}

fn is_prefix(text: &str) -> bool {
    (6..=12).contains(&text.len()) && is_digits(text)
}

/// A serial number with its escapes resolved. A URN must escape what has a meaning in URIs.
fn serial_text(text: &str, length_max: usize) -> Option<String> {
    if text.bytes().any(|byte| b"\"#&/<>?".contains(&byte)) {
        return None;
    }
    let serial = decode(text)?;
    let holds = !serial.is_empty() && serial.len() <= length_max && is_key_text(&serial);
    holds.then_some(serial)
}

fn gtin(body: &str, qualifier: &str, serial_max: usize, level: Level) -> Option<Normal> {
    let (prefix, item, serial) = with_serial(body, 13, serial_max)?;
    let gtin = gtin_digits(&prefix, &item);
    Some(key("01", &format!("{gtin}/{qualifier}/{}", encode(&serial)), level))
}

fn place(body: &str) -> Option<Normal> {
    let (prefix, location, extension) = with_serial(body, 12, 20)?;
    let gln = with_check_digit(&(prefix + &location));
    // By the Tag Data Standard the extension 0 says that there is none.
    if extension == "0" {
        return Some(instance("414", gln));
    }
    Some(instance("414", format!("{gln}/254/{}", encode(&extension))))
}

fn serialised(
    body: &str,
    ai: &str,
    lead: &str,
    serial_max: usize,
    is_numeric: bool,
) -> Option<Normal> {
    let (prefix, reference, serial) = with_serial(body, 12, serial_max)?;
    if is_numeric && !is_digits(&serial) {
        return None;
    }
    let number = with_check_digit(&format!("{lead}{prefix}{reference}"));
    Some(instance(ai, format!("{number}{}", encode(&serial))))
}

fn prefixed(body: &str, ai: &str) -> Option<Normal> {
    let (prefix, reference) = body.split_once('.')?;
    let reference = serial_text(reference, 30_usize.checked_sub(prefix.len())?)?;
    is_prefix(prefix).then(|| instance(ai, format!("{prefix}{}", encode(&reference))))
}

fn component(body: &str, level: Level) -> Option<Normal> {
    let (prefix, rest) = body.split_once('.')?;
    let (reference, serial) = match level {
        Level::Instance => rest.rsplit_once('.')?,
        _ => (rest, ""),
    };
    let part = serial_text(reference, 30_usize.checked_sub(prefix.len())?)?;
    let serial_holds = is_digits(serial)
        && match level {
            Level::Instance => (1..=12).contains(&serial.len()),
            _ => true,
        };
    if !is_prefix(prefix) || !serial_holds {
        return None;
    }
    let value = format!("{prefix}{}", encode(&part));
    Some(match level {
        Level::Instance => instance("8010", format!("{value}/8011/{serial}")),
        _ => class("8010", value),
    })
}

fn piece(body: &str, level: Level) -> Option<Normal> {
    let mut parts = body.splitn(5, '.');
    let (prefix, item) = (parts.next()?, parts.next()?);
    let (piece, total) = (parts.next()?, parts.next()?);
    let (prefix, item) = two_numbers(&format!("{prefix}.{item}"), 13)?;
    if piece.len() != 2 || total.len() != 2 || !is_digits(piece) || !is_digits(total) {
        return None;
    }
    let value = format!("{}{piece}{total}", gtin_digits(&prefix, &item));
    match (level, parts.next()) {
        (Level::Instance, Some(serial)) => {
            let serial = encode(&serial_text(serial, 20)?);
            Some(instance("8006", format!("{value}/21/{serial}")))
        }
        (Level::Class, None) => Some(class("8006", value)),
        _ => None,
    }
}
