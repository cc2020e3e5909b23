//! What `/metrics` tells: counts and durations whose labels come from fixed sets, never from what was sent.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    sync::{
        Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Upper bounds of the upstream histogram, in seconds.
const BOUNDS: [f64; 8] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 20.0];

/// The three calls to a provider.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum UpstreamCall {
    Exchange,
    Refresh,
    Revoke,
}

impl UpstreamCall {
    /// The label.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Exchange => "exchange",
            Self::Refresh => "refresh",
            Self::Revoke => "revoke",
        }
    }
}

/// What happens beside requests and calls.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    /// A session was opened.
    SessionOpened,
    /// A request's session was missing, over or revoked.
    SessionRefused,
    /// A session was ended by an administrator.
    SessionRevoked,
    /// A refresh was answered from a sealed copy.
    ReplayServed,
    /// A refresh waited for an equal one in flight or was answered by it.
    RefreshShared,
    /// A request was over its budget.
    RateLimited,
}

impl Event {
    const ALL: [(Self, &'static str); 6] = [
        (Self::SessionOpened, "session_opened"),
        (Self::SessionRefused, "session_refused"),
        (Self::SessionRevoked, "session_revoked"),
        (Self::ReplayServed, "replay_served"),
        (Self::RefreshShared, "refresh_shared"),
        (Self::RateLimited, "rate_limited"),
    ];
}

/// Counts of one route by method and status.
type Requests = Vec<(&'static str, u16, u64)>;

/// Calls to one provider by their outcome.
type Calls = BTreeMap<(UpstreamCall, &'static str), u64>;

/// Every count.
#[derive(Default)]
pub(crate) struct Metrics {
    /// By route template.
    requests: RwLock<HashMap<String, Mutex<Requests>>>,
    /// By provider.
    calls: Mutex<BTreeMap<String, Calls>>,
    durations: Mutex<BTreeMap<String, Histogram>>,
    events: [AtomicU64; Event::ALL.len()],
}

#[derive(Default)]
struct Histogram {
    buckets: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Metrics {
    /// Counts an answered request.
    pub(crate) fn request(&self, method: &'static str, route: &str, status: u16) {
        let known = self.requests.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(counts) = known.get(route) {
            return add(&mut lock(counts), method, status);
        }
        drop(known);
        let mut known = self.requests.write().unwrap_or_else(PoisonError::into_inner);
        add(&mut lock(known.entry(route.to_owned()).or_default()), method, status);
    }

    /// Counts a call to a provider; `outcome` is `ok` or an error code.
    pub(crate) fn called(&self, provider: &str, call: UpstreamCall, outcome: &'static str) {
        *of_provider(&mut lock(&self.calls), provider).entry((call, outcome)).or_default() += 1;
    }

    /// Notes how long a provider took.
    pub(crate) fn took(&self, provider: &str, time: Duration) {
        let mut durations = lock(&self.durations);
        let histogram = of_provider(&mut durations, provider);
        let seconds = time.as_secs_f64();
        histogram.count += 1;
        histogram.sum += seconds;
        for (bucket, bound) in histogram.buckets.iter_mut().zip(BOUNDS) {
            *bucket += u64::from(seconds <= bound);
        }
    }

    /// Counts an event.
    pub(crate) fn event(&self, event: Event, times: u64) {
        self.events[event as usize].fetch_add(times, Ordering::Relaxed);
    }

    /// The Prometheus text format, version 0.0.4. `down` are the providers whose circuit is open, with all others.
    pub(crate) fn text<'a>(&self, down: impl Iterator<Item = (&'a str, bool)>) -> String {
        let mut text = String::new();
        let section = |name: &str, kind: &str, help: &str| {
            format!("# HELP convoke_broker_{name} {help}\n# TYPE convoke_broker_{name} {kind}\n")
        };
        text += &section("requests_total", "counter", "Requests answered.");
        let requests = self.requests.read().unwrap_or_else(PoisonError::into_inner);
        let mut lines = Vec::new();
        for (route, counts) in requests.iter() {
            for (method, status, count) in lock(counts).iter() {
                lines.push(format!(
                    "convoke_broker_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {count}\n"
                ));
            }
        }
        lines.sort_unstable();
        text.extend(lines);
        text += &section("upstream_calls_total", "counter", "Calls to providers, by outcome.");
        for (provider, calls) in lock(&self.calls).iter() {
            for ((call, outcome), count) in calls {
                let call = call.as_str();
                let _ = writeln!(
                    text,
                    "convoke_broker_upstream_calls_total{{provider=\"{provider}\",call=\"{call}\",outcome=\"{outcome}\"}} {count}",
                );
            }
        }
        text += &section("upstream_seconds", "histogram", "How long providers took to answer.");
        for (provider, histogram) in lock(&self.durations).iter() {
            histogram.write(&mut text, provider);
        }
        text += &section("provider_down", "gauge", "1 while calls to a provider are held back after failures.");
        for (provider, is_down) in down {
            let _ = writeln!(text, "convoke_broker_provider_down{{provider=\"{provider}\"}} {}", u8::from(is_down));
        }
        text += &section("events_total", "counter", "Sessions, sealed copies and limits.");
        for (event, name) in Event::ALL {
            let count = self.events[event as usize].load(Ordering::Relaxed);
            let _ = writeln!(text, "convoke_broker_events_total{{event=\"{name}\"}} {count}");
        }
        text
    }
}

impl Histogram {
    fn write(&self, text: &mut String, provider: &str) {
        let mut line = |end: &str, value: &dyn std::fmt::Display| {
            let _ = writeln!(text, "convoke_broker_upstream_seconds{end} {value}");
        };
        for (count, bound) in self.buckets.iter().zip(BOUNDS) {
            line(&format!("_bucket{{provider=\"{provider}\",le=\"{bound}\"}}"), count);
        }
        line(&format!("_bucket{{provider=\"{provider}\",le=\"+Inf\"}}"), &self.count);
        line(&format!("_sum{{provider=\"{provider}\"}}"), &self.sum);
        line(&format!("_count{{provider=\"{provider}\"}}"), &self.count);
    }
}

/// The value of `provider`, without a new key for one that is known.
fn of_provider<'a, T: Default>(all: &'a mut BTreeMap<String, T>, provider: &str) -> &'a mut T {
    if !all.contains_key(provider) {
        all.insert(provider.to_owned(), T::default());
    }
    all.get_mut(provider).expect("it was inserted")
}

