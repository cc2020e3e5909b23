//! How secrets travel between a client and the service: as they are (`plain`), or under a key that both have agreed on
//! (`dh-ietf1024-sha256-aes128-cbc-pkcs7`), as the freedesktop draft has it under "Transfer of Secrets".

use std::fmt;

use aes::Aes128;
use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use hkdf::Hkdf;
use num_bigint::BigUint;
use sha2::Sha256;
use zbus::zvariant::{OwnedValue, Value};

/// The prime of RFC 2409, section 6.2 (the Second Oakley Group); its generator is 2.
const PRIME: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD\
EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6\
49286651ECE65381FFFFFFFFFFFFFFFF";

/// The length of the prime in bytes.
const LENGTH: usize = 128;

/// What one session has agreed on.
#[derive(Clone)]
pub(super) enum Cipher {
    Plain,
    Aes([u8; 16]),
}

impl fmt::Debug for Cipher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if matches!(self, Self::Plain) { "Plain" } else { "Aes" })
    }
}

impl Cipher {
    /// Agrees with a client, and answers what the client needs for it; `None` for an algorithm that is not known.
    pub(super) fn agree(algorithm: &str, input: OwnedValue) -> Option<(Self, OwnedValue)> {
        match algorithm {
            "plain" => Some((Self::Plain, owned(Value::from("")))),
            "dh-ietf1024-sha256-aes128-cbc-pkcs7" => {
                let theirs = BigUint::from_bytes_be(&Vec::<u8>::try_from(input).ok()?);
                let (key, public) = agree(&theirs);
                Some((Self::Aes(key), owned(Value::from(public))))
            }
            _ => None,
        }
    }

    /// The parameters and the value of a secret on its way to the client.
    pub(super) fn seal(&self, secret: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let Self::Aes(key) = self else {
            return (Vec::new(), secret.to_owned());
        };
        let vector: [u8; 16] = random();
        let encryptor = cbc::Encryptor::<Aes128>::new_from_slices(key, &vector).expect("both have 16 bytes");
        (vector.to_vec(), encryptor.encrypt_padded_vec::<Pkcs7>(secret))
    }

    /// A secret that came from the client; `None` when it was not made with this key.
    pub(super) fn open(&self, parameters: &[u8], value: &[u8]) -> Option<Vec<u8>> {
        let Self::Aes(key) = self else {
            return Some(value.to_owned());
        };
        let decryptor = cbc::Decryptor::<Aes128>::new_from_slices(key, parameters).ok()?;
        decryptor.decrypt_padded_vec::<Pkcs7>(value).ok()
    }
}

/// The common key, and our half of it.
fn agree(theirs: &BigUint) -> ([u8; 16], Vec<u8>) {
    let prime = BigUint::parse_bytes(PRIME.as_bytes(), 16).expect("a number");
    let private = BigUint::from_bytes_be(&random::<LENGTH>());
    let common = theirs.modpow(&private, &prime).to_bytes_be();
    let mut padded = vec![0; LENGTH - common.len()];
    padded.extend(common);
    let mut key = [0; 16];
    Hkdf::<Sha256>::new(None, &padded).expand(&[], &mut key).expect("a short key");
    (key, BigUint::from(2u8).modpow(&private, &prime).to_bytes_be())
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system's random numbers");
    bytes
}

fn owned(value: Value<'_>) -> OwnedValue {
    OwnedValue::try_from(value).expect("no descriptors in it")
}
