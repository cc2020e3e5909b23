// From a list of meetings to what the middle of the window shows: days, what is next, what overlaps.
import type { MeetingView } from '../bindings/MeetingView';
import type { Day } from './day';
import { dayIn } from './zone';

/** The meetings of one day, by start. */
export type DayGroup = { day: Day; meetings: MeetingView[] };

const startOf = (meeting: MeetingView): number => (meeting.start === null ? Infinity : Date.parse(meeting.start));
const endOf = (meeting: MeetingView): number => (meeting.end === null ? startOf(meeting) : Date.parse(meeting.end));

/** Groups by the day on which a meeting begins in `zone`; those without a time are not among them. */
export function byDay(meetings: readonly MeetingView[], zone: string): DayGroup[] {
  const days = new Map<Day, MeetingView[]>();
  for (const meeting of meetings.filter((one) => one.start !== null).sort((a, b) => startOf(a) - startOf(b))) {
    const day = dayIn(startOf(meeting), zone);
    const group = days.get(day);
    if (group) group.push(meeting);
    else days.set(day, [meeting]);
  }
  return [...days].map(([day, list]) => ({ day, meetings: list }));
}

/** The meetings whose time nobody knows. */
export const withoutTime = (meetings: readonly MeetingView[]): MeetingView[] => meetings.filter((meeting) => meeting.start === null);

/** The meeting that is on, or else the next one. */
export function nextOf(meetings: readonly MeetingView[], now: number): MeetingView | null {
  let next: MeetingView | null = null;
  for (const meeting of meetings) {
    if (meeting.start === null || meeting.state === 'gone' || endOf(meeting) <= now) continue;
    if (next === null || startOf(meeting) < startOf(next)) next = meeting;
  }
  return next;
}

/** The ids of meetings that share time with another one. */
export function overlapping(meetings: readonly MeetingView[]): Set<string> {
  const marked = new Set<string>();
  const sorted = meetings.filter((one) => one.start !== null && one.state === 'scheduled').sort((a, b) => startOf(a) - startOf(b));
  let longest: MeetingView | null = null;
  for (const meeting of sorted) {
    if (longest !== null && startOf(meeting) < endOf(longest)) {
      marked.add(longest.id);
      marked.add(meeting.id);
    }
    if (longest === null || endOf(meeting) > endOf(longest)) longest = meeting;
  }
  return marked;
}

/** Whether a meeting holds every word of the search. */
export function matches(meeting: MeetingView, search: string, labels: string): boolean {
  const text = [meeting.subject, meeting.agenda, meeting.provider_id, labels, ...meeting.invitees].join('\n').toLocaleLowerCase();
  return search
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Where a meeting stands against the clock. */
export type Nearness = { kind: 'on' } | { kind: 'minutes'; count: number } | { kind: 'hours'; count: number } | { kind: 'far' };

/** How near a meeting is; more than twelve hours is far. */
export function nearness(meeting: MeetingView, now: number): Nearness {
  const minutes = Math.ceil((startOf(meeting) - now) / 60_000);
  if (minutes <= 0) return { kind: 'on' };
  if (minutes < 60) return { kind: 'minutes', count: minutes };
  if (minutes <= 12 * 60) return { kind: 'hours', count: Math.round(minutes / 60) };
  return { kind: 'far' };
}
