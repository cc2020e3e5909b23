//! What leads where, over every state and every event.

use super::*;

const REASONS: [Reason; 7] = [
    Reason::Refused,
    Reason::Unauthorized,
    Reason::Damaged,
    Reason::SessionOver,
    Reason::Missing,
    Reason::OtherOrganisation,
    Reason::NoBroker,
];

fn outcomes() -> Vec<Outcome> {
    let mut all = vec![
        Outcome::Refreshed,
        Outcome::Unchanged,
        Outcome::Transient { cause: ErrorCode::Unreachable, retry_at: None },
        Outcome::KeyringWait,
        Outcome::Cancelled,
    ];
    all.extend(REASONS.map(Outcome::Rejected));
    all
}

fn events() -> Vec<Event> {
    let mut all =
        vec![Event::Aged, Event::Asked, Event::Worked, Event::NotSaved, Event::Saved, Event::SignedIn, Event::Removed];
    all.extend(outcomes().into_iter().map(Event::Ended));
    all
}

fn lives() -> Vec<Life> {
    let mut all =
        vec![Life::Fresh, Life::ExpiringSoon, Life::Refreshing, Life::RenewedUnsaved, Life::KeyringWait, Life::Removed];
    all.extend(REASONS.map(Life::NeedsSignIn));
    all
}

#[test]
fn only_a_rejection_kills() {
    for life in lives() {
        for event in events() {
            let died = life.is_alive() && matches!(life.after(event), Life::NeedsSignIn(_));
            assert_eq!(
                died,
                life.is_alive() && matches!(event, Event::Ended(Outcome::Rejected(_))),
                "{life:?} {event:?}"
            );
        }
    }
}

#[test]
fn only_a_sign_in_or_working_tokens_revive() {
    for reason in REASONS {
        for event in events() {
            let revived = Life::NeedsSignIn(reason).after(event).is_alive();
            let may = matches!(
                event,
                Event::SignedIn
                    | Event::Worked
                    | Event::NotSaved
                    | Event::Saved
                    | Event::Ended(Outcome::Refreshed | Outcome::Unchanged)
            );
            assert_eq!(revived, may, "{event:?}");
        }
    }
}

#[test]
fn what_waits_in_memory_waits_until_it_is_saved() {
    for event in events() {
        let next = Life::RenewedUnsaved.after(event);
        let leaves = matches!(
            event,
            Event::Saved | Event::SignedIn | Event::Removed | Event::Ended(Outcome::Refreshed | Outcome::Rejected(_))
        );
        assert_eq!(next != Life::RenewedUnsaved, leaves, "{event:?}");
    }
}

#[test]
fn removed_is_the_end() {
    for event in events() {
        assert_eq!(Life::Removed.after(event), Life::Removed);
    }
    for life in lives() {
        assert_eq!(life.after(Event::Removed), Life::Removed);
    }
}

#[test]
fn no_trouble_on_the_way_is_a_rejection() {
    for code in [
        ErrorCode::RateLimited,
        ErrorCode::Unavailable,
        ErrorCode::BadAnswer,
        ErrorCode::Unreachable,
        ErrorCode::Intercepted,
        ErrorCode::Tls,
        ErrorCode::Busy,
        ErrorCode::Storage,
        ErrorCode::OutcomeUnknown,
    ] {
        let outcome = Outcome::of(&Error::new(code));
        assert_eq!(outcome, Outcome::Transient { cause: code, retry_at: None });
    }
    for code in [ErrorCode::KeyringLocked, ErrorCode::KeyringAbsent, ErrorCode::KeyringFailed, ErrorCode::KeyringOther]
    {
        assert_eq!(Outcome::of(&Error::new(code)), Outcome::KeyringWait);
    }
    assert_eq!(
        Outcome::of(&Error::new(ErrorCode::SignInRequired).detail(SESSION_OVER)),
        Outcome::Rejected(Reason::SessionOver)
    );
    let forbidden = Error::new(ErrorCode::NotPermitted);
    assert_eq!(Outcome::of(&forbidden), Outcome::Unchanged, "a 403 is not about the token");
    let later = Outcome::Transient { cause: ErrorCode::NotPermitted, retry_at: None };
    assert_eq!(
        Outcome::of_renewal(&forbidden),
        later,
        "a registration that is refused is not a renewal that went well"
    );
    let damaged = Error::new(ErrorCode::KeyringFailed).detail(DAMAGED);
    assert_eq!(Outcome::of(&damaged), Outcome::Rejected(Reason::Damaged));
    let twice = Error::new(ErrorCode::SignInRequired).detail(UNAUTHORIZED);
    assert_eq!(Outcome::of(&twice), Outcome::Rejected(Reason::Unauthorized));
}

#[test]
fn waits_grow_to_a_quarter_of_an_hour_and_differ_by_a_fifth() {
    let seconds = |failures, asked: Option<u64>| wait_after(failures, asked.map(Duration::from_secs), 0.5).as_secs();
    assert_eq!((seconds(1, None), seconds(2, None), seconds(4, None)), (5, 10, 40));
    assert_eq!((seconds(30, None), seconds(u32::MAX, None)), (900, 900));
    assert_eq!((seconds(1, Some(60)), seconds(1, Some(86_400)), seconds(9, Some(1))), (60, 900, 900));
    assert_eq!(wait_after(1, None, 0.0), Duration::from_secs(4));
    assert_eq!(wait_after(1, None, 1.0), Duration::from_secs(6));
}

#[test]
fn an_outage_is_asked_about_less_and_less() {
    let at = |seconds| Uptime { start: 1, since: Duration::from_secs(seconds) };
    let failed = Event::Ended(Outcome::Transient { cause: ErrorCode::Unavailable, retry_at: None });
    // Ten minutes of outage with a look every second: so many requests leave.
    let (mut watch, mut asked) = (Watch::default(), 0);
    for second in 0..600 {
        if watch.may_ask(at(second)) {
            asked += 1;
            watch = watch.after(failed, at(second), None, 0.5);
        }
    }
    assert_eq!(asked, 7);
    let well = watch.after(Event::Ended(Outcome::Refreshed), at(600), None, 0.5);
    assert_eq!((well.failures, well.may_ask(at(600))), (0, true));
    // A success at the provider says nothing of the broker.
    assert_eq!(watch.after(Event::Worked, at(600), None, 0.5).failures, watch.failures);
    // What a server asked for is waited for, whoever else comes through.
    let asked = Watch::default().after(failed, at(0), Some(Duration::from_secs(300)), 0.5);
    assert!(!asked.hurried().may_ask(at(1)) && watch.hurried().may_ask(at(1)));
    // The waits are of one start of the computer.
    assert!(watch.may_ask(Uptime { start: 2, since: Duration::ZERO }));
}
