//! Temperatures out of the sensor elements of events.

use qiao_epcis::{Event, Json, Object};
use serde::{Deserialize, Serialize};

/// A temperature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// When, in milliseconds since the Unix epoch.
    pub time_ms: i64,
    /// The offset of local time there.
    pub time_zone: String,
    /// Thousandths of a degree Celsius.
    pub milli_celsius: i64,
}

/// The temperatures in an event, in the order in which they stand there. Degrees Celsius, Fahrenheit and
/// kelvin are understood; minima, maxima and means count as readings.
pub fn readings(event: &Event) -> Vec<Reading> {
    let elements = event.json().array("sensorElementList").iter().filter_map(Json::as_object);
    elements.flat_map(|element| of_element(event, element)).collect()
}

fn of_element(event: &Event, element: &Object) -> Vec<Reading> {
    let metadata = element.get("sensorMetadata").and_then(Json::as_object);
    let common = metadata.and_then(time_of);
    let reports = element.array("sensorReport").iter().filter_map(Json::as_object);
    reports
        .filter(|report| is_temperature(event, report))
        .flat_map(|report| {
            let time_ms = time_of(report).or(common).unwrap_or_else(|| event.event_time_ms());
            let unit = report.str("uom").unwrap_or_default();
            let fields = ["value", "minValue", "maxValue", "meanValue"];
            let values = fields.into_iter().filter_map(|field| report.get(field));
            let values: Vec<i64> = values.filter_map(|value| milli_celsius(value, unit)).collect();
            values.into_iter().map(move |milli_celsius| Reading {
                time_ms,
                time_zone: event.time_zone_offset().to_owned(),
                milli_celsius,
            })
        })
        .collect()
}

fn is_temperature(event: &Event, report: &Object) -> bool {
    let kind = report.str("type").map(|kind| event.expanded(kind).into_owned());
    kind.is_some_and(|kind| {
        let word = kind.rsplit(['/', ':', '-']).next().unwrap_or_default();
        word == "Temperature"
    })
}

fn time_of(object: &Object) -> Option<i64> {
    let text = object.str("time").or_else(|| object.str("startTime"))?;
    text.parse::<jiff::Timestamp>().ok().map(|time| time.as_millisecond())
}

/// A value in thousandths of a degree Celsius; none where the unit is another or the value too large.
fn milli_celsius(value: &Json, unit: &str) -> Option<i64> {
    const LIMIT: f64 = 1e6;
    let Json::Number(text) = value else { return None };
    let value: f64 = text.parse().ok()?;
    let celsius = match unit {
        "CEL" => value,
        "FAH" => (value - 32.0) / 1.8,
        "KEL" => value - 273.15,
        _ => return None,
    };
    (celsius.abs() < LIMIT).then(|| (celsius * 1000.0).round() as i64)
}
