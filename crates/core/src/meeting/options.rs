//! What a person can choose about a meeting beside subject, time and people: a typed table.
//!
//! Each provider has its own rows ([`OptionSpec`]), with its own default as the value it really is. What a provider
//! lacks has no row, so that no form can offer it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::{FieldIssue, IssueCode};

/// The most addresses of one option.
const MOST_ADDRESSES: usize = 20;

/// What can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum OptionKey {
    /// Who waits until somebody lets them in.
    Lobby,
    /// What a person types to get in, or whether there is such a thing.
    Passcode,
    /// Who may present.
    Presenters,
    /// Whether people get in before the host.
    JoinBeforeHost,
    /// Whether people are muted when they enter.
    MuteOnEntry,
    /// Whether, and where, the meeting is recorded by itself.
    Recording,
    /// Who can host as well.
    CoHosts,
    /// How people hear: by computer, by telephone.
    DialIn,
    /// For whom the meeting is made.
    ScheduleFor,
}

impl OptionKey {
    /// Every key, in the order of the form.
    pub const ALL: [Self; 9] = [
        Self::Lobby,
        Self::Passcode,
        Self::Presenters,
        Self::JoinBeforeHost,
        Self::MuteOnEntry,
        Self::Recording,
        Self::CoHosts,
        Self::DialIn,
        Self::ScheduleFor,
    ];

    /// The name on the command line and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lobby => "lobby",
            Self::Passcode => "passcode",
            Self::Presenters => "presenters",
            Self::JoinBeforeHost => "join_before_host",
            Self::MuteOnEntry => "mute_on_entry",
            Self::Recording => "recording",
            Self::CoHosts => "co_hosts",
            Self::DialIn => "dial_in",
            Self::ScheduleFor => "schedule_for",
        }
    }

    /// The key of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|key| key.as_str() == name)
    }
}

/// What an option's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[ts(export)]
pub enum OptionKind {
    /// `on` or `off`.
    Flag,
    /// One of these words.
    Choice {
        /// The words, in the order of the form.
        choices: &'static [&'static str],
    },
    /// A text of at most so many characters.
    Text {
        /// The most characters.
        longest: u16,
    },
    /// Mail addresses, with commas between them.
    Addresses {
        /// The most addresses.
        most: u16,
    },
}

/// One row of a provider's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct OptionSpec {
    /// What is chosen.
    pub key: OptionKey,
    /// What a value is.
    pub value: OptionKind,
    /// What the provider does where nothing is chosen; none where the person's or the organisation's settings there decide.
    pub default: Option<&'static str>,
    /// Whether it can be changed after the meeting was made.
    pub changeable: bool,
}

impl OptionSpec {
    /// A row that can be changed later.
    #[must_use]
    pub const fn new(key: OptionKey, value: OptionKind, default: Option<&'static str>) -> Self {
        Self { key, value, default, changeable: true }
    }

    /// The same row, chosen once when the meeting is made.
    #[must_use]
    pub const fn once(self) -> Self {
        Self { changeable: false, ..self }
    }

    /// The value in its one form, where it is one.
    fn read(&self, text: &str) -> Result<String, IssueCode> {
        let text = text.trim();
        match self.value {
            OptionKind::Flag => match text.to_ascii_lowercase().as_str() {
                "on" | "true" | "yes" => Ok("on".to_owned()),
                "off" | "false" | "no" => Ok("off".to_owned()),
                _ => Err(IssueCode::Refused),
            },
            OptionKind::Choice { choices } => choices
                .iter()
                .find(|choice| choice.eq_ignore_ascii_case(text))
                .map(|choice| (*choice).to_owned())
                .ok_or(IssueCode::Refused),
            OptionKind::Text { longest } if text.chars().count() > usize::from(longest) => Err(IssueCode::TooLong),
            OptionKind::Text { .. } if text.is_empty() => Err(IssueCode::Required),
            OptionKind::Text { .. } if text.chars().any(char::is_control) => Err(IssueCode::ControlCharacter),
            OptionKind::Text { .. } => Ok(text.to_owned()),
            OptionKind::Addresses { most } => {
                let list: Vec<&str> = addresses(text).collect();
                match list.iter().find(|address| !super::draft::is_address(address)) {
                    Some(_) => Err(IssueCode::NotAnAddress),
                    None if list.len() > usize::from(most).min(MOST_ADDRESSES) => Err(IssueCode::TooLong),
                    None => Ok(list.join(",")),
                }
            }
        }
    }

    /// What a person may write, for the sentence that refuses another value.
    fn allowed(&self, given: &str) -> String {
        match self.value {
            OptionKind::Flag => "on, off".to_owned(),
            OptionKind::Choice { choices } => choices.join(", "),
            OptionKind::Text { longest } => longest.to_string(),
            OptionKind::Addresses { most } if addresses(given).count() > usize::from(most) => most.to_string(),
            OptionKind::Addresses { .. } => given.to_owned(),
        }
    }
}

fn addresses(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ';', ' ']).map(str::trim).filter(|address| !address.is_empty())
}

/// What was chosen, by key; each value in the form of its row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MeetingOptions(BTreeMap<OptionKey, String>);

impl MeetingOptions {
    /// Nothing chosen.
    pub const NONE: Self = Self(BTreeMap::new());

