//! When a subscription reports: numbers, lists and ranges, as the standard writes them.

use jiff::{Timestamp, tz::Offset};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Times that match all fields given. A field finer than the finest one given matches its first
/// value, any other field that is absent matches everything. All times are UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::rest) struct Schedule {
    /// 0 to 59: `0`, `0,30`, `[0-9]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) second: Option<String>,
    /// 0 to 59.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) minute: Option<String>,
    /// 0 to 23.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) hour: Option<String>,
    /// 1 to 31.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) day_of_month: Option<String>,
    /// 1 to 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) month: Option<String>,
    /// 1 (Monday) to 7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) day_of_week: Option<String>,
}

impl Schedule {
    /// The first field that is malformed, with its rule.
    pub(super) fn problem(&self) -> Option<String> {
        let fields = [
            ("second", &self.second, 0, 59),
            ("minute", &self.minute, 0, 59),
            ("hour", &self.hour, 0, 23),
            ("dayOfMonth", &self.day_of_month, 1, 31),
            ("month", &self.month, 1, 12),
            ("dayOfWeek", &self.day_of_week, 1, 7),
        ];
        if fields.iter().all(|(_, field, ..)| field.is_none()) {
            return Some("a schedule has one field at least".to_owned());
        }
        fields.into_iter().find_map(|(name, field, least, most)| {
            let text = field.as_deref()?;
            let is_good = ranges(text).is_some_and(|ranges| {
                ranges.iter().all(|(from, to)| least <= *from && from <= to && *to <= most)
            });
            let rule = format!("`{name}` is numbers from {least} to {most}, such as `1,[3-5]`");
            (!is_good).then_some(rule)
        })
    }

    /// Whether a time, to the second, is one to report at.
    pub(super) fn is_due(&self, at: Timestamp) -> bool {
        let time = Offset::UTC.to_datetime(at);
        let fields = [
            (&self.second, i64::from(time.second()), 0),
            (&self.minute, i64::from(time.minute()), 0),
            (&self.hour, i64::from(time.hour()), 0),
        ];
        let has_day = self.day_of_month.is_some() || self.day_of_week.is_some();
        let first = fields.iter().position(|(field, ..)| field.is_some()).unwrap_or(fields.len());
        let clock_fits =
            fields.iter().enumerate().all(|(nth, (field, value, start))| match field {
                Some(text) => fits(text, *value),
                None => nth > first || value == start,
            });
        let day = i64::from(time.day());
        let is_first_day = first < fields.len() || has_day || day == 1;
        clock_fits
            && self.day_of_month.as_deref().is_none_or(|text| fits(text, day))
            && self.month.as_deref().is_none_or(|text| fits(text, i64::from(time.month())))
            && self
                .day_of_week
                .as_deref()
                .is_none_or(|text| fits(text, i64::from(time.weekday().to_monday_one_offset())))
            && is_first_day
    }
}

fn fits(text: &str, value: i64) -> bool {
    ranges(text)
        .is_some_and(|ranges| ranges.iter().any(|(from, to)| (*from..=*to).contains(&value)))
}

fn ranges(text: &str) -> Option<Vec<(i64, i64)>> {
    let parts = text.split(',').map(str::trim);
    parts
        .map(|part| match part.strip_prefix('[').and_then(|part| part.strip_suffix(']')) {
            Some(range) => {
                let (from, to) = range.split_once('-')?;
                Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
            }
            None => part.parse().ok().map(|number| (number, number)),
        })
        .collect()
}

#[cfg(test)]
mod tests;
