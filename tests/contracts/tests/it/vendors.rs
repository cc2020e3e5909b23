//! Every request that core sends for every operation and option, against the vendors' own contracts: through a checking proxy to
//! the sandbox and back, and once more to a mock of the vendor. Requests that are broken on purpose are refused in the same run.

use std::path::{Path, PathBuf};

use chrono::DateTime;
use convoke_contracts::{
    packages,
    prism::Prism,
    recorder::{Exchange, Recorder},
};
use convoke_core::{
    account::{AccountId, ProviderKind},
    auth::session::AuthorizedClient,
    meeting::{
        Meeting, MeetingChange, MeetingDraft, MeetingId, MeetingOptions, MeetingTime, ProviderMeeting, Recurrence,
        SeriesForm,
        intent::{Intent, IntentId},
        options::{OptionKind, OptionSpec},
    },
    provider::{MeetingProvider, provider},
};
use convoke_harness::{http as plain, specs};
use serde_json::{Value, json};

use crate::stage::{Stage, VENDORS, Vendor, now, sandbox};

fn time() -> MeetingTime {
    let zone = chrono_tz::Europe::Zurich;
    let start: DateTime<chrono::Utc> = "2031-03-17T08:30:00Z".parse().expect("a constant");
    MeetingTime { start: start.with_timezone(&zone), minutes: 45 }
}

fn draft(subject: &str, invitees: bool) -> MeetingDraft {
    MeetingDraft {
        subject: subject.to_owned(),
        time: time(),
        agenda: "Bring numbers, please".to_owned(),
        invitees: if invitees { vec!["ben@example.com".to_owned()] } else { Vec::new() },
        recurrence: None,
        options: MeetingOptions::NONE,
    }
}

fn series(rule: &str, form: SeriesForm) -> Recurrence {
    let read = Recurrence::parse(rule, time().zone()).expect("a rule");
    Recurrence { form, ..read }
}

/// A value of each kind of option, and the second where there are more.
fn values(spec: &OptionSpec) -> Vec<String> {
    match spec.value {
        OptionKind::Flag => vec!["on".to_owned(), "off".to_owned()],
        OptionKind::Choice { choices } => choices.iter().map(|choice| (*choice).to_owned()).collect(),
        OptionKind::Text { .. } => vec!["Sesame12".to_owned()],
        OptionKind::Addresses { most: 1 } => vec!["ben@example.com".to_owned()],
        OptionKind::Addresses { .. } => vec!["cleo@example.com,dan@example.com".to_owned()],
    }
}

fn remembered(made: &ProviderMeeting, draft: &MeetingDraft, kind: ProviderKind) -> Meeting {
    let id = MeetingId("m-1".to_owned());
    Meeting {
        subject: draft.subject.clone(),
        time: Some(draft.time),
        join_url: made.join_url.clone(),
        passcode: made.passcode.clone(),
        agenda: draft.agenda.clone(),
        invitees: draft.invitees.clone(),
        recurrence: draft.recurrence.clone(),
        options: draft.options.clone(),
        ..Meeting::blank(id, AccountId::new(kind, [7; 6]), kind, made.provider_id.clone())
    }
}

/// Everything that core can ask of this vendor.
struct Everything<'a> {
    service: &'static dyn MeetingProvider,
    client: &'a AuthorizedClient<'a>,
    kind: ProviderKind,
    made: u32,
}

