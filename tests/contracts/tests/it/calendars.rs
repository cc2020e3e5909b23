//! Two hundred meetings, zones by rules by exceptions: an independent reader finds the same instants in their calendar
//! entries, and an independent expander the same dates of their rules.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeZone as _, Utc};
use chrono_tz::Tz;
use convoke_contracts::read;
use convoke_core::{
    account::{AccountId, Identity, ProviderKind},
    meeting::{
        JoinUrl, Meeting, MeetingId, MeetingOptions, MeetingState, MeetingTime, Recurrence,
        invitation::calendar,
        occurrences::{first, occurrences, walls},
        recurrence::{Rule, RuleEnd},
    },
};
use serde_json::{Value, json};

const MEETINGS: usize = 200;
/// So many occurrences of each are compared.
const COMPARED: usize = 80;

const ZONES: [&str; 20] = [
    "Europe/Zurich",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "America/Sao_Paulo",
    "Pacific/Auckland",
    "Africa/Casablanca",
    "America/St_Johns",
    "Asia/Kathmandu",
    "UTC",
    "Europe/London",
    "Pacific/Chatham",
    "America/Santiago",
    "Asia/Tehran",
    "Africa/Cairo",
    "America/Los_Angeles",
    "Pacific/Apia",
    "Asia/Tokyo",
    "America/Scoresbysund",
];

/// Each fits any start: what it says of days is completed by the start's own.
const RULES: [&str; 20] = [
    "",
    "FREQ=DAILY;COUNT=40",
    "FREQ=DAILY;INTERVAL=3;COUNT=40",
    "FREQ=WEEKLY;COUNT=60",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY={day},SA,SU;COUNT=50",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY={day},SU;WKST=SU;COUNT=30",
    "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=70",
    "FREQ=MONTHLY;COUNT=24",
    "FREQ=MONTHLY;BYMONTHDAY={date};COUNT=24",
    "FREQ=MONTHLY;BYDAY={nth}{day};COUNT=24",
    "FREQ=MONTHLY;BYMONTHDAY={date},-1;COUNT=30",
    "FREQ=MONTHLY;INTERVAL=2;BYDAY={day};COUNT=30",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS={date};COUNT=20",
    "FREQ=YEARLY;COUNT=10",
    "FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{day};COUNT=10",
    "FREQ=YEARLY;INTERVAL=2;BYMONTHDAY={date};BYMONTH={month},12;COUNT=10",
    "FREQ=WEEKLY;UNTIL={until}",
    "FREQ=DAILY;INTERVAL=2;UNTIL={until}",
    "FREQ=MONTHLY;UNTIL={until}",
    "FREQ=WEEKLY",
];

/// The same numbers in every run (Knuth's multiplier).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

fn rule_text(pattern: &str, start: NaiveDateTime, zone: Tz) -> String {
    const DAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
    let date = start.date();
    let day = DAYS[chrono::Datelike::weekday(&date).num_days_from_monday() as usize];
    let nth = (chrono::Datelike::day(&date) - 1) / 7 + 1;
    let until = zone.from_local_datetime(&(start + Days::new(400))).latest().map(|time| time.to_utc());
    pattern
        .replace("{day}", day)
        .replace("{date}", &chrono::Datelike::day(&date).to_string())
        .replace("{nth}", &nth.to_string())
        .replace("{month}", &chrono::Datelike::month(&date).to_string())
        .replace("{until}", &until.unwrap_or_default().format("%Y%m%dT%H%M%SZ").to_string())
}

