//! Canonical identifiers taken apart.

/// Where canonical GS1 Digital Links begin.
pub const GS1: &str = "https://id.gs1.org/";

/// The product of a lot or item: its identifier up to the GTIN. Other identifiers stay as they are.
pub fn product_of(id: &str) -> &str {
    let Some(path) = id.strip_prefix(GS1) else { return id };
    let mut slashes = path.match_indices('/').map(|(at, _)| at);
    match path.split('/').next() {
        Some("01" | "8006") => match slashes.nth(1) {
            Some(end) => &id[..GS1.len() + end],
            None => id,
        },
        _ => id,
    }
}

/// The part of a canonical identifier behind an application identifier: `part(id, "10")`.
pub(crate) fn part<'a>(id: &'a str, ai: &str) -> Option<&'a str> {
    let path = id.strip_prefix(GS1)?;
    let mut segments = path.split('/');
    while let (Some(name), Some(value)) = (segments.next(), segments.next()) {
        if name == ai {
            return Some(value);
        }
    }
    None
}
