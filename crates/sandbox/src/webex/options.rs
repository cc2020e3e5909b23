//! The settings of a meeting that Webex keeps and answers with, and what each of them may be.

use serde_json::{Map, Value, json};

enum Kind {
    Flag,
    /// Whole, and not negative.
    Number,
    Steps(&'static [i64]),
    Word(&'static [&'static str]),
    Object(&'static [(&'static str, Kind)]),
    Codes,
}

const OPTIONS: [(&str, Kind); 26] = [
    ("allowAnyUserToBeCoHost", Kind::Flag),
    ("allowAuthenticatedDevices", Kind::Flag),
    ("allowFirstUserToBeCoHost", Kind::Flag),
    ("attendeePrivileges", Kind::Object(&PRIVILEGES)),
    ("audioConnectionOptions", Kind::Object(&AUDIO)),
    ("automaticLockMinutes", Kind::Number),
    ("enableAutomaticLock", Kind::Flag),
    ("enableConnectAudioBeforeHost", Kind::Flag),
    ("enabledAudioWatermark", Kind::Flag),
    ("enabledAutoRecordMeeting", Kind::Flag),
    ("enabledBreakoutSessions", Kind::Flag),
    ("enabledJoinBeforeHost", Kind::Flag),
    ("enabledLiveStream", Kind::Flag),
    ("enabledVisualWatermark", Kind::Flag),
    ("enabledWebcastView", Kind::Flag),
    ("excludePassword", Kind::Flag),
    ("joinBeforeHostMinutes", Kind::Steps(&[0, 5, 10, 15])),
    ("meetingOptions", Kind::Object(&MEETING)),
    ("publicMeeting", Kind::Flag),
    ("reminderTime", Kind::Number),
    ("requireAttendeeLogin", Kind::Flag),
    ("restrictToInvitees", Kind::Flag),
    ("sessionTypeId", Kind::Number),
    ("trackingCodes", Kind::Codes),
    ("unlockedMeetingJoinSecurity", Kind::Word(&["allowJoin", "allowJoinWithLobby", "blockFromJoin"])),
    ("visualWatermarkOpacity", Kind::Number),
];

const PRIVILEGES: [(&str, Kind); 13] = [
    ("enabledShareContent", Kind::Flag),
    ("enabledSaveDocument", Kind::Flag),
    ("enabledPrintDocument", Kind::Flag),
    ("enabledAnnotate", Kind::Flag),
    ("enabledViewParticipantList", Kind::Flag),
    ("enabledViewThumbnails", Kind::Flag),
    ("enabledRemoteControl", Kind::Flag),
    ("enabledViewAnyDocument", Kind::Flag),
    ("enabledViewAnyPage", Kind::Flag),
    ("enabledContactOperatorPrivately", Kind::Flag),
    ("enabledChatHost", Kind::Flag),
    ("enabledChatPresenter", Kind::Flag),
    ("enabledChatOtherParticipants", Kind::Flag),
];

const AUDIO: [(&str, Kind); 8] = [
    ("audioConnectionType", Kind::Word(&["webexAudio", "VoIP", "other", "none"])),
    ("enabledTollFreeCallIn", Kind::Flag),
    ("enabledGlobalCallIn", Kind::Flag),
    ("enabledAudienceCallBack", Kind::Flag),
    ("entryAndExitTone", Kind::Word(&["beep", "announceName", "noTone"])),
    ("allowHostToUnmuteParticipants", Kind::Flag),
    ("allowAttendeeToUnmuteSelf", Kind::Flag),
    ("muteAttendeeUponEntry", Kind::Flag),
];

const MEETING: [(&str, Kind); 7] = [
    ("enabledChat", Kind::Flag),
    ("enabledVideo", Kind::Flag),
    ("enabledPolling", Kind::Flag),
    ("enabledNote", Kind::Flag),
    ("noteType", Kind::Word(&["allowAll", "allowOne"])),
    ("enabledFileTransfer", Kind::Flag),
    ("enabledUCFRichMedia", Kind::Flag),
];

