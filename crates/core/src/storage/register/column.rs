//! How values stand in columns: instants as milliseconds, names as their JSON text, lists as JSON arrays.

use chrono::{DateTime, Utc};
use rusqlite::{
    Row,
    types::{FromSqlError, Type},
};
use serde::{Deserialize, Serialize, de::IntoDeserializer};

use crate::error::{Error, ErrorCode};

/// The text form of a name such as a state: what its JSON form holds between the quotes.
pub(super) fn name(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        // Only enums of plain names are given; the empty text reads back as damage.
        _ => String::new(),
    }
}

/// Reads what [`name`] wrote.
pub(super) fn named<T: for<'de> Deserialize<'de>>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    T::deserialize(IntoDeserializer::<serde::de::value::Error>::into_deserializer(text)).map_err(|_| damaged())
}

/// A list as a JSON array.
pub(super) fn list(values: &[String]) -> String {
    serde_json::Value::from(values.to_vec()).to_string()
}

/// Reads what [`list`] wrote.
pub(super) fn listed(row: &Row<'_>, column: usize) -> rusqlite::Result<Vec<String>> {
    let text = row.get_ref(column)?.as_str()?;
    if text == "[]" {
        return Ok(Vec::new());
    }
    serde_json::from_str(text).map_err(|_| damaged())
}

/// Reads an instant that may be missing.
pub(super) fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<DateTime<Utc>>> {
    row.get::<_, Option<i64>>(column)?
        .map(|millis| DateTime::from_timestamp_millis(millis).ok_or_else(damaged))
        .transpose()
}

/// A value that this program never writes.
pub(super) fn damaged() -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(FromSqlError::InvalidType))
}

/// Random characters of 32 that nobody mistakes for others: five bits each.
pub(super) fn random_text(length: usize) -> Result<String, Error> {
    const ALPHABET: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
    let mut random = vec![0_u8; length];
    getrandom::fill(&mut random).map_err(|_| Error::new(ErrorCode::Storage).detail("no random numbers"))?;
    Ok(random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect())
}