fn meeting(number: usize, chance: &mut Chance) -> Meeting {
    let zone: Tz = ZONES[number % ZONES.len()].parse().unwrap();
    let pattern = RULES[(number / ZONES.len() + number) % RULES.len()];
    let minutes = [15, 30, 45, 90, 300, 1_439][number % 6];
    let (time, recurrence) = loop {
        let date = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap() + Days::new(chance.below(700));
        // Half past two is where most clocks change; every quarter of an hour is tried.
        let hour = if chance.below(3) == 0 { 2 } else { u32::try_from(chance.below(24)).unwrap() };
        let wall =
            date.and_time(NaiveTime::from_hms_opt(hour, u32::try_from(chance.below(4)).unwrap() * 15, 0).unwrap());
        // A start that is skipped or happens twice is asked about, not guessed.
        let Some(start) = zone.from_local_datetime(&wall).single() else { continue };
        let time = MeetingTime { start, minutes };
        if pattern.is_empty() {
            break (time, None);
        }
        let rule = Rule::parse(&rule_text(pattern, wall, zone), zone).unwrap();
        if first(&time, &rule) != Some(wall) {
            continue;
        }
        let dates = walls(&rule, wall, zone, COMPARED);
        let left_out = dates.iter().skip(1).filter(|_| chance.below(9) == 0).copied().collect::<Vec<_>>();
        break (time, Some(Recurrence::new(rule).without(left_out)));
    };
    Meeting {
        id: MeetingId(format!("m-{number:010}")),
        account: AccountId::new(ProviderKind::Zoom, [0; 6]),
        provider: ProviderKind::Zoom,
        provider_id: format!("9{number:010}"),
        subject: format!(
            "Pr\u{fc}fung {number}; \u{201c}Q1\u{201d}, \\ and \u{4f1a}\u{8b70} {}",
            "\u{e4}".repeat(number % 60)
        ),
        time: Some(time),
        join_url: JoinUrl::parse(&format!("https://example.com/j/9{number:010}?pwd={}", "x".repeat(number % 90))),
        passcode: Some("123;456,".into()),
        dial_in: Some("+41 43 555 01 00 (Switzerland)".into()),
        agenda: format!("First line, with; marks\\\n\nLast line {}", "w\u{f6}rter ".repeat(number % 30))
            .trim_end()
            .to_owned(),
        invitees: if number.is_multiple_of(2) { vec!["ben@example.com".into()] } else { Vec::new() },
        sip: number.is_multiple_of(3).then(|| format!("9{number:010}@example.com")),
        recurrence,
        options: MeetingOptions::NONE,
        series: None,
        sequence: u32::try_from(number % 7).unwrap(),
        state: MeetingState::Scheduled,
    }
}

fn meetings() -> Vec<Meeting> {
    let mut chance = Chance(20_270_101);
    (0..MEETINGS).map(|number| meeting(number, &mut chance)).collect()
}

fn instants(meeting: &Meeting) -> Vec<String> {
    let time = meeting.time.unwrap();
    let times = match &meeting.recurrence {
        Some(series) => occurrences(&time, series, COMPARED),
        None => vec![time],
    };
    times.iter().map(|time| time.start_utc().to_rfc3339_opts(SecondsFormat::Millis, true)).collect()
}