/// What a meeting has where nobody said otherwise.
pub(super) fn defaults() -> Map<String, Value> {
    let all = json!({
        "allowAnyUserToBeCoHost": false,
        "allowAuthenticatedDevices": true,
        "allowFirstUserToBeCoHost": false,
        "attendeePrivileges": {
            "enabledShareContent": true,
            "enabledSaveDocument": false,
            "enabledPrintDocument": false,
            "enabledAnnotate": false,
            "enabledViewParticipantList": true,
            "enabledViewThumbnails": false,
            "enabledRemoteControl": true,
            "enabledViewAnyDocument": false,
            "enabledViewAnyPage": false,
            "enabledContactOperatorPrivately": false,
            "enabledChatHost": true,
            "enabledChatPresenter": true,
            "enabledChatOtherParticipants": true,
        },
        "audioConnectionOptions": {
            "audioConnectionType": "webexAudio",
            "enabledTollFreeCallIn": false,
            "enabledGlobalCallIn": true,
            "enabledAudienceCallBack": false,
            "entryAndExitTone": "noTone",
            "allowHostToUnmuteParticipants": false,
            "allowAttendeeToUnmuteSelf": true,
            "muteAttendeeUponEntry": false,
        },
        "enableAutomaticLock": false,
        "enableConnectAudioBeforeHost": false,
        "enabledAudioWatermark": false,
        "enabledAutoRecordMeeting": false,
        "enabledBreakoutSessions": false,
        "enabledJoinBeforeHost": false,
        "enabledLiveStream": false,
        "enabledVisualWatermark": false,
        "enabledWebcastView": false,
        "excludePassword": false,
        "joinBeforeHostMinutes": 0,
        "meetingOptions": {
            "enabledChat": true,
            "enabledVideo": true,
            "enabledNote": true,
            "noteType": "allowAll",
            "enabledFileTransfer": false,
        },
        "publicMeeting": false,
        "reminderTime": 15,
        "requireAttendeeLogin": false,
        "restrictToInvitees": false,
        "sessionTypeId": 3,
        "unlockedMeetingJoinSecurity": "allowJoinWithLobby",
    });
    all.as_object().cloned().unwrap_or_default()
}

/// Checks one setting; `clears` says whether null may clear what can be cleared.
pub(super) fn check(name: &str, value: &Value, clears: bool) -> Result<(), Vec<String>> {
    let Some((_, kind)) = OPTIONS.iter().find(|(known, _)| *known == name) else {
        return Err(vec![format!("{name}: is not known")]);
    };
    if clears && value.is_null() && matches!(kind, Kind::Codes) {
        return Ok(());
    }
    if name == "visualWatermarkOpacity" && !value.as_i64().is_some_and(|opacity| (5..=80).contains(&opacity)) {
        return Err(vec![format!("{name}: must be 5 to 80")]);
    }
    if name == "enabledLiveStream" && *value == true {
        return Err(vec![format!("{name}: the sandbox has no live streams")]);
    }
    let mut wrong = Vec::new();
    kind.check(name, value, &mut wrong);
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

impl Kind {
    fn check(&self, name: &str, value: &Value, wrong: &mut Vec<String>) {
        let fault = match self {
            Self::Flag => (!value.is_boolean()).then(|| "must be true or false".to_owned()),
            Self::Number => (!value.is_u64()).then(|| "must be a number".to_owned()),
            Self::Steps(steps) => {
                let fits = value.as_i64().is_some_and(|number| steps.contains(&number));
                (!fits).then(|| format!("must be one of {steps:?}"))
            }
            Self::Word(words) => {
                let fits = value.as_str().is_some_and(|word| words.contains(&word));
                (!fits).then(|| format!("must be one of {}", words.join(", ")))
            }
            Self::Codes => {
                let text = |code: &Value, name| code.get(name).is_some_and(Value::is_string);
                let code = |code: &Value| {
                    code.as_object().is_some_and(|code| code.len() == 2) && text(code, "name") && text(code, "value")
                };
                let fits = value.as_array().is_some_and(|codes| codes.iter().all(code));
                (!fits).then(|| "must be a list of name and value".to_owned())
            }
            Self::Object(fields) => {
                let Some(object) = value.as_object() else {
                    return wrong.push(format!("{name}: must be an object"));
                };
                for (key, value) in object {
                    match fields.iter().find(|(known, _)| known == key) {
                        Some((_, kind)) => kind.check(&format!("{name}.{key}"), value, wrong),
                        None => wrong.push(format!("{name}.{key}: is not known")),
                    }
                }
                None
            }
        };
        wrong.extend(fault.map(|fault| format!("{name}: {fault}")));
    }
}

/// Puts `change` over `options`: an object field by field, null takes away.
pub(super) fn merge(options: &mut Map<String, Value>, change: Map<String, Value>) {
    for (name, value) in change {
        match (options.get_mut(&name), value) {
            (_, Value::Null) => {
                options.remove(&name);
            }
            (Some(Value::Object(old)), Value::Object(new)) => old.extend(new),
            (_, value) => {
                options.insert(name, value);
            }
        }
    }
}