impl Everything<'_> {
    async fn make(&mut self, draft: MeetingDraft) -> Meeting {
        self.made += 1;
        let id = IntentId(format!("i-{:020}", self.made));
        self.service.check_draft(&draft).unwrap_or_else(|error| panic!("{draft:?}: {error}"));
        let intent = Intent::new(id, AccountId::new(self.kind, [7; 6]), draft.clone(), now());
        let made = self.service.create_meeting(self.client, &intent).await;
        remembered(&made.unwrap_or_else(|error| panic!("{} {draft:?}: {error:?}", self.kind)), &draft, self.kind)
    }

    async fn change(&self, meeting: &Meeting, change: MeetingChange) {
        let changed = self.service.update_meeting(self.client, meeting, &change).await;
        changed.unwrap_or_else(|error| panic!("{} {change:?}: {error:?}", self.kind));
    }

    async fn delete(&self, meeting: &Meeting) {
        self.service.delete_meeting(self.client, &meeting.provider_id).await.expect("deleted");
    }

    async fn ask(&mut self) {
        let can = self.service.capabilities();
        let plain = self.make(draft("Plain", true)).await;
        self.service.meeting(self.client, &plain.provider_id).await.expect("read");
        self.service.list_meetings(self.client, std::slice::from_ref(&plain)).await.expect("listed");
        let intent = Intent::new(IntentId(format!("i-{:020}", 1)), plain.account.clone(), draft("Plain", true), now());
        self.service.ids_before(self.client).await.expect("ids");
        self.service.find_created(self.client, &intent).await.expect("looked for");

        let later = MeetingTime { start: time().start + chrono::Duration::hours(2), minutes: 90 };
        for change in [
            MeetingChange { subject: Some("Other <words> & \u{fc}ml\u{e4}ute".to_owned()), ..MeetingChange::default() },
            MeetingChange { time: Some(later), ..MeetingChange::default() },
            MeetingChange { agenda: Some(String::new()), ..MeetingChange::default() },
            MeetingChange { agenda: Some("A new one".to_owned()), ..MeetingChange::default() },
        ] {
            self.change(&plain, change).await;
        }
        if can.keeps_invitees && can.changes_invitees {
            for invitees in [vec![], vec!["cleo@example.com".to_owned()]] {
                self.change(&plain, MeetingChange { invitees: Some(invitees), ..MeetingChange::default() }).await;
            }
        }
        self.delete(&plain).await;
        self.delete(&plain).await;
        self.options(can.options).await;
        self.series(can.repeats).await;
    }

    async fn options(&mut self, table: &[OptionSpec]) {
        for spec in table {
            for value in values(spec) {
                let options = MeetingOptions::NONE.with(spec.key, value.clone());
                let meeting =
                    self.make(MeetingDraft { options: options.clone(), ..draft(spec.key.as_str(), false) }).await;
                if spec.changeable {
                    self.change(&meeting, MeetingChange { options, ..MeetingChange::default() }).await;
                }
                self.delete(&meeting).await;
            }
        }
    }

    async fn series(&mut self, native: bool) {
        let one_link =
            MeetingDraft { recurrence: Some(series("FREQ=WEEKLY", SeriesForm::OneLink)), ..draft("One link", false) };
        let meeting = self.make(one_link).await;
        self.delete(&meeting).await;
        if !native {
            return;
        }
        let rules = [
            "FREQ=DAILY;INTERVAL=2;COUNT=5",
            "FREQ=WEEKLY;COUNT=4",
            "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4",
            "FREQ=MONTHLY;COUNT=3",
            "FREQ=MONTHLY;BYDAY=3MO;COUNT=3",
            "FREQ=WEEKLY;UNTIL=20310501T000000Z",
        ];
        for rule in rules {
            let meeting = self
                .make(MeetingDraft { recurrence: Some(series(rule, SeriesForm::Native)), ..draft("Series", false) })
                .await;
            let read = self.service.meeting(self.client, &meeting.provider_id).await.expect("read");
            assert!(matches!(read.recurrence, Some(Some(_))), "{rule}: {read:?}");
            if rule == rules[1] {
                let second = MeetingTime { start: time().start + chrono::Duration::weeks(1), ..time() };
                // The clocks change on 30 March: the third occurrence keeps its wall time.
                let third_wall = time().start.naive_local() + chrono::Duration::weeks(2);
                let third = convoke_core::meeting::occurrences::instant(third_wall, time().zone()).expect("a time");
                for occurrence in [second, MeetingTime { start: third, ..time() }] {
                    self.service
                        .cancel_occurrence(self.client, &meeting.provider_id, &occurrence)
                        .await
                        .expect("left out");
                }
                let later = MeetingTime { start: time().start + chrono::Duration::hours(1), ..time() };
                let moved = Some(meeting.recurrence.clone());
                self.change(
                    &meeting,
                    MeetingChange { time: Some(later), recurrence: moved, ..MeetingChange::default() },
                )
                .await;
                self.change(&meeting, MeetingChange { recurrence: Some(None), ..MeetingChange::default() }).await;
                let again = MeetingChange {
                    recurrence: Some(Some(series(rules[2], SeriesForm::Native))),
                    ..MeetingChange::default()
                };
                self.change(&meeting, again).await;
            }
            self.delete(&meeting).await;
        }
    }
}

