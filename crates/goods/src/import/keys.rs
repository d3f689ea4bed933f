//! GS1 keys out of cells, as canonical identifiers.

use qiao_epcis::Identifier;

use crate::GS1;

/// A lot of a product, or one item of it, or the product alone.
pub(super) fn product(gtin: &str, qualifier: Option<(&str, &str)>) -> Result<String, String> {
    let digits = digits(gtin);
    let path = match qualifier {
        Some((ai, value)) => format!("01/{digits}/{ai}/{}", escaped(value)),
        None => format!("01/{digits}"),
    };
    parsed(&path)
}

/// A key of digits alone. A Digital Link or an EPC URN that was scanned is taken too.
pub(super) fn plain(ai: &str, text: &str) -> Result<String, String> {
    if text.contains(':') {
        let id = Identifier::parse(text).map_err(|error| error.to_string())?;
        let is_kind =
            id.as_str().strip_prefix(GS1).is_some_and(|path| path.starts_with(&format!("{ai}/")));
        return if is_kind {
            Ok(id.into())
        } else {
            Err(format!("an identifier that begins with {ai}"))
        };
    }
    parsed(&format!("{ai}/{}", digits(text)))
}

/// Any thing that was scanned: a Digital Link or an EPC URN.
pub(super) fn scanned(text: &str) -> Option<Result<String, String>> {
    text.contains(':').then(|| {
        let id = Identifier::parse(text).map_err(|error| error.to_string())?;
        if id.is_gs1_key() { Ok(id.into()) } else { Err("a GS1 key".to_owned()) }
    })
}

fn parsed(path: &str) -> Result<String, String> {
    let id = Identifier::parse(&format!("{GS1}{path}")).map_err(|error| error.to_string())?;
    if id.is_gs1_key() { Ok(id.into()) } else { Err("not a GS1 key".to_owned()) }
}

/// Digits without the blanks and hyphens that people set between them.
fn digits(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
