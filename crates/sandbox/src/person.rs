//! The people who can sign in: whoever gives an address, with the same identity each time.
//!
//! Ids are made from the address alone, so a second sign-in by the same person is the same account at the provider,
//! and one by somebody else is not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::random::guid;

/// The people that the sign-in page offers first; the first one is whom `--auto-approve` signs in.
pub(crate) const OFFERED: [&str; 2] = ["ana@example.com", "ben@example.com"];

/// Someone who signs in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// The mail address, in lower case.
    pub(crate) email: String,
}

impl Person {
    /// A person from what was typed; `None` where it is no plain mail address of at most 100 characters.
    pub(crate) fn from_address(text: &str) -> Option<Self> {
        let email = text.trim().to_ascii_lowercase();
        let (local, domain) = email.split_once('@')?;
        let plain = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte))
        };
        (email.len() <= 100 && plain(local) && plain(domain) && domain.contains('.')).then_some(Self { email })
    }

    /// The first and the last name, read out of the address: `ana.silva@…` is Ana Silva; the last may be empty.
    pub(crate) fn names(&self) -> (String, String) {
        let local = self.email.split('@').next().unwrap_or_default();
        let mut names = local.split(['.', '_', '+', '-']).filter(|part| !part.is_empty()).map(capitalised);
        let first = names.next().unwrap_or_default();
        (first, names.collect::<Vec<_>>().join(" "))
    }

    /// The name as a page shows it.
    pub(crate) fn display_name(&self) -> String {
        let (first, last) = self.names();
        format!("{first} {last}").trim().to_owned()
    }

    /// A GUID of this person, as Microsoft's directory has one.
    pub(crate) fn guid(&self) -> String {
        guid(&self.digest())
    }

    /// A short id of this person, in the form of Zoom's user ids.
    pub(crate) fn short_id(&self) -> String {
        let mut id = URL_SAFE_NO_PAD.encode(self.digest());
        id.truncate(22);
        id
    }

    fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.email.as_bytes()).into()
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_person_whatever_its_case() {
        let ana = Person::from_address(" Ana.Silva@Example.com ").expect("an address");
        assert!(ana == Person::from_address("ana.silva@example.com").expect("an address"));
        assert_eq!(ana.display_name(), "Ana Silva");
        assert_eq!(ana.short_id().len(), 22);
        for wrong in ["", "ana", "@example.com", "ana@", "ana@host", "a b@example.com", "<a>@example.com"] {
            assert!(Person::from_address(wrong).is_none(), "{wrong}");
        }
    }
}
