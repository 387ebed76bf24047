//! Times as people write them: RFC 3339, or TOML's own date-times, which are the same.

use leasehold_protocol::{Day, Time};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use toml::value::Datetime;

/// Reads `2026-11-21T08:00:00Z` (any offset), or seconds since 1970.
///
/// # Errors
/// What would have been right.
pub fn parse(text: &str) -> Result<Time, String> {
    let seconds = match text.parse::<i64>() {
        Ok(seconds) => Some(seconds),
        Err(_) => text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second),
    };
    let seconds = seconds.filter(|seconds| (0..=Time::MAX.0).contains(seconds));
    seconds.map(Time).ok_or_else(|| format!("{text:?} is not a time: write 2026-11-21T08:00:00Z or seconds since 1970"))
}

/// For `#[serde(with)]`: a TOML date-time with an offset.
pub(crate) mod time {
    use super::*;

    pub fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        time.to_string().parse::<Datetime>().map_err(ser::Error::custom)?.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        from_datetime(Datetime::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// For `#[serde(with)]`: a TOML date-time that may be left out.
pub(crate) mod opt_time {
    use super::*;

    pub fn serialize<S: Serializer>(time: &Option<Time>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::time::serialize(time, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Time>, D::Error> {
        super::time::deserialize(deserializer).map(Some)
    }
}

/// For `#[serde(with)]`: a TOML date that may be left out.
pub(crate) mod opt_day {
    use super::*;

    pub fn serialize<S: Serializer>(day: &Option<Day>, serializer: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => day.to_string().parse::<Datetime>().map_err(ser::Error::custom)?.serialize(serializer),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Day>, D::Error> {
        let date = Datetime::deserialize(deserializer)?;
        if date.date.is_none() || date.time.is_some() {
            return Err(de::Error::custom(format!("{date} is not a date: write 2026-11-21")));
        }
        let day = parse(&format!("{date}T00:00:00Z")).map_err(de::Error::custom)?.day();
        Ok(Some(day))
    }
}

pub(crate) fn from_datetime(written: Datetime) -> Result<Time, String> {
    if written.offset.is_none() || written.date.is_none() {
        return Err(format!("{written} has no offset: write it as 2026-11-21T08:00:00Z"));
    }
    parse(&written.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_any_offset_or_as_seconds() {
        assert_eq!(parse("1970-01-02T00:00:00Z"), Ok(Time(86_400)));
        assert_eq!(parse("1970-01-02T01:00:00+01:00"), Ok(Time(86_400)));
        assert_eq!(parse("86400"), Ok(Time(86_400)));
        assert!(parse("1970-01-02").is_err());
        assert!(parse("-1").is_err());
        assert!(parse("253402300800").is_err());
    }

    #[test]
    fn a_time_without_an_offset_could_be_any_moment() {
        let written: Datetime = "2026-11-21T08:00:00".parse().expect("a local date-time");
        assert!(from_datetime(written).is_err());
    }
}
