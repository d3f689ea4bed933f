//! The syntax of absolute URIs (RFC 3986), as far as a validator needs it.

/// The longest URI that may name something.
pub(crate) const URI_BYTES_MAX: usize = 2048;

/// Whether the text is an absolute URI: a scheme, a colon, and something after it, all of them in
/// the characters that RFC 3986 allows.
pub(crate) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    is_scheme(scheme) && !rest.is_empty() && rest.bytes().all(is_uri_byte) && escapes_hold(rest)
}

fn is_scheme(text: &str) -> bool {
    text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b'_'))
}

fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{'..=b'}')
}

/// Whether every `%` begins a pair of hexadecimal digits.
fn escapes_hold(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%').all(|(at, _)| {
        bytes.len() > at + 2 && bytes[at + 1..at + 3].iter().all(u8::is_ascii_hexdigit)
    })
}

/// The beginning of a text, so that a message stays short.
pub(crate) fn excerpt(text: &str) -> &str {
    const CHARACTERS_MAX: usize = 100;
    text.char_indices().nth(CHARACTERS_MAX).map_or(text, |(end, _)| &text[..end])
}