/// Plays everything at one vendor over `upstream` (a proxy, or the sandbox itself), with the paths of the vendor.
async fn play(
    vendor: &Vendor,
    sandbox: &convoke_sandbox::Running,
    upstream: &str,
    strip: &'static str,
) -> Vec<Exchange> {
    let recorder = Recorder::start(upstream, strip);
    let stage = Stage::new(vendor, sandbox, &format!("{}{}", recorder.url(), vendor.base)).await;
    let client = stage.client();
    Everything { service: provider(vendor.kind), client: &client, kind: vendor.kind, made: 0 }.ask().await;
    recorder.exchanges()
}

/// What was recorded here once, compared with what is asked now; `CONVOKE_RECORD` writes it anew.
fn compare_with_recording(vendor: &Vendor, exchanges: &[Exchange]) {
    let path = packages().join("recorded").join(format!("{}.json", vendor.kind));
    let requests: Vec<Value> = exchanges.iter().map(Exchange::request).collect();
    #[expect(clippy::disallowed_methods, reason = "one variable says that the recording is to be made anew")]
    let record = std::env::var_os("CONVOKE_RECORD").is_some();
    if record {
        let lines: Vec<String> = requests.iter().map(Value::to_string).collect();
        std::fs::write(&path, format!("[\n{}\n]\n", lines.join(",\n"))).expect("written");
    }
    let recorded: Vec<Value> =
        serde_json::from_str(&std::fs::read_to_string(&path).expect("a recording")).expect("a list");
    for (place, (now, then)) in requests.iter().zip(&recorded).enumerate() {
        assert_eq!(now, then, "{} request {place}", vendor.kind);
    }
    assert_eq!(requests.len(), recorded.len(), "{}", vendor.kind);
}

fn assert_clean(vendor: &Vendor, exchanges: &[Exchange], where_: &str) {
    let broken: Vec<&Exchange> = exchanges.iter().filter(|one| one.violations.is_some()).collect();
    assert!(broken.is_empty(), "{} {where_}: {broken:#?}", vendor.kind);
}

fn replay(mock: &Prism, vendor: &Vendor, request: &Value) -> (u16, bool) {
    let target = request["target"].as_str().expect("a target");
    let url = format!("{}{}", mock.url(), target.strip_prefix(vendor.base).unwrap_or(target)).parse().expect("a URL");
    let kind = request["type"].as_str();
    let mut headers = vec![("Authorization", "Bearer token")];
    headers.extend(kind.map(|kind| ("Content-Type", kind)));
    let body = if kind.is_some() { request["body"].to_string() } else { String::new() };
    let answer = plain::request(request["method"].as_str().expect("a method"), &url, &headers, body.as_bytes())
        .expect("an answer");
    // The vendor's own example answers break the vendor's own schema at Webex: only what is wrong with the request counts here.
    let about_the_request = answer.header("sl-violations").is_some_and(|text| text.contains("[\"request\""));
    let refused = ["UNPROCESSABLE_ENTITY", "INVALID_CONTENT_TYPE"].iter().any(|word| answer.text().contains(word));
    (answer.status, about_the_request || refused)
}

