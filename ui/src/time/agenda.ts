// From a list of meetings to what the middle of the window shows: their dates by day, what is next, what overlaps.
import type { AgendaView } from '../bindings/AgendaView';
import type { MeetingView } from '../bindings/MeetingView';
import type { Day } from './day';
import { dayIn, wallIn } from './zone';

/** A meeting on one of its dates. `key` tells the dates of a series apart. */
export type Occurrence = { key: string; meeting: MeetingView; start: string | null; end: string | null };
/** What takes place on one day, by start. */
export type DayGroup = { day: Day; occurrences: Occurrence[] };

/** A meeting as it stands: its own date, or none. */
export const single = (meeting: MeetingView): Occurrence => ({ key: meeting.id, meeting, start: meeting.start, end: meeting.end });

/** Every date of every meeting; those of a series are as long as the meeting. */
export function occurrencesOf({ meetings, series }: Pick<AgendaView, 'meetings' | 'series'>): Occurrence[] {
  const dates = new Map(series.map((one) => [one.meeting, one.starts]));
  return meetings.flatMap((meeting) => {
    const starts = dates.get(meeting.id);
    if (starts === undefined || meeting.start === null || meeting.recurrence === null) return [single(meeting)];
    const length = meeting.end === null ? null : Date.parse(meeting.end) - Date.parse(meeting.start);
    return starts.map((start) => ({ key: `${meeting.id} ${start}`, meeting, start, end: length === null ? null : new Date(Date.parse(start) + length).toISOString() }));
  });
}

const startOf = (one: Occurrence): number => (one.start === null ? Infinity : Date.parse(one.start));
const endOf = (one: Occurrence): number => (one.end === null ? startOf(one) : Date.parse(one.end));
const sorted = (list: readonly Occurrence[]): Occurrence[] => list.filter((one) => one.start !== null).sort((a, b) => startOf(a) - startOf(b));

/** Groups by the day on which something begins in `zone`; what has no time is not among them. */
export function byDay(occurrences: readonly Occurrence[], zone: string): DayGroup[] {
  const days = new Map<Day, Occurrence[]>();
  for (const one of sorted(occurrences)) {
    const day = dayIn(startOf(one), zone);
    const group = days.get(day);
    if (group) group.push(one);
    else days.set(day, [one]);
  }
  return [...days].map(([day, list]) => ({ day, occurrences: list }));
}

/** What nobody knows a time of. */
export const withoutTime = (occurrences: readonly Occurrence[]): Occurrence[] => occurrences.filter((one) => one.start === null);

/** What is on, or else next. */
export function nextOf(occurrences: readonly Occurrence[], now: number): Occurrence | null {
  let next: Occurrence | null = null;
  for (const one of occurrences) {
    if (one.start === null || one.meeting.state === 'gone' || endOf(one) <= now) continue;
    if (next === null || startOf(one) < startOf(next)) next = one;
  }
  return next;
}

/** The date of a meeting that a person means: the one named by its start, else what is next, else the last one. */
export function dateOf(meeting: MeetingView, occurrences: readonly Occurrence[], start: string | null, now: number): Occurrence {
  const own = sorted(occurrences.filter((one) => one.meeting.id === meeting.id));
  return own.find((one) => one.start === start) ?? nextOf(own, now) ?? own.at(-1) ?? single(meeting);
}

/** The keys of what shares time with something else. */
export function overlapping(occurrences: readonly Occurrence[]): Set<string> {
  const marked = new Set<string>();
  let longest: Occurrence | null = null;
  for (const one of sorted(occurrences).filter(({ meeting }) => meeting.state === 'scheduled')) {
    if (longest !== null && startOf(one) < endOf(longest)) {
      marked.add(longest.key);
      marked.add(one.key);
    }
    if (longest === null || endOf(one) > endOf(longest)) longest = one;
  }
  return marked;
}

/** The dates that do not take place, as days; `exceptions` are wall times. */
export const daysLeftOut = (meeting: MeetingView): Day[] => meeting.exceptions.map((wall) => wall.slice(0, 10));

/** The day by which a date of a series is left out: that of the zone it was planned in. */
export const ownDay = (one: Occurrence, fallback: string): Day | null => (one.start === null ? null : wallIn(one.start, one.meeting.zone ?? fallback).day);

/** Whether a meeting holds every word of the search. */
export function matches(meeting: MeetingView, search: string, labels: string): boolean {
  const text = [meeting.subject, meeting.agenda, meeting.provider_id, labels, ...meeting.invitees].join('\n').toLocaleLowerCase();
  return search
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Where something stands against the clock. */
export type Nearness = { kind: 'on' } | { kind: 'minutes'; count: number } | { kind: 'hours'; count: number } | { kind: 'far' };

/** How near it is; more than twelve hours is far. */
export function nearness(one: Occurrence, now: number): Nearness {
  const minutes = Math.ceil((startOf(one) - now) / 60_000);
  if (minutes <= 0) return { kind: 'on' };
  if (minutes < 60) return { kind: 'minutes', count: minutes };
  if (minutes <= 12 * 60) return { kind: 'hours', count: Math.round(minutes / 60) };
  return { kind: 'far' };
}
