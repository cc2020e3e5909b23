//! The four characters by which a person sees that the page in the browser belongs to the sign-in that they just began.

/// No I, L, O and U: nothing is read as a digit or as a word.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The match code of a sign-in, such as `7K2M`: the first 20 bits of the SHA-256 digest of the `code_challenge` as it stands in the
/// authorize address (43 ASCII characters), five to a character.
#[must_use]
pub fn match_code(challenge_digest: &[u8; 32]) -> String {
    let [a, b, c, ..] = challenge_digest.map(usize::from);
    let bits = (a << 16) | (b << 8) | c;
    [19, 14, 9, 4].map(|from| char::from(ALPHABET[(bits >> from) & 31])).iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_twenty_bits_from_the_left() {
        let digest = |first: [u8; 3]| {
            let mut digest = [0; 32];
            digest[..3].copy_from_slice(&first);
            match_code(&digest)
        };
        assert_eq!(digest([0, 0, 0x0f]), "0000", "the last four bits are not looked at");
        assert_eq!(digest([0xff; 3]), "ZZZZ");
        assert_eq!(digest([0b0000_1000, 0b1000_0110, 0b0100_0000]), "1234");
    }
}
