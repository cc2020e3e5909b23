//! Every zone of the tz database, 2024 to 2037: no wall time is guessed, none is lost on its way through any provider's form.

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, SecondsFormat, TimeZone as _, Timelike as _, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use convoke_core::{
    account::ProviderKind,
    error::IssueCode,
    meeting::{DraftInput, Fold, MeetingTime, Recurrence, occurrences::occurrences},
    provider::provider,
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The moments at which the offset of a zone changes: by days, then by halves, to the second.
fn changes(zone: Tz) -> Vec<DateTime<Utc>> {
    let offset = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local() - at.naive_utc();
    let mut found = Vec::new();
    let (mut day, end) = (at("2024-01-01T00:00:00Z"), at("2038-01-01T00:00:00Z"));
    while day < end {
        let (mut low, mut high) = (day, day + Duration::days(1));
        day = high;
        if offset(low) == offset(high) {
            continue;
        }
        let before = offset(low);
        while high - low > Duration::seconds(1) {
            let middle = low + Duration::seconds((high - low).num_seconds() / 2);
            if offset(middle) == before { low = middle } else { high = middle }
        }
        found.push(high);
    }
    found
}

fn typed(zone: Tz, wall: NaiveDateTime, fold: Option<Fold>) -> DraftInput {
    DraftInput {
        subject: "x".into(),
        start: wall.format("%Y-%m-%dT%H:%M:%S").to_string(),
        duration_minutes: Some(45),
        zone: zone.name().into(),
        fold,
        ..DraftInput::default()
    }
}

fn check(input: &DraftInput) -> Result<MeetingTime, IssueCode> {
    let can = provider(ProviderKind::Zoom).capabilities();
    // Twenty years ahead is the most that a draft may be, so that 2037 is within.
    let now = at("2023-12-01T00:00:00Z");
    input.check(now, &can).map(|draft| draft.time).map_err(|issues| issues[0].problem)
}

#[test]
fn around_every_clock_change_a_wall_time_is_one_instant_or_a_question() {
    let (mut looked, mut skipped, mut doubled) = (0, 0, 0);
    for zone in TZ_VARIANTS {
        for change in changes(zone) {
            for minutes in (-150..=150).step_by(15) {
                let wall = change.with_timezone(&zone).naive_local() + Duration::minutes(minutes);
                looked += 1;
                match zone.from_local_datetime(&wall) {
                    LocalResult::Single(time) => assert_eq!(check(&typed(zone, wall, None)).unwrap().start, time),
                    LocalResult::None => {
                        skipped += 1;
                        for fold in [None, Some(Fold::Earlier), Some(Fold::Later)] {
                            assert_eq!(
                                check(&typed(zone, wall, fold)),
                                Err(IssueCode::SkippedByClockChange),
                                "{zone} {wall}"
                            );
                        }
                    }
                    LocalResult::Ambiguous(first, second) => {
                        doubled += 1;
                        assert_eq!(check(&typed(zone, wall, None)), Err(IssueCode::HappensTwice), "{zone} {wall}");
                        assert_eq!(check(&typed(zone, wall, Some(Fold::Earlier))).unwrap().start, first);
                        assert_eq!(check(&typed(zone, wall, Some(Fold::Later))).unwrap().start, second);
                        assert!(first < second);
                    }
                }
            }
        }
    }
    println!("{} zones: {looked} wall times, {skipped} skipped, {doubled} doubled", TZ_VARIANTS.len());
    assert!(skipped > 1_000 && doubled > 1_000);
}

/// What goes over the wire as an instant, as an offset with a zone, or as UTC alone comes back as the same wall time in the
/// same zone: from the answer, or with the zone that the register kept.
#[test]
fn every_form_on_the_wire_keeps_the_wall_time() {
    for zone in TZ_VARIANTS {
        let walls = changes(zone).into_iter().map(|at| at + Duration::hours(5)).chain([at("2031-06-15T12:34:00Z")]);
        for instant in walls {
            let time = MeetingTime { start: instant.with_timezone(&zone), minutes: 30 };
            // Zoom and Graph: UTC to the second; the zone beside it, or from the register.
            let utc = time.start_utc().to_rfc3339_opts(SecondsFormat::Secs, true);
            let back = DateTime::parse_from_rfc3339(&utc).unwrap().with_timezone(&zone);
            assert_eq!((back, back.naive_local()), (time.start, time.start.naive_local()), "{zone}");
            // Webex: the offset in the text. Offsets with seconds ended long before.
            let offset = convoke_core::meeting::rfc3339(&time.start);
            assert_eq!(
                DateTime::parse_from_rfc3339(&offset).unwrap().with_timezone(&zone),
                time.start,
                "{zone} {offset}"
            );
            assert_eq!(zone.name().parse::<Tz>(), Ok(zone));
        }
    }
}

#[test]
fn a_daily_series_keeps_its_wall_time_over_every_clock_change() {
    for zone in TZ_VARIANTS {
        for change in changes(zone) {
            let first = (change - Duration::days(2)).with_timezone(&zone);
            let time = MeetingTime { start: first, minutes: 30 };
            let series = Recurrence::parse("FREQ=DAILY;COUNT=5", zone).unwrap();
            let dates = occurrences(&time, &series, 9);
            assert_eq!(dates.len(), 5, "{zone} {first}");
            for (day, date) in dates.iter().enumerate() {
                let wall = first.naive_local() + Duration::days(i64::try_from(day).unwrap());
                match zone.from_local_datetime(&wall) {
                    // The first date is the one that was chosen, also where it is the second of two.
                    LocalResult::Single(_) | LocalResult::Ambiguous(..) => {
                        assert_eq!(date.start.naive_local(), wall, "{zone}");
                    }
                    // Read with the offset before: later by as much as the clock jumped.
                    LocalResult::None => assert!(date.start.naive_local() > wall, "{zone} {wall}"),
                }
                assert_eq!(date.start.naive_local().second(), wall.second());
            }
        }
    }
}
