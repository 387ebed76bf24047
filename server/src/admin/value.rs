//! Values as they stand in JSON: times and days as ISO 8601, units by kind, ids.

use jiff::Timestamp;
use jiff::civil::Date;
use leasehold_protocol::{Day, Time, time};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A moment, ISO 8601 in UTC with seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = DateTime, examples("2027-01-31T12:00:00Z"))]
pub struct When(pub Time);

impl When {
    /// A moment that may be none: the end of what has no end.
    #[must_use]
    pub fn end(time: Time) -> Option<Self> {
        (time < Time::MAX).then_some(Self(time))
    }
}

impl From<Time> for When {
    fn from(time: Time) -> Self {
        Self(time)
    }
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let wrong = || D::Error::custom(format!("{text:?} is not a time like 2027-01-31T12:00:00Z"));
        let time: Timestamp = text.parse().map_err(|_| wrong())?;
        let time = Time(time.as_second());
        if (Time(0)..=Time::MAX).contains(&time) { Ok(Self(time)) } else { Err(wrong()) }
    }
}

/// A calendar day, ISO 8601.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
#[schema(value_type = String, format = Date, examples("2027-01-31"))]
pub struct OnDay(pub Day);

impl From<Day> for OnDay {
    fn from(day: Day) -> Self {
        Self(day)
    }
}

impl Serialize for OnDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for OnDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let wrong = || D::Error::custom(format!("{text:?} is not a day like 2027-01-31"));
        let date: Date = text.parse().map_err(|_| wrong())?;
        let midnight = date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| wrong())?;
        let day = Day(midnight.timestamp().as_second().div_euclid(time::DAY));
        if (Day(0)..=Time::MAX.day()).contains(&day) { Ok(Self(day)) } else { Err(wrong()) }
    }
}

/// Units by kind; a kind that is not named counts nothing.
pub struct Quantity;

impl PartialSchema for Quantity {
    fn schema() -> RefOr<Schema> {
        let kind = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Za-z0-9_-]{1,32}$"));
        let count = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)).maximum(Some(1_000_000_000));
        let units =
            ObjectBuilder::new().property_names(Some(kind)).additional_properties(Some(count)).max_properties(Some(16));
        let units = units.description(Some("Units by kind; a kind that is not named counts nothing."));
        units.examples([serde_json::json!({"OBM": 10, "VM": 5})]).into()
    }
}

impl ToSchema for Quantity {}

/// A record's id.
#[derive(ToSchema)]
#[schema(value_type = String, format = "uuid", examples("0190163d-8694-739b-aea5-966c26f8ad91"))]
pub struct Id(pub String);

/// An activation's or device's id: 32 hexadecimal digits.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[0-9a-f]{32}$", examples("2f1d4e0a9b8c7d6e5f40312233445566"))]
pub struct HexId(pub String);

/// A SHA-256: 64 hexadecimal digits.
#[derive(ToSchema)]
#[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
pub struct HexDigest(pub String);

/// For PATCH: a field that is there, even as null, is `Some`.
///
/// # Errors
/// The field's own.
pub fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
