//! Form-encoded parameters, each of which counts only where it comes once (RFC 6749 §3.1).

use secrecy::SecretString;
use url::form_urlencoded;

use crate::grammar;

/// Most parameters that one request may carry.
pub(crate) const LIMIT: usize = 64;

/// A parameter came twice, or there are far too many.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doubled;

/// The parameters of a query or a form.
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(crate) fn parse(text: &[u8]) -> Self {
        let parts = text.split(|byte| *byte == b'&').filter(|part| !part.is_empty()).take(LIMIT + 1);
        Self(parts.filter_map(pair).collect())
    }

    /// The same, where no name may come twice, known or not.
    pub(crate) fn parse_strict(text: &[u8]) -> Result<Self, Doubled> {
        let parameters = Self::parse(text);
        let all = &parameters.0;
        let is_doubled =
            |(at, (name, _)): (usize, &(String, String))| all[..at].iter().any(|(before, _)| before == name);
        if all.len() > LIMIT || all.iter().enumerate().any(is_doubled) {
            return Err(Doubled);
        }
        Ok(parameters)
    }

    /// The texts of a flat JSON object; `None` where a value is anything else.
    pub(crate) fn of_object(object: serde_json::Map<String, serde_json::Value>) -> Option<Self> {
        let pairs = object.into_iter().map(|(name, value)| match value {
            serde_json::Value::String(text) => Some((name, text)),
            serde_json::Value::Bool(true) => Some((name, "1".to_owned())),
            serde_json::Value::Number(number) => Some((name, number.to_string())),
            _ => None,
        });
        pairs.collect::<Option<Vec<_>>>().map(Self)
    }

    /// The value of `name`, if it is there once.
    pub(crate) fn once(&self, name: &str) -> Result<Option<&str>, Doubled> {
        let mut values = self.0.iter().filter(|(found, _)| found == name);
        let first = values.next();
        if values.next().is_some() || self.0.len() > LIMIT {
            return Err(Doubled);
        }
        Ok(first.map(|(_, value)| value.as_str()))
    }

    /// The same, handed over; `None` where it does not come once or is empty.
    pub(crate) fn take(&mut self, name: &str) -> Option<SecretString> {
        self.once(name).ok()?;
        let (_, value) = self.0.iter_mut().find(|(found, value)| found == name && !value.is_empty())?;
        Some(std::mem::take(value).into())
    }
}

/// One name and its value. Tokens are long and mostly plain, and plain text stands for itself.
fn pair(part: &[u8]) -> Option<(String, String)> {
    if grammar::every(part, |byte| !matches!(byte, b'%' | b'+' | 128..)) {
        let text = str::from_utf8(part).ok()?;
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        return Some((name.to_owned(), value.to_owned()));
    }
    form_urlencoded::parse(part).next().map(|(name, value)| (name.into_owned(), value.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubled_name_is_noticed_however_it_is_written() {
        assert!(Parameters::parse_strict(b"a=1&b=2").is_ok());
        assert!(Parameters::parse_strict(b"a=1&%61=2").is_err());
        let lenient = Parameters::parse(b"a=1&a=1&b=2");
        assert!(lenient.once("a").is_err());
        assert_eq!(lenient.once("b").expect("once"), Some("2"));
        assert_eq!(lenient.once("c").expect("absent"), None);
    }

    #[test]
    fn plain_text_is_read_as_any_other() {
        for text in ["a=b=c", "a", "=b", "a=", "&&a=b&", "a=x%2By&b=1+2", "%C3%A4=ä&b=%FF", "~._-=!*'()"] {
            let whole: Vec<_> = form_urlencoded::parse(text.as_bytes())
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect();
            assert_eq!(Parameters::parse(text.as_bytes()).0, whole, "{text}");
        }
    }

    #[test]
    fn a_flood_of_parameters_is_refused() {
        let flood = (0..=LIMIT).map(|at| format!("p{at}=1")).collect::<Vec<_>>().join("&");
        assert!(Parameters::parse_strict(flood.as_bytes()).is_err());
        assert!(Parameters::parse(flood.as_bytes()).once("p0").is_err());
    }
}
