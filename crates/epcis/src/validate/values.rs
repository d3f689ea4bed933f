//! Rules for single values: times, URIs, identifiers, words, numbers, names of fields.

use super::Check;
use crate::context::RESERVED;
use crate::identifier::Identifier;
use crate::json::{Json, Object};
use crate::time::{is_time_zone_offset, parse_timestamp};
use crate::uri::{URI_BYTES_MAX, excerpt, is_uri};
use crate::vocabulary::{Term, Vocabulary};

/// A rule for the value of a field.
pub(super) type Rule = fn(&mut Check<'_>, &Json);

/// Checks fields that the standard names by their rules, and all others as extensions.
pub(super) fn fields(check: &mut Check<'_>, object: &Object, rules: &[(&str, Rule)]) {
    for (name, value) in object.iter() {
        if check.is_full() {
            return;
        }
        check.at(name, |check| match rules.iter().find(|(field, _)| *field == name) {
            Some((_, rule)) => rule(check, value),
            None => extension(check, name, value),
        });
    }
}

/// Checks the fields of an object that the standard does not let anybody extend.
pub(super) fn closed_fields(check: &mut Check<'_>, object: &Object, rules: &[(&str, Rule)]) {
    for (name, value) in object.iter() {
        check.at(name, |check| match rules.iter().find(|(field, _)| *field == name) {
            Some((_, rule)) => rule(check, value),
            None => check.problem(
                "epcis.unknown_field",
                format!(
                    "`{}` is not a field of this object, and it takes no extensions",
                    excerpt(name)
                ),
            ),
        });
    }
}

/// Checks that required fields are there.
pub(super) fn required(check: &mut Check<'_>, object: &Object, fields: &[&str]) {
    for field in fields {
        if object.get(field).is_none() {
            check.missing(field, format!("`{field}` is required"));
        }
    }
}

/// An extension: its name has a declared prefix or is a URI; its value may be anything.
pub(super) fn extension(check: &mut Check<'_>, name: &str, value: &Json) {
    match name_problem(check, name) {
        None => nested_names(check, value),
        Some(NameProblem::Undeclared(prefix)) => undeclared(check, prefix),
        Some(NameProblem::NoPrefix) => check.problem(
            "epcis.unknown_field",
            format!(
                "`{}` is not a standard field here; extensions are named `prefix:name`",
                excerpt(name)
            ),
        ),
    }
}

enum NameProblem<'a> {
    NoPrefix,
    Undeclared(&'a str),
}

fn name_problem<'a>(check: &Check<'_>, name: &'a str) -> Option<NameProblem<'a>> {
    let Some((prefix, local)) = name.split_once(':') else { return Some(NameProblem::NoPrefix) };
    if !is_prefix(prefix) || local.is_empty() {
        return Some(NameProblem::NoPrefix);
    }
    let is_full_uri = (RESERVED.contains(&prefix) || local.starts_with("//")) && is_uri(name);
    let is_known = is_full_uri || check.prefixes().namespace(prefix).is_some();
    (!is_known).then_some(NameProblem::Undeclared(prefix))
}

fn is_prefix(text: &str) -> bool {
    text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

fn undeclared(check: &mut Check<'_>, prefix: &str) {
    let rule = format!("the prefix `{}` is not declared in `@context`", excerpt(prefix));
    check.problem("epcis.undeclared_prefix", rule);
}

/// Inside an extension any name will do, but a prefix must be declared there as well: otherwise the
/// name would mean something else to each reader.
fn nested_names(check: &mut Check<'_>, value: &Json) {
    match value {
        Json::Object(object) => {
            for (name, inner) in object.iter() {
                check.at(name, |check| match name_problem(check, name) {
                    Some(NameProblem::Undeclared(prefix)) => undeclared(check, prefix),
                    _ => nested_names(check, inner),
                });
            }
        }
        Json::Array(items) if items.iter().any(is_nested) => check.each(items, nested_names),
        _ => {}
    }
}

fn is_nested(value: &Json) -> bool {
    matches!(value, Json::Object(_) | Json::Array(_))
}

pub(super) fn time(check: &mut Check<'_>, value: &Json) {
    if let Some(text) = check.as_str(value)
        && parse_timestamp(text).is_none()
    {
        let rule = "a time is written `2026-01-31T12:00:00+01:00`: date, time of day and offset";
        check.problem("epcis.invalid_time", rule);
    }
}

pub(super) fn time_zone_offset(check: &mut Check<'_>, value: &Json) {
    if let Some(text) = check.as_str(value)
        && !is_time_zone_offset(text)
    {
        let rule = "an offset is written `+01:00`, from `-14:00` to `+14:00`";
        check.problem("epcis.invalid_time_zone_offset", rule);
    }
}

pub(super) fn string(check: &mut Check<'_>, value: &Json) {
    check.as_str(value);
}

pub(super) fn boolean(check: &mut Check<'_>, value: &Json) {
    if !matches!(value, Json::Bool(_)) {
        check.wrong_type("a boolean", value);
    }
}

pub(super) fn number(check: &mut Check<'_>, value: &Json) {
    if !matches!(value, Json::Number(_)) {
        check.wrong_type("a number", value);
    }
}

pub(super) fn hexadecimal(check: &mut Check<'_>, value: &Json) {
    if let Some(text) = check.as_str(value)
        && (text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()))
    {
        check.problem("epcis.invalid_hexadecimal", "a binary value has hexadecimal digits only");
    }
}

pub(super) fn uom(check: &mut Check<'_>, value: &Json) {
    if let Some(text) = check.as_str(value)
        && !((2..=3).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()))
    {
        let rule = "a unit is a code of UN/ECE Recommendation 20, such as `KGM`";
        check.problem("epcis.invalid_uom", rule);
    }
}

