//! Instants of the story, and how they are written.

/// The story takes this many days.
pub const DAYS: i64 = 14;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// The parties live at UTC+8.
pub(crate) const ZONE: &str = "+08:00";
const ZONE_MS: i64 = 8 * 60 * MINUTE_MS;

/// The latest start for which the whole story lies before `now_ms`.
pub fn start_before(now_ms: i64) -> i64 {
    now_ms - DAYS * DAY_MS
}

/// A moment of the story: a day from 0 and the time on the clock there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    minutes: i64,
}

/// The moment `hour`:`minute` on day `day`.
pub(crate) const fn at(day: i64, hour: i64, minute: i64) -> Moment {
    assert!(day >= 0 && day < DAYS && hour >= 0 && hour < 24 && minute >= 0 && minute < 60);
    Moment { minutes: (day * 24 + hour) * 60 + minute }
}

impl Moment {
    /// This moment and some minutes.
    pub(crate) const fn plus(self, minutes: i64) -> Self {
        Self { minutes: self.minutes + minutes }
    }

    /// Milliseconds since the Unix epoch, when the story starts on the day of `start_ms`.
    pub(crate) fn unix_ms(self, start_ms: i64) -> i64 {
        let midnight = (start_ms + ZONE_MS).div_euclid(DAY_MS) * DAY_MS - ZONE_MS;
        midnight + self.minutes * MINUTE_MS
    }

    /// The instant as EPCIS writes it, on the clock of the story's time zone.
    pub(crate) fn written(self, start_ms: i64) -> String {
        let local = self.unix_ms(start_ms) + ZONE_MS;
        let (year, month, day) = civil(local.div_euclid(DAY_MS));
        let minutes = local.rem_euclid(DAY_MS) / MINUTE_MS;
        let (hour, minute) = (minutes / 60, minutes % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:00.000{ZONE}")
    }

    /// The date alone.
    pub(crate) fn date(self, start_ms: i64) -> String {
        self.written(start_ms)[..10].to_owned()
    }
}

/// The date of a number of days since 1970-01-01 in the Gregorian calendar, counting in eras of
/// 400 years that begin on 1 March.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}
