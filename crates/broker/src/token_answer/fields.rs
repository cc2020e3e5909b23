//! A token answer, read in place: the fields that count, whatever their types, since providers differ and what is of no use is left
//! out rather than refused. A key that comes twice is refused at any depth: two readers must not read two different answers.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};

use crate::strict_json::StrictVisitor;

/// Fields that an answer seldom has more of.
const USUAL: usize = 12;

/// A token answer's fields by name (RFC 6749 §5.1).
pub(super) struct Fields<'a>(Vec<(Cow<'a, str>, Field<'a>)>);

impl<'a> Fields<'a> {
    /// The field of that name; it is absent afterwards.
    pub(super) fn take(&mut self, name: &str) -> Field<'a> {
        let found = self.0.iter_mut().find(|(found, _)| found == name);
        found.map(|(_, field)| std::mem::take(field)).unwrap_or_default()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::with_capacity(USUAL);
        while let Some((Name(name), field)) = entries.next_entry()? {
            fields.push((name, field));
        }
        fields.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        if fields.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(A::Error::custom("a key comes twice"));
        }
        Ok(Fields(fields))
    }
}

#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// A field's value, read in place where its text needs no unescaping.
#[derive(Default)]
pub(super) enum Field<'a> {
    #[default]
    Absent,
    Null,
    Text(Cow<'a, str>),
    Whole(u64),
    Fraction(f64),
    /// A list, an object, a negative number, true or false.
    Other,
}

impl Field<'_> {
    /// The text, unless it is of no use: not printable ASCII of at most `most` characters.
    pub(super) fn plain_text(self, most: usize) -> Option<String> {
        let Self::Text(text) = self else { return None };
        let plain = text.len() <= most && text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        (plain && !text.is_empty()).then(|| text.into_owned())
    }

    /// Seconds as a number or as digits in a text; some providers write `"3599"`.
    pub(super) fn seconds(self) -> Option<u64> {
        match self {
            Self::Whole(number) => Some(number),
            Self::Fraction(number) => whole(number),
            Self::Text(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok()
            }
            _ => None,
        }
    }
}

/// A fraction of seconds, cut down; `None` unless it is between 0 and what 32 bits hold.
fn whole(number: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range is checked, cutting is meant"
    )]
    (0.0..=f64::from(u32::MAX)).contains(&number).then_some(number as u64)
}

impl<'de: 'a, 'a> Deserialize<'de> for Field<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Field::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Field::Other)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Field::Other)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Field::Whole(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Field::Fraction(number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Field::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        StrictVisitor.visit_seq(items).map(|_| Field::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        StrictVisitor.visit_map(entries).map(|_| Field::Other)
    }
}
