//! Temperatures of an event as a curve.

use maud::{Markup, html};
use qiao_goods::journey;
use serde_json::Value;

use crate::words;

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

/// Points that a curve is drawn through; more are thinned out, their extremes kept.
const POINTS_MAX: usize = 240;

/// The temperatures of a journey over time, with a summary in words.
pub(crate) fn journey(readings: &[journey::Reading]) -> Markup {
    let celsius = |reading: &journey::Reading| reading.milli_celsius as f64 / 1000.0;
    let (Some(first), Some(last)) = (readings.first(), readings.last()) else { return html! {} };
    let values: Vec<f64> = readings.iter().map(celsius).collect();
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (bottom, top) = ((low.min(0.0) / 5.0).floor() * 5.0, (high.max(5.0) / 5.0).ceil() * 5.0);
    let span = (last.time_ms - first.time_ms).max(1) as f64;
    let x = |ms: i64| LEFT + (WIDTH - LEFT - 12.0) * (ms - first.time_ms) as f64 / span;
    let y = |celsius: f64| TOP + (HEIGHT - TOP - BOTTOM) * (top - celsius) / (top - bottom);
    let points: Vec<String> = thinned(readings)
        .map(|reading| format!("{:.1},{:.1}", x(reading.time_ms), y(celsius(reading))))
        .collect();
    let day = |reading: &journey::Reading| words::local_date(reading.time_ms, &reading.time_zone);
    let spoken = format!("{} readings between {low:.1} °C and {high:.1} °C", readings.len());
    let mut marks = vec![bottom, 0.0, top];
    marks.dedup();
    html! {
        svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(spoken) {
            @for &mark in &marks {
                line x1=(LEFT) x2=(WIDTH) y1=(y(mark)) y2=(y(mark)) {}
                text x=(LEFT - 8.0) y=(y(mark) + 4.0) text-anchor="end" { (mark) " °C" }
            }
            polyline points=(points.join(" ")) {}
            text x=(LEFT) y=(HEIGHT - 6.0) { (day(first)) }
            text x=(WIDTH) y=(HEIGHT - 6.0) text-anchor="end" { (day(last)) }
        }
        p.soft.small { (spoken) ", with what it was made of." }
    }
}

/// Readings that keep the curve's shape: of each stretch the coldest and the warmest, in order of time.
fn thinned(readings: &[journey::Reading]) -> impl Iterator<Item = &journey::Reading> {
    let stretch = readings.len().div_ceil(POINTS_MAX / 2).max(1);
    readings.chunks(stretch).flat_map(|part| {
        let cold = part.iter().min_by_key(|reading| reading.milli_celsius);
        let warm = part.iter().max_by_key(|reading| reading.milli_celsius);
        let mut pair: Vec<_> = cold.into_iter().chain(warm).collect();
        pair.sort_by_key(|reading| reading.time_ms);
        pair.dedup();
        pair
    })
}
