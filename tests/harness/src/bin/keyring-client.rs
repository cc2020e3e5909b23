//! The product's own keyring client, alone in a process: it finds its bus in its environment, of which a test process has only one.
//! It reads `write USER WORD`, `read USER` and `delete USER`, a line each, and answers each with its number and what came of it.

use std::io::{BufRead, stdin};
use std::sync::Arc;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error, Result};
use zbus_secret_service_keyring_store::Store;

fn entry(store: &mut Option<Arc<Store>>, user: &str) -> Result<Entry> {
    let store = match store {
        Some(store) => store,
        None => store.insert(Store::new()?),
    };
    store.build("Convoke test", user, None)
}

fn run(store: &mut Option<Arc<Store>>, words: &[&str]) -> Result<String> {
    match words {
        ["write", user, word] => entry(store, user)?.set_secret(word.as_bytes()).map(|()| "done".to_owned()),
        ["read", user] => entry(store, user)?.get_secret().map(|secret| String::from_utf8_lossy(&secret).into_owned()),
        ["delete", user] => entry(store, user)?.delete_credential().map(|()| "done".to_owned()),
        _ => Err(Error::Invalid("line".to_owned(), words.join(" "))),
    }
}

fn main() {
    let mut store = None;
    for (at, line) in stdin().lock().lines().map_while(std::io::Result::ok).enumerate() {
        let words: Vec<&str> = line.split(' ').collect();
        let said = match run(&mut store, &words) {
            Ok(said) => said,
            Err(Error::NoEntry) => "nothing".to_owned(),
            Err(Error::NoStorageAccess(error)) => format!("no access: {error}"),
            Err(Error::PlatformFailure(error)) => format!("failure: {error}"),
            Err(error) => format!("error: {error}"),
        };
        println!("{} {said}", at + 1);
    }
}
