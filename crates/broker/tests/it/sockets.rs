//! Sockets that the service's starter opened: under the same rules as those that the broker opens itself.

use std::{net::TcpListener, sync::Arc};

use convoke_broker::{Configuration, Settings, Sockets, start};

use crate::{clock::ManualClock, rig::ADMIN, temporary::TemporaryFolder};

const LOOPBACK: &str = "127.0.0.1:0";
const EVERYWHERE: &str = "0.0.0.0:0";
const PROXY: (&str, &str) = ("TRUSTED_PROXIES", "192.0.2.1");
const NAME: (&str, &str) = ("OAUTH_HOSTNAME", "https://broker.example.com");

/// The key at which it refuses to start with sockets at `addresses`: public, metrics, administrator.
async fn refused_at(addresses: [&str; 3], further: &[(&str, &str)]) -> Option<String> {
    let files = TemporaryFolder::new();
    let admin = files.file("admin", 0o600, ADMIN).display().to_string();
    let base = [
        ("ZOOM_CLIENT_ID", "id"),
        ("ZOOM_CLIENT_SECRET", "secret"),
        ("METRICSPORT", "0"),
        ("ADMIN_LISTEN", "0"),
        ("ADMIN_TOKEN_FILE", admin.as_str()),
    ];
    let settings = Settings::from_pairs(base.into_iter().chain(further.iter().copied())).expect("known keys");
    let configuration = Configuration::from_settings(&settings).expect("good as far as settings go");
    let listeners = addresses.iter().map(|address| TcpListener::bind(address).expect("a port")).collect();
    match start(configuration, Arc::new(ManualClock::new()), Sockets { listeners }).await {
        Ok(broker) => {
            broker.stop().await;
            None
        }
        Err(error) => {
            assert!(error.to_string().starts_with(&format!("{} m", error.key())), "{error}");
            Some(error.key().to_owned())
        }
    }
}

#[tokio::test]
async fn a_given_socket_leaves_loopback_no_further_than_one_of_our_own() {
    for (addresses, further, key) in [
        ([LOOPBACK; 3], [].as_slice(), None),
        (["[::1]:0"; 3], &[], None),
        ([EVERYWHERE, LOOPBACK, LOOPBACK], &[], Some("LISTEN")),
        (["[::]:0", LOOPBACK, LOOPBACK], &[NAME], Some("LISTEN")),
        ([EVERYWHERE, LOOPBACK, LOOPBACK], &[PROXY], Some("OAUTH_HOSTNAME")),
        ([EVERYWHERE, LOOPBACK, LOOPBACK], &[PROXY, NAME], None),
        ([LOOPBACK, EVERYWHERE, LOOPBACK], &[NAME], Some("METRICSPORT")),
        ([LOOPBACK, EVERYWHERE, LOOPBACK], &[PROXY, NAME], None),
        ([LOOPBACK, LOOPBACK, EVERYWHERE], &[PROXY, NAME], Some("ADMIN_LISTEN")),
    ] {
        assert_eq!(refused_at(addresses, further).await.as_deref(), key, "{addresses:?} {further:?}");
    }
}
