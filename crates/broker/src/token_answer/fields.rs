//! A token answer, read in place: the fields that count, whatever their types, since providers differ and what is of no use is left
//! out rather than refused. A key that comes twice is refused at any depth: two readers must not read two different answers.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};

use crate::strict_json::StrictVisitor;

/// What of a token answer is read (RFC 6749 §5.1).
#[derive(Default)]
pub(super) struct Fields<'a> {
    pub(super) token_type: Field<'a>,
    pub(super) access_token: Field<'a>,
    pub(super) refresh_token: Field<'a>,
    pub(super) expires_in: Field<'a>,
    pub(super) refresh_token_expires_in: Field<'a>,
    pub(super) scope: Field<'a>,
    pub(super) id_token: Field<'a>,
    pub(super) api_url: Field<'a>,
    pub(super) principal: Field<'a>,
}

impl<'a> Fields<'a> {
    fn named(&mut self, name: &str) -> Option<&mut Field<'a>> {
        Some(match name {
            "token_type" => &mut self.token_type,
            "access_token" => &mut self.access_token,
            "refresh_token" => &mut self.refresh_token,
            "expires_in" => &mut self.expires_in,
            "refresh_token_expires_in" => &mut self.refresh_token_expires_in,
            "scope" => &mut self.scope,
            "id_token" => &mut self.id_token,
            "api_url" => &mut self.api_url,
            "principal" => &mut self.principal,
            _ => return None,
        })
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
        let mut fields = Fields::default();
        let mut others: Vec<Cow<'de, str>> = Vec::new();
        while let Some(Name(name)) = entries.next_key()? {
            let value = entries.next_value()?;
            let is_doubled = match fields.named(&name) {
                Some(field) => !matches!(std::mem::replace(field, value), Field::Absent),
                None if others.contains(&name) => true,
                None => {
                    others.push(name);
                    false
                }
            };
            if is_doubled {
                return Err(A::Error::custom("a key comes twice"));
            }
        }
        Ok(fields)
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
