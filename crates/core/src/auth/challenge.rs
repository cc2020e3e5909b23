//! What an answer says against a token beside its status: a policy's claims, a gateway's word.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

use crate::{error::Claims, http::HttpAnswer};

/// The longest claims challenge that is believed, in bytes: what the broker takes in base64url.
const LONGEST_CLAIMS: usize = 1_536;

/// What a policy wants that a token cannot give (continuous access evaluation): the JSON of the challenge, for the next
/// sign-in. Empty where the challenge is there and cannot be read: a sign-in is needed all the same.
pub(super) fn claims_challenge(answer: &HttpAnswer) -> Option<Box<Claims>> {
    let text = answer.header("www-authenticate").filter(|text| text.contains("insufficient_claims"))?;
    let value = text.split("claims=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let decoded = STANDARD_NO_PAD
        .decode(value.trim_end_matches('='))
        .or_else(|_| URL_SAFE_NO_PAD.decode(value.trim_end_matches('=')))
        .ok()
        .filter(|bytes| bytes.len() <= LONGEST_CLAIMS)
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|text| serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok());
    Some(Box::new(Claims(decoded.unwrap_or_default())))
}

/// GoToMeeting's gateway: `{"int_err_code":"InvalidToken"}` with a 403; an older form calls it `errorCode`.
pub(super) fn says_invalid_token(answer: &HttpAnswer) -> bool {
    #[derive(serde::Deserialize)]
    struct Word {
        #[serde(alias = "errorCode")]
        int_err_code: String,
    }
    answer.status == 403 && answer.json::<Word>().is_ok_and(|word| word.int_err_code == "InvalidToken")
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;

    #[test]
    fn a_claims_challenge_is_read_and_an_unreadable_one_is_still_one() {
        let answer = |text: &str| HttpAnswer {
            status: 401,
            headers: [(header::WWW_AUTHENTICATE, text.parse().unwrap())].into_iter().collect(),
            body: bytes::Bytes::new(),
        };
        let challenge = "Bearer realm=\"\", error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\"";
        assert_eq!(claims_challenge(&answer(challenge)).unwrap().0, "{\"access_token\":{}}");
        assert_eq!(claims_challenge(&answer("Bearer error=\"insufficient_claims\", claims=\"%\"")).unwrap().0, "");
        assert_eq!(claims_challenge(&answer("Bearer error=\"invalid_token\"")), None);
    }
}
