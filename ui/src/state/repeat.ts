// How a meeting repeats, as a form asks it: one choice that follows the date, an end, and the rule that is sent.
import type { FieldIssue } from '../bindings/FieldIssue';
import type { SeriesForm } from '../bindings/SeriesForm';
import { addDays, addMonths, weekday, type Day } from '../time/day';
import { dateText, parseDate } from '../time/parse';
import { every, isEveryWeekday, readRule, untilDay, writeRule, type Rule } from '../time/rule';

/** What stands under "Repeats". */
export type Every = 'never' | 'day' | 'weekday' | 'week' | 'fortnight' | 'month_date' | 'month_day' | 'month_last' | 'year' | 'custom';
export type Ends = 'never' | 'until' | 'count';

/** What is typed about a series. Dates are text, as typed. */
export type RepeatValues = {
  every: Every;
  /** The rule of `custom`. */
  rule: string;
  ends: Ends;
  until: string;
  count: number;
  /** Dates that are left out, with commas between them. */
  except: string;
  /** How it is to stand at the provider, where that is not its own series. */
  series: SeriesForm | null;
};

export const NEVER: RepeatValues = { every: 'never', rule: '', ends: 'never', until: '', count: 10, except: '', series: null };

/** Which of its weekday in its month a day is: the 8th to 14th are the second. */
export const nthOf = (day: Day): number => Math.ceil(Number(day.slice(8)) / 7);
/** Whether there is no such weekday after it in its month. */
export const isLast = (day: Day): boolean => addDays(day, 7).slice(0, 7) !== day.slice(0, 7);

/** What can be chosen for a meeting on this day. */
export function choicesFor(day: Day): Every[] {
  const inMonth: Every[] = ['month_date', ...(nthOf(day) < 5 ? (['month_day'] as const) : []), ...(isLast(day) ? (['month_last'] as const) : [])];
  return ['never', 'day', 'weekday', 'week', 'fortnight', ...inMonth, 'year', 'custom'];
}

const WORKDAYS = [1, 2, 3, 4, 5].map((day) => ({ nth: null, day }));

/** The rule of a choice for a meeting on this day, without an end; none where nothing repeats or a person writes it. */
export function ruleOf(choice: Every, day: Day): Rule | null {
  const on = (nth: number | null) => ({ days: [{ nth, day: weekday(day) }] });
  switch (choice) {
    case 'day': return every('DAILY');
    case 'weekday': return every('WEEKLY', { days: WORKDAYS });
    case 'week': return every('WEEKLY', on(null));
    case 'fortnight': return every('WEEKLY', { interval: 2, ...on(null) });
    case 'month_date': return every('MONTHLY', { monthDays: [Number(day.slice(8))] });
    case 'month_day': return every('MONTHLY', on(nthOf(day)));
    case 'month_last': return every('MONTHLY', on(-1));
    case 'year': return every('YEARLY');
    default: return null;
  }
}

/** What "Custom" starts with: the choice that was there before. */
export const customFrom = (choice: Every, day: Day): string => writeRule(ruleOf(choice, day) ?? every('WEEKLY', { days: [{ nth: null, day: weekday(day) }] }));

/** Whether a rule that a person wrote says itself when it ends. */
export const saysItsEnd = (values: RepeatValues): boolean => values.every === 'custom' && /(^|[;:])\s*(COUNT|UNTIL)\s*=/i.test(values.rule);

/** An end to begin with: three months on, or some years where it repeats by the year. */
export const firstEnd = (values: RepeatValues, day: Day): Day => addMonths(day, values.every === 'year' || /FREQ=YEARLY/i.test(values.rule) ? 60 : 3);

/** The RRULE that is sent; none where it does not repeat. What cannot be read is left out: `repeatProblems` tells it. */
export function ruleText(values: RepeatValues, day: Day | null, locale: string, today: Day): string | null {
  if (values.every === 'never' || day === null) return null;
  const rule = ruleOf(values.every, day);
  const text = rule === null ? values.rule.trim().replace(/^RRULE:/i, '').replace(/;+$/, '') : writeRule(rule);
  if (values.ends === 'never' || saysItsEnd(values) || text === '') return text;
  const until = parseDate(values.until, locale, today);
  const end = values.ends === 'count' ? `COUNT=${values.count}` : until === null ? null : `UNTIL=${until.replaceAll('-', '')}`;
  return end === null ? text : `${text};${end}`;
}

