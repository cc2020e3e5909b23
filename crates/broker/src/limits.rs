//! Which budget a request takes from. Addresses and tokens are counted by their digests: the store learns neither.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::{
    configuration::Limits,
    metrics::{Event, Metrics},
    refusal::Refusal,
    sealing::Derivation,
    store::Store,
};

/// What is counted.
#[derive(Clone, Copy)]
pub(crate) enum Counted<'a> {
    /// Every request of one client address.
    Address(IpAddr),
    /// Refreshes and revocations of one token.
    Token(&'a Derivation),
    /// Requests to the old broker's routes, of one client address.
    Legacy(IpAddr),
}

/// Takes one request from the budget of `counted`.
///
/// # Errors
/// 429 with the seconds to wait. A store that does not answer lets the request through: what follows needs it anyway.
pub(crate) async fn take(
    store: &dyn Store,
    limits: &Limits,
    metrics: &Metrics,
    counted: Counted<'_>,
    now: i64,
) -> Result<(), Refusal> {
    let digest = |kind: &[u8], what: &[u8]| {
        let digest = Sha256::new().chain_update(kind).chain_update(what).finalize();
        digest[..16].try_into().expect("16 of 32 bytes")
    };
    let (key, rate) = match counted {
        Counted::Address(address) => (digest(b"address ", &network(address)), limits.per_address),
        Counted::Token(token) => {
            let key = token.expand(&[b"budget"])[..16].try_into();
            (key.expect("16 of 32 bytes"), limits.per_token)
        }
        Counted::Legacy(address) => (digest(b"legacy ", &network(address)), limits.legacy),
    };
    match store.take(key, rate, now).await {
        Ok(Err(wait)) => {
            metrics.event(Event::RateLimited, 1);
            Err(Refusal::too_many(wait))
        }
        Ok(Ok(())) | Err(_) => Ok(()),
    }
}

/// The address, or for IPv6 its network of 64 bits: one household or host has as many addresses as it likes.
fn network(address: IpAddr) -> [u8; 8] {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            [0, 0, 0, 0, a, b, c, d]
        }
        IpAddr::V6(address) => address.octets()[..8].try_into().expect("8 of 16 bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_ipv6_network_is_one_client() {
        let network = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
