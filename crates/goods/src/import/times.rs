//! Days and times out of cells.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::Offset,
};

/// A moment as an event writes it: time with its offset, and the offset.
pub(super) fn moment(
    date: &str,
    time: &str,
    zone: &str,
    pattern: Option<&str>,
) -> Result<(String, String), &'static str> {
    const RULE: &str = "a day such as `2026-03-01`, or with its time `2026-03-01 08:30`";
    if let Ok(instant) = date.parse::<Timestamp>() {
        // The cell has its own offset.
        let offset = date.rsplit_once('T').and_then(|(_, time)| offset_in(time)).unwrap_or(zone);
        let offset = self::offset(offset)?;
        return Ok(written(instant, offset));
    }
    let offset = self::offset(zone)?;
    let civil = match pattern {
        Some(pattern) => by_pattern(date, pattern)?,
        None => date.replacen(' ', "T", 1).parse::<DateTime>().map_err(|_| RULE)?,
    };
    let civil = if time.is_empty() {
        civil
    } else {
        let time: Time = clock(time).ok_or("a time of day such as `08:30`")?;
        civil.date().to_datetime(time)
    };
    let instant = offset.to_timestamp(civil).map_err(|_| RULE)?;
    Ok(written(instant, offset))
}

/// A day alone.
pub(super) fn day(text: &str, pattern: Option<&str>) -> Result<String, &'static str> {
    let date = match pattern {
        Some(pattern) => by_pattern(text, pattern)?.date(),
        None => text
            .get(..10)
            .unwrap_or(text)
            .parse::<Date>()
            .map_err(|_| "a day such as `2026-03-01`")?,
    };
    Ok(date.to_string())
}

fn by_pattern(text: &str, pattern: &str) -> Result<DateTime, &'static str> {
    const RULE: &str = "a day as the mapping's `dates` writes it";
    let read = jiff::fmt::strtime::parse(pattern, text).map_err(|_| RULE)?;
    read.to_datetime().or_else(|_| read.to_date().map(DateTime::from)).map_err(|_| RULE)
}

fn clock(text: &str) -> Option<Time> {
    let whole = if text.len() == 4 && text.as_bytes().get(1) == Some(&b':') {
        format!("0{text}")
    } else {
        text.to_owned()
    };
    whole.parse().ok()
}

fn offset_in(time: &str) -> Option<&str> {
    if time.ends_with(['Z', 'z']) {
        return Some("+00:00");
    }
    time.rfind(['+', '-']).map(|at| &time[at..])
}

/// An offset between `-14:00` and `+14:00`.
fn offset(text: &str) -> Result<Offset, &'static str> {
    const RULE: &str = "an offset such as `+08:00`";
    if text.is_empty() || text == "Z" {
        return Ok(Offset::UTC);
    }
    let (sign, rest) = text.split_at_checked(1).ok_or(RULE)?;
    let (hours, minutes) = rest.split_once(':').ok_or(RULE)?;
    let number = |digits: &str| -> Option<i32> {
        let is_two = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_two.then(|| digits.parse().ok()).flatten()
    };
    let minutes = number(hours).zip(number(minutes).filter(|m| *m < 60)).map(|(h, m)| h * 60 + m);
    let minutes = minutes.filter(|minutes| *minutes <= 14 * 60).ok_or(RULE)?;
    let sign = match sign {
        "+" => 1,
        "-" => -1,
        _ => return Err(RULE),
    };
    Offset::from_seconds(sign * minutes * 60).map_err(|_| RULE)
}

fn written(instant: Timestamp, offset: Offset) -> (String, String) {
    let seconds = offset.seconds();
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    let zone = format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    let local = instant.to_zoned(offset.to_time_zone());
    (format!("{}{zone}", local.strftime("%Y-%m-%dT%H:%M:%S")), zone)
}
