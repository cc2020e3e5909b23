// The meeting form as pure data: what a person typed, what is wrong with it, and what is sent.
import type { Capabilities } from '../bindings/Capabilities';
import type { ChangeInput } from '../bindings/ChangeInput';
import type { DraftInput } from '../bindings/DraftInput';
import type { FieldIssue } from '../bindings/FieldIssue';
import type { Fold } from '../bindings/Fold';
import type { MeetingView } from '../bindings/MeetingView';
import type { SeriesForm } from '../bindings/SeriesForm';
import { addDays, type Day } from '../time/day';
import { dateText, parseDate, parseTime, timeText } from '../time/parse';
import { wallIn } from '../time/zone';
import { optionsOf, toOptionChange, toOptions, type OptionValues } from './options';
import { exceptDays, NEVER, readRepeat, repeatProblems, ruleText, type RepeatValues } from './repeat';

/** What stands in the fields. Date and time are text, as typed. */
export type FormValues = {
  account: string;
  subject: string;
  date: string;
  start: string;
  minutes: number;
  zone: string;
  fold: Fold | null;
  invitees: string;
  agenda: string;
  repeat: RepeatValues;
  options: OptionValues;
};

/** The lengths with a chip of their own. */
export const CHIPS = [15, 30, 45, 60, 90] as const;

/** A new meeting: the next half hour, or nine in the morning of another day. */
export function freshForm(defaults: { account: string; minutes: number; zone: string; locale: string; now: number; day: Day | null }): FormValues {
  const half = 30 * 60_000;
  const next = wallIn(Math.ceil((defaults.now + 60_000) / half) * half, defaults.zone);
  const today = wallIn(defaults.now, defaults.zone).day;
  const late = next.time >= '20:00' || next.time < '07:00';
  const soon = late ? { day: next.time >= '20:00' ? addDays(today, 1) : next.day, time: '09:00' } : next;
  const { day, time } = defaults.day !== null && defaults.day > today ? { day: defaults.day, time: '09:00' } : soon;
  return {
    account: defaults.account,
    subject: '',
    date: dateText(day, defaults.locale),
    start: timeText(time, defaults.locale),
    minutes: defaults.minutes,
    zone: defaults.zone,
    fold: null,
    invitees: '',
    agenda: '',
    repeat: NEVER,
    options: {},
  };
}

/** The form of a meeting that stands; without a time it starts like a new one. */
export function formOf(meeting: MeetingView, fresh: FormValues, locale: string, can?: Capabilities): FormValues {
  const options = optionsOf(meeting.options, can?.options ?? []);
  const base = { ...fresh, account: meeting.account, subject: meeting.subject, invitees: meeting.invitees.join(', '), agenda: meeting.agenda, options };
  if (meeting.start === null) return { ...base, date: '', start: '' };
  const zone = meeting.zone ?? fresh.zone;
  const wall = wallIn(meeting.start, zone);
  const minutes = meeting.end === null ? fresh.minutes : Math.round((Date.parse(meeting.end) - Date.parse(meeting.start)) / 60_000);
  const series = meeting.series_form === 'native' ? null : meeting.series_form;
  const repeat = meeting.recurrence === null ? NEVER : { ...readRepeat(meeting.recurrence, wall.day, zone, locale), series };
  return { ...base, zone, minutes, repeat, date: dateText(wall.day, locale), start: timeText(wall.time, locale) };
}

/** The addresses in a text with commas, semicolons, blanks or line ends between them. */
export const addresses = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean);

/** The start as `2027-03-14T09:30`, or what cannot be read. */
export function readStart(values: FormValues, locale: string, today: Day): { wall: string } | { issues: FieldIssue[] } {
  const day = parseDate(values.date, locale, today);
  const time = parseTime(values.start, locale);
  const issues: FieldIssue[] = [];
  const check = (field: string, typed: string, read: string | null) => {
    if (read === null) issues.push({ field, problem: typed.trim() === '' ? 'required' : 'not_a_time', detail: typed.trim() || null });
  };
  check('date', values.date, day);
  check('start', values.start, time);
  return issues.length > 0 ? { issues } : { wall: `${day}T${time}` };
}