#[test]
fn an_independent_reader_finds_the_same_instants() {
    let organizer = Identity { subject: "1".into(), address: "ana@example.com".into(), name: Some("Ana Lopez".into()) };
    let now: DateTime<Utc> = "2027-01-10T12:00:00Z".parse().unwrap();
    let meetings = meetings();
    let entries: Vec<String> =
        meetings.iter().map(|meeting| calendar(meeting, &organizer, now).expect("it has a time")).collect();
    for entry in &entries {
        assert!(entry.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{entry}");
    }
    let questions: Vec<Value> = entries.iter().map(|ics| json!({"ics": ics, "most": COMPARED})).collect();
    let (mut compared, mut changing) = (0, 0);
    for ((meeting, entry), read) in meetings.iter().zip(&entries).zip(read(&questions)) {
        let expected = instants(meeting);
        assert_eq!(read["starts"], json!(expected), "{} {entry}\n{read}", meeting.id.0);
        let defined = read["byDefinition"].as_array().unwrap();
        for (defined, expected) in defined.iter().zip(&expected) {
            assert!(defined == expected || defined == "clock change", "{defined} {expected} {entry}");
        }
        changing += defined.iter().filter(|one| *one == "clock change").count();
        compared += expected.len();
        let invites = !meeting.invitees.is_empty();
        assert_eq!(read["method"], if invites { "REQUEST" } else { "PUBLISH" });
        assert_eq!(read["attendees"].as_array().unwrap().len(), meeting.invitees.len());
        assert_eq!(read["uid"], format!("{}@convoke", meeting.id.0));
        assert_eq!(read["sequence"], meeting.sequence);
        assert_eq!(read["subject"], meeting.subject);
        assert!(read["description"].as_str().unwrap().ends_with(&meeting.agenda), "{read}");
        assert_eq!(read["seconds"], meeting.time.unwrap().minutes * 60);
        assert_eq!(read["url"], meeting.join_url.as_ref().unwrap().as_str());
        assert_eq!(read["conferences"][0], meeting.join_url.as_ref().unwrap().as_str());
        assert_eq!(read["conferences"].as_array().unwrap().len(), 2 + usize::from(meeting.sip.is_some()));
    }
    assert!(changing * 100 < compared, "the definitions of the zones were hardly read");
    println!(
        "calendar entries: {MEETINGS} meetings, {compared} instants, all the same; {changing} in the hour of a clock change"
    );
}

#[test]
fn an_independent_expander_finds_the_same_dates() {
    let meetings: Vec<Meeting> = meetings().into_iter().filter(|meeting| meeting.recurrence.is_some()).collect();
    // Where a rule ends at an instant, the end is ours to judge: the expander knows no zone.
    let open = |rule: &Rule| match rule.end {
        RuleEnd::Until(_) => rule.ending(RuleEnd::Never),
        _ => rule.clone(),
    };
    let question = |meeting: &Meeting| {
        let (time, series) = (meeting.time.unwrap(), meeting.recurrence.as_ref().unwrap());
        let start = time.start.naive_local().format("%Y%m%dT%H%M%S").to_string();
        json!({"rule": open(&series.rule).text(), "start": start, "most": COMPARED})
    };
    let questions: Vec<Value> = meetings.iter().map(question).collect();
    for (meeting, read) in meetings.iter().zip(read(&questions)) {
        let (time, series) = (meeting.time.unwrap(), meeting.recurrence.as_ref().unwrap());
        let ours = walls(&open(&series.rule), time.start.naive_local(), time.zone(), COMPARED);
        let ours: Vec<String> = ours.iter().map(|wall| wall.format("%Y-%m-%dT%H:%M:%S").to_string()).collect();
        assert_eq!(read["walls"], json!(ours), "{} {}", series.rule.text(), time.start);
    }
    println!("rules: {} of {MEETINGS} meetings repeat, all expand to the same dates", meetings.len());
}

#[test]
fn the_reader_can_disagree() {
    let organizer = Identity { subject: "1".into(), address: "ana@example.com".into(), name: None };
    let now: DateTime<Utc> = "2027-01-10T12:00:00Z".parse().unwrap();
    let meetings = meetings();
    let weekly = meetings.iter().find(|meeting| {
        meeting.recurrence.as_ref().is_some_and(|series| series.rule.text() == "FREQ=WEEKLY;COUNT=60")
            && meeting.time.unwrap().zone() == Tz::Europe__Zurich
    });
    let weekly = weekly.or_else(|| meetings.iter().find(|meeting| meeting.recurrence.is_some())).unwrap();
    let entry = calendar(weekly, &organizer, now).unwrap();
    let broken = entry.replacen("COUNT=", "INTERVAL=3;COUNT=", 1);
    let read = read(&[json!({"ics": broken, "most": COMPARED}), json!({"ics": "BEGIN:VCALENDAR", "most": 1})]);
    assert_ne!(read[0]["starts"], json!(instants(weekly)));
    assert!(read[1]["error"].is_string(), "{}", read[1]);
}
