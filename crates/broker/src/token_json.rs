//! Tokens as JSON, byte for byte as serde would write them. They are long, printable and seldom in need of escaping, which
//! is found out many bytes at once.

use std::io::Write as _;

use convoke_broker_api::{TokenAnswer, WireSecret};
use zeroize::Zeroizing;

use crate::grammar;

/// Room for all names, numbers and marks.
const FRAME: usize = 320;

/// Adds `answer` as one object to `json`.
pub(crate) fn write(json: &mut Vec<u8>, answer: &TokenAnswer) {
    let TokenAnswer {
        access_token,
        token_type,
        expires_in,
        refresh_token,
        refresh_token_expires_in,
        scope,
        id_token,
        api_url,
        session_token,
        session_expires_in,
        session_ends_in,
    } = answer;
    let tokens = [Some(access_token), refresh_token.as_ref(), id_token.as_ref(), session_token.as_ref()];
    let tokens: usize = tokens.into_iter().flatten().map(|token| token.expose_secret().len()).sum();
    let others = [scope, api_url].into_iter().flatten().map(String::len).sum::<usize>();
    // Taken once, because memory that grows is copied and wiped at each step.
    json.reserve(FRAME + tokens + others);
    json.push(b'{');
    text(json, "access_token", Some(access_token.expose_secret()));
    text(json, "token_type", Some(token_type));
    number(json, "expires_in", Some(*expires_in));
    text(json, "refresh_token", refresh_token.as_ref().map(WireSecret::expose_secret));
    number(json, "refresh_token_expires_in", *refresh_token_expires_in);
    text(json, "scope", scope.as_deref());
    text(json, "id_token", id_token.as_ref().map(WireSecret::expose_secret));
    text(json, "api_url", api_url.as_deref());
    text(json, "session_token", session_token.as_ref().map(WireSecret::expose_secret));
    number(json, "session_expires_in", *session_expires_in);
    number(json, "session_ends_in", *session_ends_in);
    json.push(b'}');
}

fn text(json: &mut Vec<u8>, name: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    begin(json, name);
    let is_plain = |byte: u8| !matches!(byte, ..b' ' | b'"' | b'\\' | 127..);
    if grammar::every(value.as_bytes(), is_plain) {
        json.push(b'"');
        json.extend_from_slice(value.as_bytes());
        json.push(b'"');
    } else {
        let escaped = serde_json::to_vec(value).map(Zeroizing::new);
        json.extend_from_slice(&escaped.expect("a text is JSON"));
    }
}

fn number(json: &mut Vec<u8>, name: &str, value: Option<u64>) {
    if let Some(value) = value {
        begin(json, name);
        write!(json, "{value}").expect("memory takes it");
    }
}

/// What stands in front of a value.
fn begin(json: &mut Vec<u8>, name: &str) {
    let mark: &[u8] = if json.ends_with(b"{") { b"\"" } else { b",\"" };
    json.extend_from_slice(mark);
    json.extend_from_slice(name.as_bytes());
    json.extend_from_slice(b"\":");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_serde_writes() {
        let nasty = "a\"b\\c\n\u{1}\u{7f}ä{";
        for value in ["plain", "{", "", nasty] {
            for fields in 0..=u8::MAX {
                let some = |bit: u8| (fields & (1 << bit) != 0).then(|| value.to_owned());
                let number = |bit: u8| (fields & (1 << bit) != 0).then_some(u64::MAX - u64::from(bit));
                let answer = TokenAnswer {
                    access_token: WireSecret::new(value.to_owned()),
                    token_type: "Bearer".to_owned(),
                    expires_in: u64::from(fields),
                    refresh_token: some(0).map(WireSecret::new),
                    refresh_token_expires_in: number(1),
                    scope: some(2),
                    id_token: some(3).map(WireSecret::new),
                    api_url: some(4),
                    session_token: some(5).map(WireSecret::new),
                    session_expires_in: number(6),
                    session_ends_in: number(7),
                };
                let mut json = Vec::new();
                write(&mut json, &answer);
                assert_eq!(json, serde_json::to_vec(&answer).expect("JSON"));
            }
        }
    }
}
