//! A log line as one JSON object: instant, level, the event's own fields, target.

use std::{cell::RefCell, fmt};

use chrono::{DateTime, Utc};
use serde_json::json;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext,
        format::{FormatEvent, FormatFields, Writer},
    },
    registry::LookupSpan,
};

use crate::grammar;

/// Writes each field as it comes: a line for every request is not worth a tree of values first.
pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        line.write_str("{\"timestamp\":\"")?;
        write_instant(&mut line, now())?;
        line.write_str("\",\"level\":\"")?;
        line.write_str(metadata.level().as_str())?;
        line.write_char('"')?;
        let mut fields = Fields { line: line.by_ref(), written: Ok(()) };
        event.record(&mut fields);
        fields.written?;
        line.write_str(",\"target\":\"")?;
        line.write_str(metadata.target())?;
        line.write_str("\"}\n")
    }
}

#[expect(clippy::disallowed_methods, reason = "a log line tells when it was written, and decides nothing")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// RFC 3339 with microseconds. The seconds are written once for all lines of one.
fn write_instant(line: &mut Writer<'_>, instant: DateTime<Utc>) -> fmt::Result {
    thread_local! {
        static SECOND: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
    }
    SECOND.with_borrow_mut(|(second, text)| {
        if *second != instant.timestamp() {
            *second = instant.timestamp();
            *text = instant.format("%Y-%m-%dT%H:%M:%S").to_string();
        }
        write!(line, "{text}.{:06}Z", instant.timestamp_subsec_micros())
    })
}

struct Fields<'a> {
    line: Writer<'a>,
    written: fmt::Result,
}

impl Fields<'_> {
    fn write(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if self.written.is_ok() {
            self.written = write!(self.line, ",\"{}\":{value}", field.name());
        }
    }
}

impl Visit for Fields<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, format_args!("{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field, format_args!("{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let is_plain = |byte: u8| (b' '..=b'~').contains(&byte) && byte != b'"' && byte != b'\\';
        if grammar::every(value.as_bytes(), is_plain) {
            self.write(field, format_args!("\"{value}\""));
        } else {
            self.write(field, format_args!("{}", json!(value)));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use serde_json::Value;
    use tracing_subscriber::{fmt::layer, layer::SubscriberExt as _};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("whole").write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_instant_is_that_of_the_line() {
        let mut text = String::new();
        for micros in [1_700_000_000_000_001, 1_700_000_000_999_999, 1_700_000_001_000_000, 1_600_000_000_000_000] {
            let instant = DateTime::from_timestamp_micros(micros).expect("in range");
            write_instant(&mut Writer::new(&mut text), instant).expect("room");
            let expected = instant.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
            assert_eq!(std::mem::take(&mut text), expected);
        }
    }

    #[test]
    fn each_line_is_one_object_whatever_is_in_it() {
        let nasty = "a \"quote\", a \\, a\nline, ä and \u{7f}";
        let lines = Lines::default();
        let out = lines.clone();
        let layer = layer().event_format(JsonLine).with_writer(move || out.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::info!(target: "a", text = nasty, shown = %nasty, number = 7, less = -7_i64, is = true);
            tracing::warn!("said {nasty}");
        });
        let bytes = lines.0.lock().expect("whole").clone();
        let lines = String::from_utf8(bytes).expect("text");
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
        assert_eq!((&lines[0]["text"], &lines[0]["shown"]), (&json!(nasty), &json!(nasty)));
        assert_eq!((&lines[0]["number"], &lines[0]["less"], &lines[0]["is"]), (&json!(7), &json!(-7), &json!(true)));
        assert_eq!((&lines[0]["level"], &lines[0]["target"]), (&json!("INFO"), &json!("a")));
        assert!(lines[0]["timestamp"].as_str().is_some_and(|text| text.ends_with('Z')));
        assert_eq!((&lines[1]["message"], lines.len()), (&json!(format!("said {nasty}")), 2));
    }
}
