//! The words of the tray, from the same Fluent files as the window's.
//!
//! Only what the shell itself shows: a message that is missing shows its own name, so that a test and a person see it.

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

const ENGLISH: &str = include_str!("../../ui/locales/en/tray.ftl");

/// The words of one language.
pub struct Words(FluentBundle<FluentResource>);

impl Words {
    /// English, the only language so far.
    ///
    /// # Panics
    /// Where the file that was compiled in is not Fluent; a test reads it.
    #[must_use]
    pub fn english() -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec!["en".parse::<LanguageIdentifier>().unwrap_or_default()]);
        // Marks for the direction of inserted text would show as boxes in some panels.
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(ENGLISH.to_owned()).expect("tray.ftl is Fluent");
        bundle.add_resource(resource).expect("each name stands once");
        Self(bundle)
    }

    /// The text of a message with its values.
    #[must_use]
    pub fn say(&self, name: &str, values: &[(&str, Value<'_>)]) -> String {
        let Some(pattern) = self.0.get_message(name).and_then(|message| message.value()) else {
            return name.to_owned();
        };
        let mut arguments = FluentArgs::new();
        for (key, value) in values {
            match *value {
                Value::Text(text) => arguments.set(*key, text),
                Value::Number(number) => arguments.set(*key, number),
            }
        }
        self.0.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    }
}

/// A value in a message.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// As it is.
    Text(&'a str),
    /// A count, by which the message may choose its form.
    Number(u32),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_has_its_form() {
        let words = Words::english();
        let say = |count| {
            let values =
                [("label", Value::Text("Work")), ("provider", Value::Text("Zoom")), ("count", Value::Number(count))];
            words.say("tray-account-ok", &values)
        };
        assert_eq!(say(1), "Work (Zoom): one meeting");
        assert_eq!(say(4), "Work (Zoom): 4 meetings");
    }

    #[test]
    fn a_missing_message_shows_its_name() {
        assert_eq!(Words::english().say("no-such-message", &[]), "no-such-message");
    }
}
