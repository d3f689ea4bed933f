//! From the spelling of an identity to its key.

use alloy_primitives::{B256, keccak256};

use super::abi::IUniqueness::InvalidIdentity;
use crate::halt::{Outcome, ensure};

/// Bytes of one part of an identity, as it is spelled.
pub const IDENTITY_BYTES_MAX: usize = 128;

/// The key of an asset: a hash of its kind and of the parts of its identity in normal form.
///
/// `kind` is the trade's word for what it is (`invoice`, `customs_declaration`); each part has a name
/// for the refusal. Every part is preceded by its length, so that no two lists of parts collide.
///
/// # Errors
/// `InvalidIdentity` names the part and the rule that it breaks.
pub fn asset_key(kind: &str, parts: &[(&str, &str)]) -> Outcome<B256> {
    let mut preimage = Vec::new();
    append(&mut preimage, kind);
    for (field, text) in parts {
        append(&mut preimage, &normal_form(field, text)?);
    }
    Ok(keccak256(preimage))
}

/// A part of an identity in normal form: letters and digits only, Latin letters in upper case, full
/// width forms as their ASCII letters. Spaces and punctuation do not count.
///
/// Only ASCII, its full width forms and the Chinese characters of the basic block are taken: letters
/// of other scripts look like Latin ones, and tables of all scripts change with each version of
/// Unicode, while every validator must decide alike.
///
/// # Errors
/// `InvalidIdentity` names the part and the rule that it breaks.
pub fn normal_form(field: &str, text: &str) -> Outcome<String> {
    let refuse = |rule: &str| InvalidIdentity { field: field.to_owned(), rule: rule.to_owned() };
    ensure(text.len() <= IDENTITY_BYTES_MAX, || refuse("must have at most 128 bytes"))?;
    let mut normal = String::new();
    for letter in text.chars().map(narrow) {
        match letter {
            '0'..='9' | 'A'..='Z' | '\u{4e00}'..='\u{9fff}' => normal.push(letter),
            'a'..='z' => normal.push(letter.to_ascii_uppercase()),
            ' '..='~' | '\u{3000}' => {}
            _ => return Err(refuse("has a character that is neither Latin nor Chinese").into()),
        }
    }
    ensure(!normal.is_empty(), || refuse("must have a letter or a digit"))?;
    Ok(normal)
}

/// The ASCII character of a full width form.
fn narrow(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(letter) - 0xfee0).expect("ASCII is made of characters")
        }
        other => other,
    }
}

fn append(preimage: &mut Vec<u8>, text: &str) {
    let length = u32::try_from(text.len()).expect("texts are bounded");
    preimage.extend(length.to_be_bytes());
    preimage.extend(text.as_bytes());
}