fn add(counts: &mut Requests, method: &'static str, status: u16) {
    match counts.iter_mut().find(|(known, code, _)| *known == method && *code == status) {
        Some((.., count)) => *count += 1,
        None => counts.push((method, status, 1)),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_stand_under_their_labels() {
        let metrics = Metrics::default();
        metrics.request("GET", "/a", 200);
        metrics.request("GET", "/a", 200);
        metrics.request("POST", "/a", 400);
        metrics.called("zoom", UpstreamCall::Refresh, "ok");
        metrics.took("zoom", Duration::from_millis(60));
        metrics.event(Event::ReplayServed, 3);
        let text = metrics.text([("zoom", true)].into_iter());
        for line in [
            r#"convoke_broker_requests_total{method="GET",route="/a",status="200"} 2"#,
            r#"convoke_broker_requests_total{method="POST",route="/a",status="400"} 1"#,
            r#"convoke_broker_upstream_calls_total{provider="zoom",call="refresh",outcome="ok"} 1"#,
            r#"convoke_broker_upstream_seconds_bucket{provider="zoom",le="0.05"} 0"#,
            r#"convoke_broker_upstream_seconds_bucket{provider="zoom",le="0.1"} 1"#,
            r#"convoke_broker_upstream_seconds_bucket{provider="zoom",le="+Inf"} 1"#,
            r#"convoke_broker_upstream_seconds_count{provider="zoom"} 1"#,
            r#"convoke_broker_provider_down{provider="zoom"} 1"#,
            r#"convoke_broker_events_total{event="replay_served"} 3"#,
            "# TYPE convoke_broker_upstream_seconds histogram",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
