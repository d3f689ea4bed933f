//! Rules for the frame of a document.

use super::Check;
use super::values::{Rule, fields, required, string, time, uri};
use crate::context::{NAMESPACE_BYTES_MAX, PREFIXES_MAX, RESERVED, is_redefined, namespace_of};
use crate::json::{Json, Object};
use crate::uri::{excerpt, is_uri};

/// Checks a document without its events.
pub(crate) fn document(check: &mut Check<'_>, document: &Object) {
    let is_query = document.str("type") == Some("EPCISQueryDocument");
    let rules: &[&str] = if is_query {
        &["@context", "epcisBody"]
    } else {
        &["@context", "schemaVersion", "creationDate", "epcisBody"]
    };
    required(check, document, rules);
    fields(
        check,
        document,
        &[
            ("@context", context),
            ("id", uri),
            ("type", string),
            ("schemaVersion", schema_version),
            ("creationDate", time),
            ("instanceIdentifier", string),
            ("sender", string),
            ("receiver", string),
            ("epcisHeader", header),
            ("epcisBody", object),
        ],
    );
    let Some(body) = document.get("epcisBody").and_then(Json::as_object) else { return };
    check.at(
        "epcisBody",
        |check| {
            if is_query { query_body(check, body) } else { list(check, body) }
        },
    );
}

fn query_body(check: &mut Check<'_>, body: &Object) {
    required(check, body, &["queryResults"]);
    fields(check, body, &[("queryResults", object)]);
    let Some(results) = body.get("queryResults").and_then(Json::as_object) else { return };
    check.at("queryResults", |check| {
        required(check, results, &["queryName", "resultsBody"]);
        fields(
            check,
            results,
            &[("queryName", string), ("subscriptionID", string), ("resultsBody", object)],
        );
        if let Some(results_body) = results.get("resultsBody").and_then(Json::as_object) {
            check.at("resultsBody", |check| list(check, results_body));
        }
    });
}

fn list(check: &mut Check<'_>, body: &Object) {
    required(check, body, &["eventList"]);
    fields(check, body, &[("eventList", array), ("vocabularyList", vocabulary_list)]);
}

/// Checks a `@context`: a URI, an object with prefixes, or an array of them.
pub(crate) fn context(check: &mut Check<'_>, value: &Json) {
    match value {
        Json::Array(items) => check.each(items, context_entry),
        entry => context_entry(check, entry),
    }
    let entries = value.as_array().unwrap_or(std::slice::from_ref(value));
    let count: usize = entries.iter().filter_map(Json::as_object).map(Object::len).sum();
    if count > PREFIXES_MAX {
        let rule = format!("a context declares at most {PREFIXES_MAX} prefixes, not {count}");
        check.problem("epcis.limit_prefixes", rule);
    }
}

fn context_entry(check: &mut Check<'_>, value: &Json) {
    match value {
        Json::String(text) if is_uri(text) => {}
        Json::String(text) => {
            let rule = format!("a context is a URI, `{}` is not", excerpt(text));
            check.problem("epcis.not_uri", rule);
        }
        Json::Object(object) => object.iter().for_each(|(prefix, value)| {
            check.at(prefix, |check| declaration(check, prefix, value));
        }),
        other => check.wrong_type("a URI or an object", other),
    }
}

fn declaration(check: &mut Check<'_>, prefix: &str, value: &Json) {
    if RESERVED.contains(&prefix) || is_redefined(prefix, value) {
        let rule = format!("`{prefix}` has a meaning that no document can change");
        check.problem("epcis.reserved_prefix", rule);
    }
    if namespace_of(value).is_some_and(|uri| uri.len() > NAMESPACE_BYTES_MAX) {
        let rule = format!("the namespace of a prefix has at most {NAMESPACE_BYTES_MAX} bytes");
        check.problem("epcis.limit_uri", rule);
    }
}

/// Master data of places and products. It is checked, but not part of any event.
fn header(check: &mut Check<'_>, value: &Json) {
    if let Some(header) = check.as_object(value) {
        fields(check, header, &[("epcisMasterData", master_data)]);
    }
}

fn master_data(check: &mut Check<'_>, value: &Json) {
    if let Some(master_data) = check.as_object(value) {
        fields(check, master_data, &[("vocabularyList", vocabulary_list)]);
    }
}

fn vocabulary_list(check: &mut Check<'_>, value: &Json) {
    entries(check, value, |check, vocabulary| {
        required(check, vocabulary, &["type"]);
        let elements: Rule = |check, value| entries(check, value, vocabulary_element);
        fields(check, vocabulary, &[("type", uri), ("vocabularyElementList", elements)]);
    });
}

fn vocabulary_element(check: &mut Check<'_>, element: &Object) {
    required(check, element, &["id"]);
    let attributes: Rule = |check, value| {
        entries(check, value, |check, attribute| {
            required(check, attribute, &["id"]);
            fields(check, attribute, &[("id", uri), ("attribute", anything)]);
        });
    };
    let children: Rule = |check, value| {
        if let Some(items) = check.as_array(value) {
            check.each(items, uri);
        }
    };
    fields(check, element, &[("id", uri), ("attributes", attributes), ("children", children)]);
}

/// A list of objects.
fn entries(check: &mut Check<'_>, value: &Json, look: fn(&mut Check<'_>, &Object)) {
    if let Some(items) = check.as_array(value) {
        check.each(items, |check, item| {
            if let Some(entry) = check.as_object(item) {
                look(check, entry);
            }
        });
    }
}

fn anything(_: &mut Check<'_>, _: &Json) {}

fn schema_version(check: &mut Check<'_>, value: &Json) {
    if let Some(text) = check.as_str(value)
        && !text.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
    {
        check.problem("epcis.invalid_version", "a version is written in digits and points: `2.0`");
    }
}

fn object(check: &mut Check<'_>, value: &Json) {
    check.as_object(value);
}

fn array(check: &mut Check<'_>, value: &Json) {
    check.as_array(value);
}
