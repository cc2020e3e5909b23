//! One line per request: method, route template, status, microseconds. Never a query, a body or a header.

mod json_line;

use std::io::stderr;

use axum::http::Method;
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{FilterExt as _, filter_fn},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use json_line::JsonLine;

/// Target of the audit lines.
const AUDIT: &str = "convoke_broker::audit";

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LogFormat {
    /// One JSON object a line.
    #[default]
    Json,
    /// Words for a person at a terminal.
    Text,
}

/// Starts logging to standard error. `directives` are those of `RUST_LOG`; they reach this program's own targets only:
/// other crates' debug output holds headers and bodies, so it stays at warnings whatever is asked for.
pub fn start_logging(format: LogFormat, directives: Option<&str>) {
    let filter = EnvFilter::builder().parse_lossy(directives.filter(|text| !text.is_empty()).unwrap_or("info"));
    // Who ended whose sign-in is told whatever the level.
    let filter = filter.or(filter_fn(|metadata| metadata.target() == AUDIT)).and(filter_fn(is_told));
    let layer = fmt::layer().with_ansi(false).with_writer(stderr);
    // A second start in one process keeps the first.
    let _ = match format {
        LogFormat::Json => {
            let layer = layer.event_format(JsonLine);
            tracing_subscriber::registry().with(layer.with_filter(filter)).try_init()
        }
        LogFormat::Text => tracing_subscriber::registry().with(layer.with_filter(filter)).try_init(),
    };
}

fn is_told(metadata: &Metadata<'_>) -> bool {
    metadata.target().starts_with("convoke") || *metadata.level() <= Level::WARN
}

/// A method's name out of a fixed list: what a stranger makes up does not reach the log.
pub(crate) fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
