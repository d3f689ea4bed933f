//! Numbers, times, hashes and sizes as people read them.

use std::time::{SystemTime, UNIX_EPOCH};

use alloy_primitives::{Address, B256, U256};
use jiff::{Timestamp, tz::Offset};
use maud::{Markup, html};

/// Milliseconds since the Unix epoch.
pub(crate) fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
}

/// `1204` as `1,204`.
pub(crate) fn number(value: u64) -> String {
    grouped(&value.to_string())
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 event`, `2 events`.
pub(crate) fn count(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(value), if value == 1 { one } else { many })
}

/// A span of time in its largest unit: `800 ms`, `3 s`, `2 min`, `5 h`, `4 days`.
pub(crate) fn span(ms: u64) -> String {
    match ms {
        0..=999 => format!("{ms} ms"),
        1_000..=59_999 => format!("{} s", ms / 1_000),
        60_000..=3_599_999 => format!("{} min", ms / 60_000),
        3_600_000..=172_799_999 => format!("{} h", ms / 3_600_000),
        _ => format!("{} days", ms / 86_400_000),
    }
}

/// Milliseconds with as many digits as matter.
pub(crate) fn milliseconds(ms: f64) -> String {
    if ms < 10.0 { format!("{ms:.1}") } else { format!("{ms:.0}") }
}

/// How long ago something was, with the exact instant for whoever asks.
pub(crate) fn ago(ms: u64) -> Markup {
    let elapsed = now_ms().saturating_sub(ms);
    let text = if elapsed < 1_000 { "just now".to_owned() } else { span(elapsed) + " ago" };
    html! { time datetime=(iso(ms)) title=(instant(ms)) { (text) } }
}

/// An instant in UTC: `23 Nov 2026, 20:44:05 UTC`.
pub(crate) fn instant(ms: u64) -> String {
    formatted(signed(ms), Offset::UTC, "%-d %b %Y, %H:%M:%S UTC")
}

/// An instant as machines read it.
pub(crate) fn iso(ms: u64) -> String {
    formatted(signed(ms), Offset::UTC, "%Y-%m-%dT%H:%M:%SZ")
}

/// The day of an event on the clock of its own place: `Monday, 23 Nov 2026`.
pub(crate) fn local_day(ms: i64, zone: &str) -> String {
    formatted(ms, offset(zone), "%A, %-d %b %Y")
}

/// The day of an event on the clock of its own place: `23 Nov`.
pub(crate) fn local_date(ms: i64, zone: &str) -> String {
    formatted(ms, offset(zone), "%-d %b")
}

/// The time of an event on the clock of its own place: `20:44`.
pub(crate) fn local_time(ms: i64, zone: &str) -> String {
    formatted(ms, offset(zone), "%H:%M")
}

/// Day and time of an event on the clock of its own place, for lists: `23 Nov, 20:44`.
pub(crate) fn local_short(ms: i64, zone: &str) -> Markup {
    let text = formatted(ms, offset(zone), "%-d %b, %H:%M");
    html! { time title=(local_instant(ms, zone)) { (text) } }
}

/// Day and time of an event on the clock of its own place: `23 Nov 2026, 20:44 (+08:00)`.
pub(crate) fn local_instant(ms: i64, zone: &str) -> String {
    format!("{} ({zone})", formatted(ms, offset(zone), "%-d %b %Y, %H:%M"))
}

fn formatted(ms: i64, offset: Offset, pattern: &str) -> String {
    match Timestamp::from_millisecond(ms) {
        Ok(timestamp) => timestamp.to_zoned(offset.to_time_zone()).strftime(pattern).to_string(),
        Err(_) => "at an unknown time".to_owned(),
    }
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

/// Reads `+08:00`; anything else counts as UTC.
fn offset(zone: &str) -> Offset {
    let read = || {
        let (sign, rest) = zone.split_at_checked(1)?;
        let (hours, minutes) = rest.split_once(':')?;
        let minutes = hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?;
        let sign = if sign == "-" { -1 } else { 1 };
        Offset::from_seconds(sign * minutes * 60).ok()
    };
    read().unwrap_or(Offset::UTC)
}

/// `0x1234abcd…9876`.
pub(crate) fn short(hash: &B256) -> String {
    let text = format!("{hash:x}");
    format!("0x{}…{}", &text[..8], &text[text.len() - 4..])
}

/// `0x1234ab…9876`.
pub(crate) fn short_address(address: &Address) -> String {
    let text = format!("{address:x}");
    format!("0x{}…{}", &text[..6], &text[text.len() - 4..])
}

/// A size in bytes.
pub(crate) fn bytes(size: u64) -> String {
    match size {
        0..=1_023 => format!("{size} B"),
        1_024..=1_048_575 => format!("{} kB", tenths(size, 1_024)),
        1_048_576..=1_073_741_823 => format!("{} MB", tenths(size, 1_048_576)),
        _ => format!("{} GB", tenths(size, 1_073_741_824)),
    }
}

fn tenths(size: u64, unit: u64) -> String {
    let tenths = size.saturating_mul(10) / unit;
    if tenths >= 100 { number(tenths / 10) } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

/// An amount of wei as a decimal number of coins.
pub(crate) fn coins(wei: U256) -> String {
    let unit = U256::from(10).pow(U256::from(18));
    let (whole, rest) = wei.div_rem(unit);
    let whole = grouped(&whole.to_string());
    let rest = format!("{:0>18}", rest.to_string());
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() { whole } else { format!("{whole}.{rest}") }
}

/// Text in which words between backticks are code.
pub(crate) fn prose(text: &str) -> Markup {
    html! {
        @for (i, part) in text.split('`').enumerate() {
            @if i % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}
