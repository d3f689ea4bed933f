//! Rules for readings of sensors.

use super::Check;
use super::values::{
    boolean, fields, hexadecimal, identifier, number, required, string, time, uri, word,
};
use crate::json::Json;
use crate::uri::{excerpt, is_uri};
use crate::vocabulary::{COMPONENT, SENSOR_ALERT};

/// `sensorElementList`.
pub(super) fn sensor_element_list(check: &mut Check<'_>, value: &Json) {
    if let Some(items) = check.as_array(value) {
        check.each(items, |check, item| sensor_element(check, item));
    }
}

fn sensor_element(check: &mut Check<'_>, value: &Json) {
    let Some(element) = check.as_object(value) else { return };
    required(check, element, &["sensorReport"]);
    for (name, value) in element.iter() {
        check.at(name, |check| match name {
            "sensorMetadata" => sensor_metadata(check, value),
            "sensorReport" => sensor_reports(check, value),
            _ => super::values::extension(check, name, value),
        });
    }
}

fn sensor_metadata(check: &mut Check<'_>, value: &Json) {
    if let Some(metadata) = check.as_object(value) {
        fields(
            check,
            metadata,
            &[
                ("time", time),
                ("startTime", time),
                ("endTime", time),
                ("deviceID", identifier),
                ("deviceMetadata", identifier),
                ("rawData", identifier),
                ("dataProcessingMethod", identifier),
                ("bizRules", identifier),
            ],
        );
    }
}

fn sensor_reports(check: &mut Check<'_>, value: &Json) {
    let Some(items) = check.as_array(value) else { return };
    if items.is_empty() {
        check.problem("epcis.empty_list", "the list has one element at least");
    }
    check.each(items, |check, item| {
        if let Some(report) = check.as_object(item) {
            if report.get("type").is_none() && report.get("exception").is_none() {
                check.missing("type", "a sensor report has a `type` or an `exception`");
            }
            fields(
                check,
                report,
                &[
                    ("type", measurement_type),
                    ("exception", |check, value| word(check, value, &SENSOR_ALERT)),
                    ("deviceID", identifier),
                    ("deviceMetadata", identifier),
                    ("rawData", identifier),
                    ("dataProcessingMethod", identifier),
                    ("bizRules", identifier),
                    ("time", time),
                    ("microorganism", uri),
                    ("chemicalSubstance", uri),
                    ("coordinateReferenceSystem", uri),
                    ("value", number),
                    ("component", |check, value| word(check, value, &COMPONENT)),
                    ("stringValue", string),
                    ("booleanValue", boolean),
                    ("hexBinaryValue", hexadecimal),
                    ("uriValue", uri),
                    ("minValue", number),
                    ("maxValue", number),
                    ("meanValue", number),
                    ("sDev", number),
                    ("percRank", number),
                    ("percValue", number),
                    ("uom", string),
                ],
            );
        }
    });
}

/// A measurement type: a word or a URI. The words are GS1's and grow with its web vocabulary, so a
/// word that is not among those of CBV 2.0 is taken as it is.
fn measurement_type(check: &mut Check<'_>, value: &Json) {
    if let Some(text) = check.as_str(value)
        && !is_uri(text)
        && !(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic()))
    {
        let rule = format!("`{}` is neither a measurement type nor a URI", excerpt(text));
        check.problem("epcis.unknown_word", rule);
    }
}