/// Any URI.
pub(super) fn uri(check: &mut Check<'_>, value: &Json) {
    let Some(text) = check.as_str(value) else { return };
    if text.len() > URI_BYTES_MAX {
        check.problem("epcis.limit_uri", format!("a URI has at most {URI_BYTES_MAX} bytes"));
    } else if !is_uri(text) {
        check.problem("epcis.not_uri", format!("a URI was expected, `{}` is not", excerpt(text)));
    }
}

/// A URI that names something; where it is a GS1 key, its form and check digit hold.
pub(super) fn identifier(check: &mut Check<'_>, value: &Json) {
    if let Some(text) = check.as_str(value)
        && let Err(error) = Identifier::parse(&check.expand(text))
    {
        check.problem(error.code(), error.to_string());
    }
}

/// Identifiers.
pub(super) fn identifiers(check: &mut Check<'_>, value: &Json) {
    if let Some(items) = check.as_array(value) {
        check.each(items, identifier);
    }
}

/// Identifiers, each of them once.
pub(super) fn distinct_identifiers(check: &mut Check<'_>, value: &Json) {
    identifiers(check, value);
    distinct(check, value);
}

fn distinct(check: &mut Check<'_>, value: &Json) {
    let Some(items) = value.as_array() else { return };
    let mut texts: Vec<&str> = items.iter().filter_map(Json::as_str).collect();
    texts.sort_unstable();
    if let Some(pair) = texts.windows(2).find(|pair| pair[0] == pair[1]) {
        let rule = format!("each element appears once, `{}` appears again", excerpt(pair[0]));
        check.problem("epcis.repeated_element", rule);
    }
}

/// A standard word or somebody's URI.
pub(super) fn word(check: &mut Check<'_>, value: &Json, vocabulary: &Vocabulary) {
    if let Some(text) = check.as_str(value)
        && vocabulary.term(&check.expand(text)) == Term::Unknown
    {
        let rule = format!(
            "`{}` is not a standard {}; one's own is written as a URI",
            excerpt(text),
            vocabulary.name
        );
        check.problem("epcis.unknown_word", rule);
    }
}

/// Standard words or URIs, one at least, each of them once.
pub(super) fn words(check: &mut Check<'_>, value: &Json, vocabulary: &Vocabulary) {
    if let Some(items) = check.as_array(value) {
        if items.is_empty() {
            check.problem("epcis.empty_list", "the list has one element at least");
        }
        check.each(items, |check, item| word(check, item, vocabulary));
        distinct(check, value);
    }
}
