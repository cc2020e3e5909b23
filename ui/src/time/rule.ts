// A recurrence rule (RFC 5545 RRULE) as data: read from its text and written back. A part that meetings rarely have is
// not read: who gets nothing shows the text as it is. Where a rule leads is known to Rust alone.
import { isDay, type Day } from './day';
import { dayIn } from './zone';

/** The days of the week by their RRULE names, Monday first. */
export const DAY_NAMES = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;

export type Frequency = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
/** A day of the week (1 is Monday); with `nth` that one of the month, from its end where negative. */
export type RuleDay = { nth: number | null; day: number };
export type Rule = {
  frequency: Frequency;
  interval: number;
  days: RuleDay[];
  monthDays: number[];
  months: number[];
  position: number | null;
  weekStart: number;
  count: number | null;
  /** As it stands in the rule: a date, or a time in UTC. */
  until: string | null;
};

/** A rule with nothing but how often. */
export const every = (frequency: Frequency, change: Partial<Rule> = {}): Rule => ({
  frequency, interval: 1, days: [], monthDays: [], months: [], position: null, weekStart: 1, count: null, until: null, ...change,
});

const dayNumber = (name: string): number => DAY_NAMES.indexOf(name as (typeof DAY_NAMES)[number]) + 1;

function ruleDay(text: string): RuleDay | null {
  const [, nth, name = ''] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(text) ?? [];
  const day = dayNumber(name);
  return day === 0 || Number(nth) === 0 ? null : { nth: nth === undefined ? null : Number(nth), day };
}

const numbers = (text: string, most: number): number[] | null => {
  const list = text.split(',').map((part) => (/^[+-]?\d{1,3}$/.test(part) ? Number(part) : 0));
  return list.every((one) => one !== 0 && Math.abs(one) <= most) ? list : null;
};

/** Reads the value of an RRULE line, with or without the line's name. */
export function readRule(text: string): Rule | null {
  const parts = text.trim().toUpperCase().replace(/^RRULE:/, '').split(';').filter(Boolean).map((part) => part.split('='));
  const value: Record<string, string> = {};
  for (const [name = '', given = '', ...rest] of parts) {
    if (given === '' || rest.length > 0 || name in value) return null;
    value[name] = given;
  }
  const { FREQ, INTERVAL = '1', BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, WKST = 'MO', COUNT, UNTIL, ...unknown } = value;
  const days = BYDAY?.split(',').map(ruleDay) ?? [];
  const rule = {
    interval: /^\d{1,3}$/.test(INTERVAL) ? Number(INTERVAL) : 0,
    monthDays: BYMONTHDAY === undefined ? [] : numbers(BYMONTHDAY, 31),
    months: BYMONTH === undefined ? [] : numbers(BYMONTH, 12),
    positions: BYSETPOS === undefined ? [] : numbers(BYSETPOS, 366),
    weekStart: dayNumber(WKST),
    count: COUNT === undefined ? null : /^\d{1,5}$/.test(COUNT) ? Number(COUNT) : 0,
  };
  const { interval, monthDays, months, positions, weekStart, count } = rule;
  const until = UNTIL ?? null;
  if (Object.keys(unknown).length > 0 || interval === 0 || weekStart === 0 || count === 0 || (count !== null && until !== null)) return null;
  if (monthDays === null || months === null || months.some((one) => one < 0) || positions === null || positions.length > 1) return null;
  if (days.includes(null) || (until !== null && untilDay(until, 'UTC') === null)) return null;
  if (FREQ !== 'DAILY' && FREQ !== 'WEEKLY' && FREQ !== 'MONTHLY' && FREQ !== 'YEARLY') return null;
  const [first] = days;
  const position = positions[0] ?? null;
  const base = { interval, monthDays, months, weekStart, count, until };
  // The second of all Tuesdays is the second Tuesday.
  if (FREQ === 'MONTHLY' && position !== null && first && days.length === 1 && first.nth === null && monthDays.length === 0) return every(FREQ, { ...base, days: [{ nth: position, day: first.day }] });
  return every(FREQ, { ...base, days: days as RuleDay[], position });
}

const dayText = ({ nth, day }: RuleDay): string => `${nth ?? ''}${DAY_NAMES[day - 1] ?? ''}`;

/** The value of an RRULE line, its parts in the order in which Rust writes them. */
export function writeRule(rule: Rule): string {
  const parts: [string, string | number | null][] = [
    ['INTERVAL', rule.interval === 1 ? null : rule.interval],
    ['BYMONTH', rule.months.join(',')],
    ['BYMONTHDAY', rule.monthDays.join(',')],
    ['BYDAY', rule.days.map(dayText).join(',')],
    ['BYSETPOS', rule.position],
    ['WKST', rule.weekStart === 1 ? null : (DAY_NAMES[rule.weekStart - 1] ?? null)],
    ['COUNT', rule.count],
    ['UNTIL', rule.until],
  ];
  return [`FREQ=${rule.frequency}`, ...parts.filter(([, value]) => value !== null && value !== '').map(([name, value]) => `${name}=${value}`)].join(';');
}

/** The last day of an `UNTIL`, as a calendar in `zone` has it. */
export function untilDay(until: string, zone: string): Day | null {
  const [, year, month, date, time, utc] = /^(\d{4})(\d{2})(\d{2})(?:T(\d{6})(Z)?)?$/.exec(until) ?? [];
  const day = `${year}-${month}-${date}`;
  if (!isDay(day)) return null;
  return utc === undefined || time === undefined ? day : dayIn(`${day}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`, zone);
}

/** Monday to Friday, and nothing else. */
export const isEveryWeekday = (rule: Rule): boolean =>
  rule.days.length === 5 && rule.days.every(({ nth, day }) => nth === null && day <= 5) && new Set(rule.days.map(({ day }) => day)).size === 5;
