//! Timestamps with an offset (RFC 3339), as milliseconds since 1970 and as canonical text.

/// The first and the last millisecond whose year has four digits and is not zero.
const RANGE_MS: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

/// Milliseconds since 1970-01-01T00:00Z of a timestamp such as `2020-03-04T11:00:30.5+01:00`.
/// More than three decimals are rounded half up on the fourth, as the CBV says (§8.9).
pub(crate) fn parse_timestamp(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if !text.is_ascii() || bytes.len() < 20 {
        return None;
    }
    let shape_holds = bytes[4] == b'-'
        && bytes[7] == b'-'
        && matches!(bytes[10], b'T' | b't')
        && bytes[13] == b':'
        && bytes[16] == b':';
    if !shape_holds {
        return None;
    }
    let (year, month, day) = (digits(&bytes[..4])?, digits(&bytes[5..7])?, digits(&bytes[8..10])?);
    let (hour, minute, second) =
        (digits(&bytes[11..13])?, digits(&bytes[14..16])?, digits(&bytes[17..19])?);
    let date_holds = (1..=12).contains(&month) && day >= 1 && day <= days_in(year, month);
    if !date_holds || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (fraction_ms, rest) = fraction_ms(&bytes[19..])?;
    let offset_minutes = offset_minutes(rest)?;
    let seconds = days_from_epoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let ms = (seconds - offset_minutes * 60) * 1000 + fraction_ms;
    RANGE_MS.contains(&ms).then_some(ms)
}

/// A timestamp in UTC with three decimals: `2020-03-04T10:00:30.500Z`.
pub(crate) fn format_timestamp(ms: i64) -> String {
    let (days, in_day) = (ms.div_euclid(86_400_000), ms.rem_euclid(86_400_000));
    let (year, month, day) = date_of(days);
    let (hour, minute) = (in_day / 3_600_000, in_day / 60_000 % 60);
    let (second, ms) = (in_day / 1000 % 60, in_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// Whether the text is an offset by the EPCIS rule: `+00:00` to `±14:00`.
pub(crate) fn is_time_zone_offset(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 6
        && matches!(bytes[0], b'+' | b'-')
        && bytes[3] == b':'
        && match (digits(&bytes[1..3]), digits(&bytes[4..])) {
            (Some(hours), Some(minutes)) => hours * 60 + minutes <= 14 * 60 && minutes <= 59,
            _ => false,
        }
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0'))
    })
}

/// Milliseconds of a fraction `.123456`, and what follows it.
fn fraction_ms(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let Some(after_point) = bytes.strip_prefix(b".") else {
        return Some((0, bytes));
    };
    let length = after_point.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 {
        return None;
    }
    let decimal = |at: usize| if at < length { i64::from(after_point[at] - b'0') } else { 0 };
    let ms = decimal(0) * 100 + decimal(1) * 10 + decimal(2) + i64::from(decimal(3) >= 5);
    Some((ms, &after_point[length..]))
}

fn offset_minutes(bytes: &[u8]) -> Option<i64> {
    match bytes {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (digits(&[*h1, *h2])?, digits(&[*m1, *m2])?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let total = hours * 60 + minutes;
            Some(if *sign == b'-' { -total } else { total })
        }
        _ => None,
    }
}

fn days_in(year: i64, month: i64) -> i64 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar. Years begin in March, so that the leap day is
/// the last day of its year; 400 years have 146,097 days.
fn days_from_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_epoch`].
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}
