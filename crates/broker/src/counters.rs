//! Request counters for `/metrics`; labels come from fixed sets, never from what was sent.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
};

/// Requests by method, route template and status.
#[derive(Default)]
pub(crate) struct Counters(Mutex<BTreeMap<(&'static str, String, u16), u64>>);

impl Counters {
    pub(crate) fn count(&self, method: &'static str, route: &str, status: u16) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((method, route.to_owned(), status)).or_default() += 1;
    }

    /// The Prometheus text format, version 0.0.4.
    pub(crate) fn text(&self) -> String {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::from(
            "# HELP convoke_broker_requests_total Requests answered.\n# TYPE convoke_broker_requests_total counter\n",
        );
        for ((method, route, status), count) in counts.iter() {
            let _ = writeln!(
                text,
                "convoke_broker_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}"
            );
        }
        text
    }
}