const tooLong = (field: string, text: string, most: number | undefined): FieldIssue[] =>
  most !== undefined && [...text].length > most ? [{ field, problem: 'too_long', detail: String(most) }] : [];

/** What is wrong before anything is sent; Rust has the last word. */
export function problemsOf(values: FormValues, locale: string, today: Day, timeIsNeeded: boolean, can?: Capabilities): FieldIssue[] {
  const issues: FieldIssue[] = [];
  if (values.account === '') issues.push({ field: 'account', problem: 'required', detail: null });
  if (values.subject.trim() === '') issues.push({ field: 'subject', problem: 'required', detail: null });
  issues.push(...tooLong('subject', values.subject.trim(), can?.longest_subject));
  if (timeIsNeeded || values.repeat.every !== 'never' || values.date.trim() !== '' || values.start.trim() !== '') {
    const start = readStart(values, locale, today);
    if ('issues' in start) issues.push(...start.issues);
  }
  if (!Number.isInteger(values.minutes) || values.minutes < 1) issues.push({ field: 'duration', problem: 'end_before_start', detail: null });
  else if (can && values.minutes < can.shortest_minutes) issues.push({ field: 'duration', problem: 'too_short', detail: String(can.shortest_minutes) });
  issues.push(...repeatProblems(values.repeat, parseDate(values.date, locale, today), locale, today), ...tooLong('agenda', values.agenda, can?.longest_agenda));
  return issues;
}

/** What is sent for a new meeting. */
export function toDraft(values: FormValues, locale: string, today: Day, can?: Capabilities): DraftInput {
  const start = readStart(values, locale, today);
  const repeat = ruleText(values.repeat, parseDate(values.date, locale, today), locale, today);
  const except = repeat === null ? { days: [] } : exceptDays(values.repeat.except, locale, today);
  return {
    subject: values.subject.trim(),
    start: 'wall' in start ? start.wall : '',
    end: null,
    durationMinutes: values.minutes,
    zone: values.zone,
    fold: values.fold,
    agenda: values.agenda,
    invitees: addresses(values.invitees),
    repeat,
    except: 'days' in except ? except.days : [],
    series: repeat === null ? null : formOfSeries(values, can),
    options: toOptions(can?.options ?? [], values.options),
  };
}

/** How a series is to stand: as the person chose; else as one link where the provider has no series of its own. */
export const formOfSeries = (values: FormValues, can?: Capabilities): SeriesForm | null => values.repeat.series ?? (can?.repeats === false ? 'one_link' : null);

/** What is sent for a change: only what differs. */
export function toChange(values: FormValues, before: FormValues, locale: string, today: Day, can?: Capabilities): ChangeInput {
  const now = toDraft(values, locale, today, can);
  const then = toDraft(before, locale, today, can);
  const timeless = then.start === '';
  const list = now.invitees.join('\n') !== then.invitees.join('\n');
  const moved = now.start !== '' && (now.start !== then.start || now.fold !== null);
  const again = now.repeat !== then.repeat || (now.repeat !== null && now.series !== then.series);
  return {
    subject: now.subject === then.subject ? null : now.subject,
    start: moved ? now.start : null,
    end: null,
    durationMinutes: now.durationMinutes !== then.durationMinutes || (timeless && moved) ? now.durationMinutes : null,
    zone: now.zone !== then.zone || (timeless && moved) ? now.zone : null,
    fold: now.fold,
    agenda: now.agenda === then.agenda ? null : now.agenda,
    invitees: list ? now.invitees : null,
    repeat: again ? (now.repeat ?? '') : null,
    except: now.except,
    series: again ? now.series : null,
    options: toOptionChange(can?.options ?? [], values.options, before.options),
  };
}

/** Whether a change changes nothing. */
export const isEmpty = ({ except, options, ...rest }: ChangeInput): boolean => except.length + Object.keys(options).length === 0 && Object.values(rest).every((value) => value === null);

/** A change of nothing, to put one part into. */
export const NO_CHANGE: ChangeInput = {
  subject: null, start: null, end: null, durationMinutes: null, zone: null, fold: null, agenda: null, invitees: null, repeat: null, except: [], series: null, options: {},
};
