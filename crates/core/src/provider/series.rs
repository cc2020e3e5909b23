//! What to offer where a provider cannot do a series: the ways out, each complete. Pure.

use crate::{
    error::{Alternative, AlternativeKind, Error},
    meeting::{
        MeetingDraft, MeetingTime, Recurrence, Rule, SeriesForm,
        linked::parts,
        occurrences::{MOST_OCCURRENCES, count, walls},
        recurrence::RuleEnd,
    },
};

/// How many meetings a series without an end becomes where it is offered as several.
const OFFERED: u32 = 5;

/// What a provider takes: which rules, and how long a series of them may be.
pub struct Takes<'a> {
    /// The most occurrences of one of its own series.
    pub longest: usize,
    /// Whether it has this rule, whatever its end.
    pub has: &'a dyn Fn(&MeetingTime, &Rule) -> bool,
}

/// The refusal of a series, with what is possible in its place: an end that the provider takes where that helps, several
/// meetings, and one link.
pub fn refused(draft: &MeetingDraft, series: &Recurrence, takes: &Takes<'_>, why: &str) -> Error {
    let mut ways = Vec::new();
    let (time, rule) = (&draft.time, &series.rule);
    if (takes.has)(time, rule) {
        let most = u32::try_from(takes.longest).unwrap_or(u32::MAX);
        ways.push(way(AlternativeKind::EndDate, SeriesForm::Native, time, &rule.ending(RuleEnd::Count(most)), 1));
    }
    let ended = match rule.end {
        RuleEnd::Never => rule.ending(RuleEnd::Count(OFFERED)),
        RuleEnd::Count(_) | RuleEnd::Until(_) => rule.clone(),
    };
    let whole =
        MeetingDraft { recurrence: Some(Recurrence { rule: ended.clone(), ..series.clone() }), ..draft.clone() };
    let native = |time: &MeetingTime, rule: &Rule| (takes.has)(time, rule);
    if let Some(parts) = parts(&whole, takes.longest, native).filter(|parts| parts.len() > 1) {
        let meetings = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        ways.push(way(AlternativeKind::Linked, SeriesForm::Linked, time, &ended, meetings));
    }
    ways.push(way(AlternativeKind::OneLink, SeriesForm::OneLink, time, rule, 1));
    Error::not_possible("repeat", why, ways)
}

/// Whether a provider without series can make this: a single meeting, or one link for all of a series.
///
/// # Errors
/// `Rejected`, with one link as the way out.
pub fn check_one_link(draft: &MeetingDraft) -> Result<(), Error> {
    let Some(series) = draft.recurrence.as_ref().filter(|series| series.form != SeriesForm::OneLink) else {
        return Ok(());
    };
    let way = way(AlternativeKind::OneLink, SeriesForm::OneLink, &draft.time, &series.rule, 1);
    Err(Error::not_possible("repeat", "no_series", vec![way]))
}

fn way(kind: AlternativeKind, series: SeriesForm, time: &MeetingTime, rule: &Rule, meetings: u32) -> Alternative {
    let last = match rule.end {
        RuleEnd::Never => None,
        RuleEnd::Count(_) | RuleEnd::Until(_) => walls(rule, time.start.naive_local(), time.zone(), MOST_OCCURRENCES)
            .last()
            .map(|wall| wall.date().to_string()),
    };
    Alternative { kind, repeat: rule.text(), series, meetings, last }
}

/// Whether a series fits: it ends, within `longest` occurrences.
pub fn fits(time: &MeetingTime, rule: &Rule, longest: usize) -> bool {
    count(time, rule).is_some_and(|count| (1..=longest).contains(&count))
}
