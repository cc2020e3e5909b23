//! Days and dates of sign-ins, and what is due.

use super::*;
use crate::{
    clock::Uptime,
    credential::life::{Event, Outcome},
    error::ErrorCode,
};

fn day(days: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + Duration::days(days)
}

fn moment(days: i64) -> Moment {
    Moment { wall: day(days), uptime: Uptime { start: 1, since: StdDuration::from_secs(60) } }
}

fn look() -> Look {
    Look {
        provider: ProviderKind::Zoom,
        health: AccountHealth::Ok,
        watch: Watch::default(),
        is_unsaved: false,
        is_unfinished: false,
        keyring_is_open: true,
        last_refresh: Some(day(0)),
        ends: Ends::default(),
    }
}

#[test]
fn a_sign_in_is_used_at_half_of_its_idle_time() {
    for (provider, half) in [(ProviderKind::Zoom, 45), (ProviderKind::Goto, 15)] {
        let look = Look { provider, ..look() };
        assert_eq!(due(&look, moment(half - 1)), Due::Nothing);
        assert_eq!(due(&look, moment(half)), Due::KeepAlive);
    }
    let sametime = Look { provider: ProviderKind::Sametime, ..look() };
    assert_eq!(due(&sametime, moment(1000)), Due::Nothing, "nobody knows its limit");
    let session = Ends { unused_by: Some(day(1)), whole_by: Some(day(30)) };
    assert_eq!(keep_alive_at(ProviderKind::Webex, Some(day(0)), session), Some(day(0) + Duration::hours(12)));
    let nearly_over = Ends { unused_by: Some(day(0) + Duration::minutes(4)), whole_by: None };
    assert_eq!(
        keep_alive_at(ProviderKind::Webex, Some(day(0)), nearly_over),
        Some(day(0) + Duration::hours(1)),
        "the nearer the end, the more often, down to an hour"
    );
}

#[test]
fn a_clock_that_runs_away_keeps_nothing_alive_twice_an_hour() {
    let seconds = |seconds| Uptime { start: 1, since: StdDuration::from_secs(seconds) };
    let watch = Watch::default().after(Event::Ended(Outcome::Refreshed), seconds(60), None, 0.5);
    let at = |uptime| due(&Look { watch, ..look() }, Moment { wall: day(4_000), uptime });
    assert_eq!((at(seconds(61)), at(seconds(3_659))), (Due::Nothing, Due::Nothing));
    assert_eq!(at(seconds(3_660)), Due::KeepAlive);
    assert_eq!(at(Uptime { start: 2, ..seconds(61) }), Due::KeepAlive, "another start of the computer");
}

#[test]
fn a_person_is_told_a_week_before_or_at_four_fifths() {
    let by = |now| sign_in_by(ProviderKind::Zoom, Some(day(0)), Ends::default(), day(now));
    assert_eq!((by(71), by(72)), (None, Some(day(90))));
    let goto = |now| sign_in_by(ProviderKind::Goto, Some(day(0)), Ends::default(), day(now));
    assert_eq!((goto(22), goto(23)), (None, Some(day(30))));
    // What cannot be put off is always said; it is near in its last week.
    let ends = Ends { unused_by: Some(day(1)), whole_by: Some(day(30)) };
    let forced = sign_in_by(ProviderKind::Zoom, Some(day(0)), ends, day(0));
    assert_eq!((forced, is_expiring(forced, ends, day(22))), (Some(day(30)), false));
    assert!(is_expiring(forced, ends, day(23)));
    // A session of a day is no alarm every morning.
    assert_eq!(
        sign_in_by(ProviderKind::Zoom, Some(day(0)), Ends { whole_by: None, ..ends }, day(0) + Duration::hours(11)),
        None
    );
}

#[test]
fn nothing_is_done_for_a_dead_or_locked_sign_in() {
    let dead = Look { health: AccountHealth::NeedsSignIn, is_unfinished: true, ..look() };
    assert_eq!(due(&dead, moment(89)), Due::Nothing);
    assert_eq!(due(&Look { is_unsaved: true, ..dead }, moment(89)), Due::Finish, "the only copy there is");
    let shut = Look { keyring_is_open: false, is_unsaved: true, ..look() };
    assert_eq!(due(&shut, moment(89)), Due::Park);
    for health in [AccountHealth::Locked, AccountHealth::NeedsSignIn] {
        assert_eq!(due(&Look { health, ..shut }, moment(89)), Due::Nothing);
    }
}

#[test]
fn a_token_of_gotomeeting_ages_while_it_is_used() {
    let renewal = |days, has_rotated| Renewal {
        at: day(days),
        expires_at: None,
        scopes: Vec::new(),
        ends: Ends::default(),
        has_rotated,
    };
    let goto = |before, renewal: &Renewal| ends_after(ProviderKind::Goto, before, renewal);
    let first = goto(Ends::default(), &renewal(0, true));
    let used = goto(first, &renewal(20, false));
    assert_eq!((first.unused_by, used.unused_by), (Some(day(30)), Some(day(30))));
    assert_eq!(goto(used, &renewal(29, true)).unused_by, Some(day(59)));
    assert_eq!(ends_after(ProviderKind::Zoom, first, &renewal(20, false)), Ends::default());
    // The nearer its end, the more often another one is asked for.
    let at = |days| keep_alive_at(ProviderKind::Goto, Some(day(days)), used);
    assert_eq!((at(20), at(29)), (Some(day(25)), Some(day(29) + Duration::hours(12))));
    assert_eq!(sign_in_by(ProviderKind::Goto, Some(day(22)), used, day(26)), Some(day(30)));
}

#[test]
fn what_was_begun_is_finished_first() {
    let locked_before = Look { health: AccountHealth::Locked, ..look() };
    assert_eq!(due(&locked_before, moment(0)), Due::Recheck);
    assert_eq!(due(&Look { is_unsaved: true, ..locked_before }, moment(0)), Due::Finish);
    assert_eq!(due(&Look { is_unfinished: true, ..look() }, moment(50)), Due::Finish);
}

#[test]
fn an_outage_is_waited_out() {
    let now = moment(0);
    let failed = Event::Ended(Outcome::Transient { cause: ErrorCode::Unavailable, retry_at: None });
    let watch = Watch::default().after(failed, now.uptime, None, 0.5);
    let outage = Look { health: AccountHealth::Unreachable, watch, is_unfinished: true, ..look() };
    assert_eq!(due(&outage, now), Due::Nothing);
    assert_eq!(
        due(&Look { is_unsaved: true, ..outage }, now),
        Due::Nothing,
        "nor is a full keyring written to all day"
    );
    let later = Moment { uptime: Uptime { since: now.uptime.since + StdDuration::from_secs(5), ..now.uptime }, ..now };
    assert_eq!(due(&outage, later), Due::Finish);
}
