// Calendar days as text, `2026-11-23`: no instant, no zone, so that nothing can slip by a clock change.

/** A calendar day, `YYYY-MM-DD`. */
export type Day = string;

const utc = (day: Day): Date => new Date(`${day}T00:00:00Z`);

/** Whether the text is a day that exists. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = utc(text);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text;
}

/** From numbers; none where there is no such day. */
export function dayOf(year: number, month: number, date: number): Day | null {
  const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(date).padStart(2, '0')}`;
  return isDay(text) ? text : null;
}

/** The day `count` days later. */
export function addDays(day: Day, count: number): Day {
  const date = utc(day);
  date.setUTCDate(date.getUTCDate() + count);
  return date.toISOString().slice(0, 10);
}

/** The same date `count` months later, or the last one of that month. */
export function addMonths(day: Day, count: number): Day {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const index = year * 12 + month - 1 + count;
  const last = new Date(Date.UTC(Math.floor(index / 12), (index % 12) + 1, 0)).getUTCDate();
  return dayOf(Math.floor(index / 12), (index % 12) + 1, Math.min(date, last)) ?? day;
}

/** 1 is Monday, 7 is Sunday. */
export const weekday = (day: Day): number => utc(day).getUTCDay() || 7;

/** The weeks that show a month, each with seven days, from `first` (1 is Monday) on. */
export function monthGrid(day: Day, first: number): Day[][] {
  const start = `${day.slice(0, 7)}-01`;
  const before = (weekday(start) - first + 7) % 7;
  let cursor = addDays(start, -before);
  const weeks: Day[][] = [];
  do {
    weeks.push(Array.from({ length: 7 }, (_, index) => addDays(cursor, index)));
    cursor = addDays(cursor, 7);
  } while (cursor.slice(0, 7) === day.slice(0, 7));
  return weeks;
}

/** For Intl: the day at midnight UTC, to be formatted in UTC. */
export const asDate = utc;
