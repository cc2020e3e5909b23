//! Looking at Zoom for what may have been made: by what it is, and when it was made by Zoom's clock.

use serde_json::{Value, json};

use super::{super::*, LIST, draft, saved, stage};
use crate::provider::script::{Reply, Script, intent};

fn listed(id: u64, made: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut item = json!({"id": id, "topic": "Standup", "type": 2, "start_time": "2027-03-01T08:30:00Z", "duration": 45,
        "timezone": "Europe/Zurich", "created_at": made, "join_url": "https://example.com/j/1"});
    change(&mut item);
    item
}

async fn found(items: Vec<Value>, read: &[&str], date: Option<&str>) -> Vec<String> {
    let mut page = Reply::json(200, &json!({"next_page_token": "", "meetings": items}));
    if let Some(date) = date {
        page = page.with("date", date);
    }
    let reads: Vec<String> = read.iter().map(|id| format!("GET /v2/meetings/{id}")).collect();
    let reads = reads.iter().zip(read).map(|(line, id)| {
        let mut whole = saved();
        whole["id"] = json!(id);
        (line.as_str(), Reply::json(200, &whole))
    });
    let script = Script::start([(LIST, page)].into_iter().chain(reads)).await;
    let found = Zoom.find_created(&stage(&script).client(), &intent(draft())).await.unwrap();
    script.finished();
    found.into_iter().map(|meeting| meeting.provider_id).collect()
}

const AT: &str = "2027-01-10T12:00:00Z";

#[tokio::test]
async fn only_what_is_like_it_and_was_made_since_is_a_candidate() {
    let items = vec![
        listed(1, AT, |_| {}),
        listed(2, "2027-01-10T11:59:50Z", |_| {}),
        listed(3, AT, |item| item["topic"] = "Retro".into()),
        listed(4, AT, |item| item["start_time"] = "2027-03-01T09:30:00Z".into()),
        listed(5, AT, |item| item["duration"] = 30.into()),
        listed(6, AT, |item| drop(item.as_object_mut().unwrap().remove("created_at"))),
    ];
    assert_eq!(found(items, &["1"], None).await, ["1"]);
    assert!(found(Vec::new(), &[], None).await.is_empty());
    assert_eq!(found(vec![listed(1, AT, |_| {}), listed(2, AT, |_| {})], &["1", "2"], None).await, ["1", "2"]);
}

#[tokio::test]
async fn when_it_was_made_is_told_by_zooms_clock() {
    // Zoom's clock is ten minutes ahead: what it dates at our noon was made before the intent.
    let items = vec![listed(1, AT, |_| {}), listed(2, "2027-01-10T12:10:01Z", |_| {})];
    assert_eq!(found(items, &["2"], Some("Sun, 10 Jan 2027 12:10:00 GMT")).await, ["2"]);
}
