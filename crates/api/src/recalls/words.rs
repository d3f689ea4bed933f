//! Levels and reasons by number, and as people say them.

use super::RecallError;

/// How far a recall reaches, by number: back from consumers, from shops, from wholesale.
pub const LEVELS: [&str; 4] = ["none", "consumer", "retail", "wholesale"];

/// Why goods are held back or recalled, by number, as programs write it.
pub const REASONS: [&str; 11] = [
    "none",
    "quality_check",
    "out_of_specification",
    "contamination",
    "undeclared_allergen",
    "wrong_label",
    "temperature",
    "expired",
    "counterfeit",
    "missing_documents",
    "order",
];

/// For whom a hold counts, by number.
pub const HOLD_KINDS: [&str; 4] = ["none", "holder", "owner", "regulator"];

/// One of these words by its number.
pub fn word(words: &[&'static str], number: u8) -> &'static str {
    words.get(usize::from(number)).copied().unwrap_or("unknown")
}

/// The number of one of these words; the first stands for none.
///
/// # Errors
/// It is none of them.
pub fn number(words: &[&str], field: &str, text: &str) -> Result<u8, RecallError> {
    let wanted = text.trim().to_lowercase().replace([' ', '-'], "_");
    let place = words.iter().skip(1).position(|one| *one == wanted);
    let place = place.and_then(|place| u8::try_from(place + 1).ok());
    place.ok_or_else(|| {
        RecallError::input(field, format!("must be one of {}", words[1..].join(", ")))
    })
}

/// A reason in plain words: `undeclared allergen`.
pub fn reason(number: u8) -> &'static str {
    let known = qiao_modules::lots::REASONS.get(usize::from(number)).copied();
    known.filter(|word| !word.is_empty()).unwrap_or("unknown reason")
}
