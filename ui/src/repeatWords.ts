// From a recurrence rule to the sentence a person reads.
import { nthOf, type Every } from './state/repeat';
import { weekday, type Day } from './time/day';
import { longDay, monthAndDay } from './time/format';
import { isEveryWeekday, readRule, untilDay, type Rule } from './time/rule';
import { listed, ordinal, say } from './words';

const dayName = (day: number): string => say(`weekday-${day}`);

/** `second Tuesday`, `last Friday`. */
function nthDay(nth: number, day: number): string | null {
  return nth === -1 || (nth >= 1 && nth <= 5) ? say('repeats-nth-day', { nth, day: dayName(day) }) : null;
}

const monthDay = (date: number): string | null => (date === -1 ? say('repeats-last-date') : date > 0 ? say('repeats-date', { date: ordinal(date) }) : null);

function known(parts: (string | null)[]): string | null {
  return parts.length > 0 && !parts.includes(null) ? listed(parts as string[]) : null;
}

/** How often, without the end; none where there are no words for it. */
function howOften(rule: Rule, start: Day | null, locale: string): string | null {
  const count = rule.interval;
  const { days, monthDays, months, position } = rule;
  if (position !== null) return null;
  switch (rule.frequency) {
    case 'DAILY':
      if (monthDays.length + months.length > 0) return null;
      if (isEveryWeekday(rule) && count === 1) return say('repeats-weekdays');
      return days.length > 0 ? null : say('repeats-day', { count });
    case 'WEEKLY': {
      if (monthDays.length + months.length > 0) return null;
      if (isEveryWeekday(rule) && count === 1) return say('repeats-weekdays');
      const on = days.length > 0 ? days : start === null ? [] : [{ nth: null, day: weekday(start) }];
      const names = known([...on].sort((a, b) => a.day - b.day).map(({ day }) => dayName(day)));
      return names === null ? null : say('repeats-week', { count, days: names });
    }
    case 'MONTHLY': {
      if (months.length > 0 || (days.length > 0 && monthDays.length > 0)) return null;
      const dates = days.length + monthDays.length > 0 || start === null ? monthDays : [Number(start.slice(8))];
      const on = known([...dates.map(monthDay), ...days.map(({ nth, day }) => (nth === null ? null : nthDay(nth, day)))]);
      return on === null ? null : say('repeats-month', { count, on });
    }
    case 'YEARLY': {
      if (days.length > 0 || months.length > 1 || monthDays.length > 1) return null;
      const own = start === null ? null : { month: Number(start.slice(5, 7)), date: Number(start.slice(8)) };
      const month = months[0] ?? own?.month;
      const date = monthDays[0] ?? own?.date;
      if (month === undefined || date === undefined || date < 1) return null;
      return say('repeats-year', { count, day: monthAndDay(month, date, locale) });
    }
  }
}

/** How a meeting repeats, whose first date is `start` in `zone`; the rule itself where there are no words for it. */
export function repeatWords(text: string, start: Day | null, zone: string, locale: string): string {
  const rule = readRule(text);
  const often = rule === null ? null : howOften(rule, start, locale);
  if (rule === null || often === null) return say('repeats-rule', { rule: text });
  if (rule.count !== null) return say('repeats-count', { often, count: rule.count });
  const until = rule.until === null ? null : untilDay(rule.until, zone);
  return until === null ? often : say('repeats-until', { often, day: longDay(until, locale) });
}

/** What a choice of the form is called for a meeting on this day. */
export function choiceWords(choice: Every, day: Day, locale: string): string {
  const name = dayName(weekday(day));
  switch (choice) {
    case 'never': return say('form-repeat-never');
    case 'custom': return say('form-repeat-custom');
    case 'day': return say('repeats-day', { count: 1 });
    case 'weekday': return say('repeats-weekdays');
    case 'week': return say('repeats-week', { count: 1, days: name });
    case 'fortnight': return say('repeats-week', { count: 2, days: name });
    case 'month_date': return say('repeats-month', { count: 1, on: say('repeats-date', { date: ordinal(Number(day.slice(8))) }) });
    case 'month_day': return say('repeats-month', { count: 1, on: nthDay(nthOf(day), weekday(day)) ?? name });
    case 'month_last': return say('repeats-month', { count: 1, on: nthDay(-1, weekday(day)) ?? name });
    case 'year': return say('repeats-year', { count: 1, day: monthAndDay(Number(day.slice(5, 7)), Number(day.slice(8)), locale) });
  }
}
