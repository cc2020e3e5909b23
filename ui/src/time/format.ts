// Dates and times as the person's locale writes them.
import { asDate, type Day } from './day';

/** A locale that Intl takes, from what the system says (`de_CH.UTF-8`); the page's own where that is none. */
export function usableLocale(text: string, fallback: string = navigator.language || 'en'): string {
  const name = text.replace(/[.@].*$/, '').replaceAll('_', '-');
  try {
    return Intl.DateTimeFormat.supportedLocalesOf([name])[0] ?? fallback;
  } catch {
    return fallback;
  }
}

const made = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  let found = made.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, options);
    made.set(key, found);
  }
  return found;
}

/** `09:30`, or `9:30 AM`. */
export const clockTime = (instant: number | string, zone: string, locale: string): string =>
  format(locale, { timeStyle: 'short', timeZone: zone }).format(new Date(instant));

/** `10:00 – 11:00`, shortened as the locale does. */
export function clockRange(start: number | string, end: number | string, zone: string, locale: string): string {
  return `${clockTime(start, zone, locale)}\u2009–\u2009${clockTime(end, zone, locale)}`;
}

/** `Mon 23 Nov`, with the year where it is not this one. */
export function shortDay(day: Day, locale: string, today: Day): string {
  const year = day.slice(0, 4) === today.slice(0, 4) ? {} : ({ year: 'numeric' } as const);
  return format(locale, { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC', ...year }).format(asDate(day));
}

/** `Monday, 23 November 2026`: what a screen reader says. */
export const fullDay = (day: Day, locale: string): string => format(locale, { dateStyle: 'full', timeZone: 'UTC' }).format(asDate(day));

/** `23 November 2026`. */
export const longDay = (day: Day, locale: string): string => format(locale, { dateStyle: 'long', timeZone: 'UTC' }).format(asDate(day));

/** `14 March`: a day of every year. */
export const monthAndDay = (month: number, date: number, locale: string): string =>
  format(locale, { day: 'numeric', month: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(2028, month - 1, date)));

/** `November 2026`. */
export const monthName = (day: Day, locale: string): string =>
  format(locale, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(asDate(day));

/** The name of a day of the week, for the head of a calendar. */
export const weekdayName = (day: Day, locale: string, width: 'narrow' | 'long'): string =>
  format(locale, { weekday: width, timeZone: 'UTC' }).format(asDate(day));

/** `22 Nov, 09:41` for a moment of another day, `09:41` for one of today. */
export function moment(instant: string, zone: string, locale: string, now: number): string {
  const sameDay = format('en-CA', { dateStyle: 'short', timeZone: zone });
  if (sameDay.format(new Date(instant)) === sameDay.format(now)) return clockTime(instant, zone, locale);
  return format(locale, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone: zone }).format(new Date(instant));
}

/** `28 Nov`, with the year where it is not this one; to the minute where it is less than two days away. */
export function deadline(instant: string, zone: string, locale: string, now: number): string {
  const at = new Date(instant);
  if (at.getTime() - now < 2 * 86_400_000) return moment(instant, zone, locale, now);
  const yearOf = format('en-CA', { year: 'numeric', timeZone: zone });
  const year = yearOf.format(at) === yearOf.format(now) ? {} : ({ year: 'numeric' } as const);
  return format(locale, { day: 'numeric', month: 'short', timeZone: zone, ...year }).format(at);
}

/** The first day of the week where the person lives: 1 is Monday, 7 is Sunday. */
export function firstWeekday(locale: string): number {
  type WithWeek = Intl.Locale & { weekInfo?: { firstDay: number }; getWeekInfo?: () => { firstDay: number } };
  const known = new Intl.Locale(locale) as WithWeek;
  return known.getWeekInfo?.().firstDay ?? known.weekInfo?.firstDay ?? (/-(US|CA|MX|BR|JP|KR|IL|IN)\b/.test(known.maximize().toString()) ? 7 : 1);
}
