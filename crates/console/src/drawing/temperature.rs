//! Temperatures of an event as a curve.

use maud::{Markup, html};
use serde_json::Value;

const WIDTH: f64 = 380.0;
const HEIGHT: f64 = 150.0;
const LEFT: f64 = 44.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 26.0;

/// One reading: when (as written) and how warm in degrees Celsius.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    pub(crate) time: String,
    pub(crate) celsius: f64,
}

/// The temperatures in an event's sensor elements, in order of time.
pub(crate) fn readings(event: &Value) -> Vec<Reading> {
    let elements = event["sensorElementList"].as_array().map_or(&[][..], Vec::as_slice);
    let mut readings: Vec<Reading> = elements.iter().flat_map(element).collect();
    readings.sort_by(|left, right| left.time.cmp(&right.time));
    readings
}

fn element(element: &Value) -> Vec<Reading> {
    let time = element["sensorMetadata"]["time"].as_str().unwrap_or_default();
    let reports = element["sensorReport"].as_array().map_or(&[][..], Vec::as_slice);
    let celsius = |report: &Value| {
        let kind = report["type"].as_str()?.rsplit([':', '/', '-']).next()?;
        let is_celsius = kind == "Temperature" && report["uom"] == "CEL";
        report["value"].as_f64().filter(|_| is_celsius)
    };
    let own = |report: &Value| {
        let time = report["time"].as_str().unwrap_or(time).to_owned();
        celsius(report).map(|celsius| Reading { time, celsius })
    };
    reports.iter().filter_map(own).collect()
}

/// The curve, with a label at each reading.
pub(crate) fn draw(readings: &[Reading]) -> Markup {
    let values = readings.iter().map(|reading| reading.celsius);
    let low = values.clone().fold(0.0_f64, f64::min).floor();
    let high = values.fold(8.0_f64, f64::max).ceil();
    let last = (readings.len() - 1).max(1) as f64;
    let x = |i: usize| LEFT + 24.0 + (WIDTH - LEFT - 60.0) * i as f64 / last;
    let y = |celsius: f64| TOP + (HEIGHT - TOP - BOTTOM) * (high - celsius) / (high - low);
    let points: Vec<String> = readings
        .iter()
        .enumerate()
        .map(|(i, reading)| format!("{:.1},{:.1}", x(i), y(reading.celsius)))
        .collect();
    let spoken: Vec<String> =
        readings.iter().map(|reading| format!("{} °C", reading.celsius)).collect();
    let mut marks = vec![low, 0.0, 4.0, high];
    marks.dedup();
    html! {
        svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
            aria-label={ "Temperatures: " (spoken.join(", ")) } {
            @for &mark in &marks {
                line x1=(LEFT) x2=(WIDTH) y1=(y(mark)) y2=(y(mark)) {}
                text x=(LEFT - 8.0) y=(y(mark) + 4.0) text-anchor="end" { (mark) " °C" }
            }
            polyline points=(points.join(" ")) {}
            @for (i, reading) in readings.iter().enumerate() {
                circle cx=(x(i)) cy=(y(reading.celsius)) r="4" {}
                text x=(x(i)) y=(y(reading.celsius) - 9.0) text-anchor="middle" {
                    (reading.celsius)
                }
                text x=(x(i)) y=(HEIGHT - 6.0) text-anchor="middle" {
                    (reading.time.get(11..16).unwrap_or_default())
                }
            }
        }
    }
}
