//! GS1 Digital Link URIs on any domain.

use super::keys::{self, CANONICAL, KEYS, Key, Qualifier};
use super::{Level, Normal};

/// Path segments that are looked at: a longer path is not a Digital Link.
const SEGMENTS_MAX: usize = 32;

/// Reads a URI that begins with `http://` or `https://`.
pub(super) fn normalise(uri: &str) -> Normal {
    let Some((_, after_scheme)) = uri.split_once("://") else { return Normal::Other };
    let end = after_scheme.find(['?', '#']).unwrap_or(after_scheme.len());
    let Some((host, path)) = after_scheme[..end].split_once('/') else { return Normal::Other };
    let path = path.strip_suffix('/').unwrap_or(path);
    let segments: Vec<&str> = path.split('/').take(SEGMENTS_MAX + 1).collect();
    if segments.len() > SEGMENTS_MAX {
        return Normal::Other;
    }
    for at in 0..segments.len().saturating_sub(1) {
        if let Some(key) = KEYS.iter().find(|key| is_named(segments[at], key.ai, key.name))
            && let Some(found) = read(key, &segments[at + 1..])
        {
            return found;
        }
    }
    // On GS1's own domain a path that begins with a key's number must hold that key.
    let first = KEYS.iter().find(|key| segments[0] == key.ai);
    match first.filter(|_| host.eq_ignore_ascii_case("id.gs1.org")) {
        Some(key) => Normal::Malformed(key.rule),
        None => Normal::Other,
    }
}

fn is_named(segment: &str, ai: &str, name: &str) -> bool {
    segment == ai || segment == name
}

/// Reads a key's value and the qualifiers after it. None where they do not fit the key.
fn read(key: &Key, segments: &[&str]) -> Option<Normal> {
    let (first, rest) = segments.split_first()?;
    let value = key.shape.read(&keys::decode(first)?)?;
    let mut uri = format!("{CANONICAL}/{}/{}", key.ai, value.text);
    let mut level = if value.has_serial { Level::Instance } else { key.level };
    if let Some((finest, text)) = finest_qualifier(key, rest)? {
        level = finest.level.unwrap_or(level);
        uri.push_str(&format!("/{}/{text}", finest.ai));
    }
    let is_right = value.checked.is_empty() || keys::has_check_digit(&value.checked);
    Some(Normal::Key { uri, level, wrong_key: (!is_right).then_some(value.checked) })
}

/// The finest qualifier that stays in the canonical form; the outer option is none where the
/// segments are not pairs of the key's qualifiers in their order.
fn finest_qualifier<'a>(
    key: &'a Key,
    segments: &[&str],
) -> Option<Option<(&'a Qualifier, String)>> {
    if !segments.len().is_multiple_of(2) {
        return None;
    }
    let mut finest = None;
    let mut next = 0;
    for pair in segments.chunks_exact(2) {
        let candidates = &key.qualifiers[next..];
        let step = candidates.iter().position(|q| is_named(pair[0], q.ai, q.name))?;
        let qualifier = &candidates[step];
        next += step + 1;
        let raw = keys::decode(pair[1])?;
        let is_number = matches!(qualifier.ai, "8011" | "8019");
        let holds = !raw.is_empty()
            && raw.len() <= qualifier.length_max
            && if is_number { keys::is_digits(&raw) } else { keys::is_key_text(&raw) };
        if !holds {
            return None;
        }
        if qualifier.level.is_some() {
            finest = Some((qualifier, keys::encode(&raw)));
        }
    }
    Some(finest)
}