/** Reads a rule into a choice, for a meeting on this day; what is none of the choices is custom. */
export function readRepeat(text: string, day: Day, zone: string, locale: string): RepeatValues {
  const rule = readRule(text);
  if (rule === null) return { ...NEVER, every: 'custom', rule: text.trim() };
  const until = rule.until === null ? null : untilDay(rule.until, zone);
  const ends = rule.count !== null ? { ends: 'count' as const, count: rule.count } : until !== null ? { ends: 'until' as const, until: dateText(until, locale) } : {};
  const bare = { ...rule, count: null, until: null };
  const own = writeRule(withOwnDay(bare, day));
  const choice = choicesFor(day).find((one) => {
    const known = ruleOf(one, day);
    return known !== null && writeRule(withOwnDay(known, day)) === own;
  });
  return { ...NEVER, ...ends, ...(choice === undefined ? { every: 'custom', rule: writeRule(bare) } : { every: choice }) };
}

/** What a rule leaves to the meeting's own day, said; the days in order, so that equal rules have one text. */
function withOwnDay(rule: Rule, day: Day): Rule {
  const date = Number(day.slice(8));
  const days = [...rule.days].sort((a, b) => a.day - b.day);
  // Where a week begins matters only to every other week of several days.
  const weekStart = rule.interval > 1 && days.length > 1 ? rule.weekStart : 1;
  if (rule.frequency === 'DAILY' && rule.interval === 1 && isEveryWeekday(rule)) return { ...rule, frequency: 'WEEKLY', days, weekStart };
  if (rule.frequency === 'WEEKLY' && days.length === 0) return { ...rule, days: [{ nth: null, day: weekday(day) }], weekStart };
  if (rule.frequency === 'MONTHLY' && days.length + rule.monthDays.length === 0) return { ...rule, monthDays: [date], weekStart };
  const [month, monthDay] = [rule.months, rule.monthDays];
  const itsDate = month.length === 1 && monthDay.length === 1 && month[0] === Number(day.slice(5, 7)) && monthDay[0] === date;
  if (rule.frequency === 'YEARLY' && itsDate && days.length === 0) return { ...rule, months: [], monthDays: [], weekStart };
  return { ...rule, days, weekStart };
}

/** The dates in a text with commas or semicolons between them, or the ones that cannot be read. */
export function exceptDays(text: string, locale: string, today: Day): { days: Day[] } | { unread: string[] } {
  const typed = text.split(/[,;\n]/).map((one) => one.trim()).filter(Boolean);
  const unread = typed.filter((one) => parseDate(one, locale, today) === null);
  return unread.length > 0 ? { unread } : { days: typed.flatMap((one) => parseDate(one, locale, today) ?? []) };
}

/** What is wrong before anything is sent; whether a rule is one, Rust says. */
export function repeatProblems(values: RepeatValues, day: Day | null, locale: string, today: Day): FieldIssue[] {
  if (values.every === 'never') return [];
  const issues: FieldIssue[] = [];
  if (values.every === 'custom' && values.rule.trim() === '') issues.push({ field: 'repeat', problem: 'required', detail: null });
  if (!saysItsEnd(values) && values.ends === 'count' && !(Number.isInteger(values.count) && values.count > 0)) issues.push({ field: 'count', problem: 'required', detail: null });
  if (!saysItsEnd(values) && values.ends === 'until') {
    const until = parseDate(values.until, locale, today);
    const typed = values.until.trim();
    if (until === null) issues.push({ field: 'until', problem: typed === '' ? 'required' : 'not_a_time', detail: typed || null });
    else if (day !== null && until < day) issues.push({ field: 'until', problem: 'end_before_start', detail: null });
  }
  const except = exceptDays(values.except, locale, today);
  if ('unread' in except) issues.push({ field: 'except', problem: 'not_a_time', detail: except.unread[0] ?? null });
  return issues;
}
