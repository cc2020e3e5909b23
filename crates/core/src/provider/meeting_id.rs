//! A provider's meeting id: text here, whatever it is on the wire, and safe as one segment of an address.

use serde::Deserialize;

use crate::error::{Error, ErrorCode};

/// The longest id that is believed; Teams' are about 200 characters.
const LONGEST: usize = 1_024;

/// An id on the wire: Zoom's passes 2^31 and comes as a number or as text.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum WireId {
    /// As a number.
    Number(u64),
    /// As text.
    Text(String),
}

impl WireId {
    /// The id as text.
    ///
    /// # Errors
    /// `BadAnswer` where no address can be made of it.
    pub fn into_text(self) -> Result<String, Error> {
        let text = match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        };
        if is_segment(&text) { Ok(text) } else { Err(Error::new(ErrorCode::BadAnswer).detail("id")) }
    }
}

/// An id that is about to become part of an address. An empty one, or dots, would name the folder: `DELETE /meetings/`.
///
/// # Errors
/// `NotFound`: no provider gave such an id.
pub fn checked(id: &str) -> Result<&str, Error> {
    if is_segment(id) { Ok(id) } else { Err(Error::new(ErrorCode::NotFound)) }
}

fn is_segment(id: &str) -> bool {
    // The address parser reads %2e as a dot; a percent sign itself is encoded before that, so plain dots suffice.
    !id.is_empty() && id.len() <= LONGEST && id != "." && id != ".." && !id.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_its_text_are_the_same_id() {
        for json in ["97763643886", "\"97763643886\""] {
            assert_eq!(serde_json::from_str::<WireId>(json).unwrap().into_text().unwrap(), "97763643886");
        }
        for json in ["-1", "1.5", "null", "[]"] {
            assert!(serde_json::from_str::<WireId>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn an_id_that_would_name_the_folder_is_none() {
        for id in ["", ".", "..", "a\nb"] {
            assert_eq!(checked(id).unwrap_err().code, ErrorCode::NotFound, "{id:?}");
            assert!(WireId::Text(id.to_owned()).into_text().is_err(), "{id:?}");
        }
        assert!(checked("MSo1N2Y5ZGFjYy03MWJmLTQ3NDMtYjQxMy01M2EdFGkdRWHJlQ=").is_ok());
    }
}
