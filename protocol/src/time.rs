//! Times as they travel: seconds and days since 1970-01-01T00:00:00Z.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// A moment, in seconds since 1970-01-01T00:00:00Z (a CWT NumericDate without fractions, RFC 8392).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Time(pub i64);

impl Time {
    /// The latest moment that travels: 9999-12-31T23:59:59Z.
    pub const MAX: Time = Time(253_402_300_799);

    /// This moment `seconds` later, held between 1970 and [`Time::MAX`].
    #[must_use]
    pub fn plus(self, seconds: i64) -> Time {
        Time(self.0.saturating_add(seconds).clamp(0, Self::MAX.0))
    }

    /// The same date and time of the next year; of a 29 February the 28th.
    #[must_use]
    pub fn a_year_later(self) -> Time {
        let date = |day| {
            let (_, month, day) = civil(day);
            (month, day)
        };
        let today = self.day().0;
        let days = if date(today + 366) == date(today) { 366 } else { 365 };
        self.plus(days * DAY)
    }

    /// The day this moment lies in (UTC).
    #[must_use]
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(DAY))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.rem_euclid(DAY);
        write!(out, "{}T{:02}:{:02}:{:02}Z", self.day(), seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// A calendar day, in days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(pub i64);

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.0);
        write!(out, "{year:04}-{month:02}-{day:02}")
    }
}

/// Year, month and day of a day number in the proleptic Gregorian calendar: years start in March so that the leap day is
/// the last day of a year, and 400 years are one whole cycle of 146,097 days.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days.saturating_add(719_468); // days from 0000-03-01 to 1970-01-01
    let (cycle, in_cycle) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (in_cycle - in_cycle / 1_460 + in_cycle / 36_524 - in_cycle / 146_096) / 365;
    let in_year = in_cycle - (365 * year + year / 4 - year / 100);
    let march_month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year + 400 * cycle + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_print_as_rfc_3339() {
        assert_eq!(Time(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Time(951_782_399).to_string(), "2000-02-28T23:59:59Z");
        assert_eq!(Time(951_782_400).to_string(), "2000-02-29T00:00:00Z");
        assert_eq!(Time::MAX.to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(Day(-1).to_string(), "1969-12-31");
    }

    #[test]
    fn a_year_later_is_the_same_date_or_the_28_february() {
        let later = |time: i64| Time(time).a_year_later().to_string();
        assert_eq!(later(0), "1971-01-01T00:00:00Z");
        assert_eq!(later(951_782_399), "2001-02-28T23:59:59Z", "from the day before a leap day");
        assert_eq!(later(951_782_400), "2001-02-28T00:00:00Z", "from a leap day");
        assert_eq!(later(951_868_800), "2001-03-01T00:00:00Z", "from the day after it");
        assert_eq!(later(920_246_400), "2000-03-01T00:00:00Z", "over a leap day");
    }

    #[test]
    fn a_sum_never_leaves_the_range_that_travels() {
        assert_eq!(Time::MAX.plus(1), Time::MAX);
        assert_eq!(Time(5).plus(i64::MIN), Time(0));
    }
}
