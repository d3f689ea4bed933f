//! What people type or scan: a URI, or the number on a label.

use qiao_epcis::Identifier;

/// Reads an identifier; the error is a sentence.
pub(crate) fn identifier(text: &str) -> Result<Identifier, String> {
    let uri = from_label(text).unwrap_or_else(|| text.to_owned());
    Identifier::parse(&uri).map_err(|error| format!("“{text}” is not an identifier: {error}."))
}

/// `(01)09521002000563(10)M0318` or 18, 14 or 13 plain digits as a GS1 Digital Link.
fn from_label(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if let Some(rest) = compact.strip_prefix('(') {
        let mut path = String::new();
        for part in rest.split('(') {
            let (key, value) = part.split_once(')')?;
            path.push_str(&format!("/{key}/{value}"));
        }
        return Some(format!("https://id.gs1.org{path}"));
    }
    if !compact.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let key = match compact.len() {
        18 => "00",
        14 => "01",
        13 => "414",
        _ => return None,
    };
    Some(format!("https://id.gs1.org/{key}/{compact}"))
}