/// Twenty requests that each break the contract in one place: five a vendor, made of ones that hold.
fn broken(kind: ProviderKind, requests: &[Value]) -> Vec<Value> {
    let first = |method: &str, path: &str| {
        let found = requests
            .iter()
            .find(|one| one["method"] == method && one["target"].as_str().is_some_and(|target| target.contains(path)));
        found.unwrap_or_else(|| panic!("no {method} {path}")).clone()
    };
    let with = |mut request: Value, change: &dyn Fn(&mut Value)| {
        change(&mut request["body"]);
        request
    };
    let remove =
        |name: &'static str| move |body: &mut Value| drop(body.as_object_mut().expect("an object").remove(name));
    let set = |name: &'static str, value: Value| move |body: &mut Value| body[name] = value.clone();
    match kind {
        ProviderKind::Zoom => {
            let make = || first("POST", "/users/me/meetings");
            vec![
                with(make(), &set("topic", json!(1))),
                with(make(), &set("topic", json!("x".repeat(201)))),
                with(make(), &set("type", json!(7))),
                with(make(), &set("settings", json!({"auto_recording": "tape"}))),
                with(make(), &set("settings", json!({"meeting_invitees": [{"email": "nobody"}]}))),
            ]
        }
        ProviderKind::Teams => {
            let make = || first("POST", "createOrGet");
            let change = || first("PATCH", "/onlineMeetings/");
            vec![
                with(make(), &set("subject", json!(1))),
                with(make(), &set("startDateTime", json!("half past nine"))),
                with(make(), &set("participants", json!([]))),
                with(change(), &set("allowedPresenters", json!("nobody"))),
                with(change(), &set("recordAutomatically", json!("on Mondays"))),
            ]
        }
        ProviderKind::Webex => {
            let make = || first("POST", "/meetings");
            vec![
                with(make(), &remove("title")),
                with(make(), &set("start", json!(9))),
                with(make(), &set("unlockedMeetingJoinSecurity", json!("maybe"))),
                with(make(), &set("integrationTags", json!("one"))),
                with(make(), &set("invitees", json!([{"displayName": "nobody"}]))),
            ]
        }
        ProviderKind::Goto => {
            let make = || first("POST", "/meetings");
            vec![
                with(make(), &remove("subject")),
                with(make(), &remove("timezonekey")),
                with(make(), &set("passwordrequired", json!("no"))),
                with(make(), &set("meetingtype", json!("sometimes"))),
                with(first("PUT", "/meetings/"), &set("starttime", json!("soon"))),
            ]
        }
        ProviderKind::Sametime => Vec::new(),
    }
}

async fn hold(kind: ProviderKind) {
    let vendor = VENDORS.iter().find(|vendor| vendor.kind == kind).expect("a vendor with a contract");
    // Without the contracts: the same requests as recorded here, at the sandbox itself.
    let sandbox_alone = sandbox().await;
    let alone = play(vendor, &sandbox_alone, &sandbox_alone.base_url, "").await;
    compare_with_recording(vendor, &alone);

    let Some(folder) = specs::folder(&format!("the contract of {kind}")) else { return };
    let contract: PathBuf = folder.join(vendor.contract);
    let requests: Vec<Value> = alone.iter().map(Exchange::request).collect();
    tokio::task::block_in_place(|| by_mock(vendor, &contract, &requests));

    let sandbox = sandbox().await;
    let proxy =
        tokio::task::block_in_place(|| Prism::proxy(&contract, &format!("{}{}", sandbox.base_url, vendor.base)));
    let through = play(vendor, &sandbox, proxy.url(), vendor.base).await;
    assert_clean(vendor, &through, "through the proxy");
    assert_eq!(through.iter().map(Exchange::request).collect::<Vec<_>>(), requests, "the same requests as without it");
    let refused = tokio::task::block_in_place(|| {
        broken(kind, &requests).iter().filter(|one| replay(&proxy, vendor, one).1).count()
    });
    assert_eq!(refused, 5, "the proxy lets nothing broken through");
    println!(
        "{kind}: {} requests hold through the proxy and at the mock, 5 broken ones are refused by both",
        through.len()
    );
}

fn by_mock(vendor: &Vendor, contract: &Path, requests: &[Value]) {
    let mock = Prism::mock(contract);
    for request in requests {
        let (status, violates) = replay(&mock, vendor, request);
        assert!(!violates && status < 500, "{}: {status} {request}", vendor.kind);
    }
    for request in broken(vendor.kind, requests) {
        let (status, violates) = replay(&mock, vendor, &request);
        assert!(violates && (400..500).contains(&status), "{}: let through: {status} {request}", vendor.kind);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn zoom() {
    hold(ProviderKind::Zoom).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn teams() {
    hold(ProviderKind::Teams).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn webex() {
    hold(ProviderKind::Webex).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn goto() {
    hold(ProviderKind::Goto).await;
}
