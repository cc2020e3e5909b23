// Dates and times as people type them. ISO forms work in every locale; what a field shows can always be read back.
import { asDate, dayOf, isDay, type Day } from './day';

const numeric = (locale: string) =>
  new Intl.DateTimeFormat(`${locale}-u-ca-gregory-nu-latn`, { year: 'numeric', month: '2-digit', day: '2-digit', timeZone: 'UTC' });

const order = (locale: string): string[] =>
  numeric(locale)
    .formatToParts(0)
    .map((part) => part.type)
    .filter((type) => type === 'year' || type === 'month' || type === 'day');

/** How a date field shows a day: numbers in the locale's order. */
export const dateText = (day: Day, locale: string): string => numeric(locale).format(asDate(day));

/** Reads a date: ISO, or numbers in the locale's order, without a year the next such day from `today` on. */
export function parseDate(text: string, locale: string, today: Day): Day | null {
  const typed = text.trim().replaceAll(/[\u200e\u200f]/g, '');
  if (isDay(typed)) return typed;
  const numbers = typed.match(/\d+/g)?.map(Number) ?? [];
  if (/\p{L}{3}/u.test(typed) || numbers.length < 2 || numbers.length > 3) return null;
  const fields = order(locale).filter((field) => numbers.length === 3 || field !== 'year');
  const value: Record<string, number> = {};
  fields.forEach((field, index) => (value[field] = numbers[index] ?? 0));
  const { month = 0, day = 0 } = value;
  if (numbers.length === 3) {
    const year = value['year'] ?? 0;
    return dayOf(year < 100 ? 2000 + year : year, month, day);
  }
  const year = Number(today.slice(0, 4));
  const here = dayOf(year, month, day);
  return here !== null && here >= today ? here : dayOf(year + 1, month, day);
}

const halves = (locale: string): [string, string] => {
  const format = new Intl.DateTimeFormat(locale, { hour: 'numeric', hour12: true, timeZone: 'UTC' });
  const half = (hour: number) =>
    format
      .formatToParts(Date.UTC(2026, 0, 1, hour))
      .find((part) => part.type === 'dayPeriod')
      ?.value.toLowerCase() ?? '';
  return [half(9), half(21)];
};

/** How a time field shows `HH:MM`. */
export const timeText = (time: string, locale: string): string =>
  new Intl.DateTimeFormat(`${locale}-u-nu-latn`, { timeStyle: 'short', timeZone: 'UTC' }).format(new Date(`2026-01-01T${time}:00Z`));

/** Reads a time of day as `HH:MM`: `9:30`, `0930`, `9.30`, `9h30`, `9`, `9:30 pm`. */
export function parseTime(text: string, locale: string): string | null {
  const typed = text.trim().toLowerCase().replaceAll(/\s+/g, ' ');
  const [morning, evening] = halves(locale);
  const letters = typed.replaceAll(/[\d:.h\s\u202f]/g, '');
  const is = (names: string[]) => names.some((name) => name !== '' && letters === name.replaceAll(/[\d:.h\s\u202f]/g, ''));
  const am = is(['am', 'a', morning]);
  const pm = is(['pm', 'p', evening]);
  if (letters !== '' && !am && !pm) return null;
  const parts = /^\D*(\d{1,2})(?:\s?[:.h]\s?(\d{2})|(\d{2}))?\D*$/.exec(typed);
  if (!parts) return null;
  let hour = Number(parts[1]);
  const minute = Number(parts[2] ?? parts[3] ?? 0);
  if (am || pm) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (pm ? 12 : 0);
  }
  return hour < 24 && minute < 60 ? `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}` : null;
}