    /// Checks what was typed against a provider's table. `given` is by the names of the command line; `changing` says
    /// that the meeting stands already.
    ///
    /// # Errors
    /// An issue at `option.NAME` for each that the provider lacks, cannot change, or does not take.
    pub fn check(
        given: &BTreeMap<String, String>,
        table: &[OptionSpec],
        changing: bool,
    ) -> Result<Self, Vec<FieldIssue>> {
        let mut chosen = BTreeMap::new();
        let mut issues = Vec::new();
        for (name, text) in given {
            let field = format!("option.{name}");
            let Some(key) = OptionKey::parse(name) else {
                issues.push(FieldIssue::with_detail(&field, IssueCode::Unknown, name));
                continue;
            };
            match table.iter().find(|spec| spec.key == key) {
                None => issues.push(FieldIssue::with_detail(&field, IssueCode::NotPossible, name)),
                Some(spec) if changing && !spec.changeable => {
                    issues.push(FieldIssue::with_detail(&field, IssueCode::OnlyWhenMade, name));
                }
                Some(spec) => match spec.read(text) {
                    Ok(value) => drop(chosen.insert(key, value)),
                    Err(problem) => issues.push(FieldIssue::with_detail(&field, problem, &spec.allowed(text))),
                },
            }
        }
        if issues.is_empty() { Ok(Self(chosen)) } else { Err(issues) }
    }

    /// Whether nothing was chosen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A value as it stands.
    #[must_use]
    pub fn get(&self, key: OptionKey) -> Option<&str> {
        self.0.get(&key).map(String::as_str)
    }

    /// Whether an `on`-or-`off` option is on.
    #[must_use]
    pub fn flag(&self, key: OptionKey) -> Option<bool> {
        self.get(key).map(|value| value == "on")
    }

    /// The addresses of an option; an empty list clears it.
    #[must_use]
    pub fn addresses(&self, key: OptionKey) -> Option<Vec<&str>> {
        self.get(key).map(|text| addresses(text).collect())
    }

    /// Sets a value.
    #[must_use]
    pub fn with(mut self, key: OptionKey, value: impl Into<String>) -> Self {
        self.0.insert(key, value.into());
        self
    }

    /// All of it, for a view.
    #[must_use]
    pub fn to_names(&self) -> BTreeMap<String, String> {
        self.0.iter().map(|(key, value)| (key.as_str().to_owned(), value.clone())).collect()
    }

    /// These, with `other` on top.
    #[must_use]
    pub fn overlaid(mut self, other: &Self) -> Self {
        self.0.extend(other.0.iter().map(|(key, value)| (*key, value.clone())));
        self
    }

    /// What is known after the provider has spoken. What it says of a chosen option counts; another one is only worth a
    /// line where it differs from a default that is known.
    #[must_use]
    pub fn told(mut self, told: &Self, table: &[OptionSpec]) -> Self {
        for (key, value) in &told.0 {
            let default = table.iter().find(|spec| spec.key == *key).and_then(|spec| spec.default);
            if self.0.contains_key(key) || default.is_some_and(|default| default != value) {
                self.0.insert(*key, value.clone());
            }
        }
        self.0.retain(|key, value| {
            table.iter().find(|spec| spec.key == *key).and_then(|spec| spec.default) != Some(value.as_str())
        });
        self
    }
}

/// `on` or `off`.
#[must_use]
pub const fn flag_text(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [OptionSpec; 4] = [
        OptionSpec::new(OptionKey::MuteOnEntry, OptionKind::Flag, Some("off")),
        OptionSpec::new(OptionKey::Recording, OptionKind::Choice { choices: &["none", "cloud"] }, Some("none")),
        OptionSpec::new(OptionKey::Passcode, OptionKind::Text { longest: 10 }, None),
        OptionSpec::new(OptionKey::CoHosts, OptionKind::Addresses { most: 2 }, Some("")).once(),
    ];

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn values_are_read_into_their_one_form() {
        let options = MeetingOptions::check(
            &given(&[("mute_on_entry", "Yes"), ("recording", "CLOUD"), ("co_hosts", "a@x.example; b@x.example")]),
            &TABLE,
            false,
        )
        .unwrap();
        assert_eq!(options.flag(OptionKey::MuteOnEntry), Some(true));
        assert_eq!(options.get(OptionKey::Recording), Some("cloud"));
        assert_eq!(options.addresses(OptionKey::CoHosts), Some(vec!["a@x.example", "b@x.example"]));
    }

    #[test]
    fn what_a_provider_lacks_or_does_not_take_is_named() {
        for (pair, changing, problem) in [
            (("lobby", "on"), false, IssueCode::NotPossible),
            (("colour", "red"), false, IssueCode::Unknown),
            (("recording", "tape"), false, IssueCode::Refused),
            (("passcode", "12345678901"), false, IssueCode::TooLong),
            (("co_hosts", "ana"), false, IssueCode::NotAnAddress),
            (("co_hosts", "a@x.example"), true, IssueCode::OnlyWhenMade),
        ] {
            let issues = MeetingOptions::check(&given(&[pair]), &TABLE, changing).unwrap_err();
            assert_eq!((issues[0].field.as_str(), issues[0].problem), (&*format!("option.{}", pair.0), problem));
        }
    }

    #[test]
    fn the_providers_word_counts_and_its_defaults_are_no_news() {
        let asked = MeetingOptions::default().with(OptionKey::Passcode, "1234");
        let told = MeetingOptions::default()
            .with(OptionKey::MuteOnEntry, "off")
            .with(OptionKey::Recording, "cloud")
            .with(OptionKey::Passcode, "9999");
        let known = asked.told(&told, &TABLE);
        assert_eq!(known.to_names(), given(&[("passcode", "9999"), ("recording", "cloud")]));
        let back = known.told(&MeetingOptions::default().with(OptionKey::Recording, "none"), &TABLE);
        assert_eq!(back.get(OptionKey::Recording), None);
    }
}
