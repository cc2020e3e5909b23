// Instants as wall times in a zone of the tz database, by the platform's own zone data.
import type { Day } from './day';

/** What a clock on the wall shows. */
export type Wall = { day: Day; time: string };

const clocks = new Map<string, Intl.DateTimeFormat>();

function clock(zone: string): Intl.DateTimeFormat {
  let found = clocks.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-CA-u-ca-gregory-nu-latn', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    clocks.set(zone, found);
  }
  return found;
}

/** Whether the platform knows the zone. */
export function isZone(zone: string): boolean {
  try {
    clock(zone);
    return true;
  } catch {
    return false;
  }
}

/** The wall time of an instant in a zone. */
export function wallIn(instant: number | string, zone: string): Wall {
  const part: Record<string, string> = {};
  for (const { type, value } of clock(zone).formatToParts(new Date(instant))) part[type] = value;
  return { day: `${(part['year'] ?? '').padStart(4, '0')}-${part['month']}-${part['day']}`, time: `${part['hour']}:${part['minute']}` };
}

/** The day an instant falls on in a zone. */
export const dayIn = (instant: number | string, zone: string): Day => wallIn(instant, zone).day;

/** The town of a zone's name: `Europe/Zurich` is Zurich. */
export const townOf = (zone: string): string => (zone.split('/').at(-1) ?? zone).replaceAll('_', ' ');

/** The distance from UTC at an instant, `GMT+1`. */
export function offsetOf(zone: string, instant: number, locale: string): string {
  const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(new Date(instant));
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
}

/** Zones whose name or offset holds every word of the query; those that begin with it first, at most `most`. */
export function findZones(zones: readonly string[], query: string, most: number): string[] {
  const words = plain(query).split(' ').filter(Boolean);
  if (words.length === 0) return zones.slice(0, most);
  const hits = zones.filter((zone) => words.every((word) => plain(zone).includes(word)));
  const first = words[0] ?? '';
  const rank = (zone: string) => (plain(townOf(zone)).startsWith(first) ? 0 : plain(zone).startsWith(first) ? 1 : 2);
  return hits.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b)).slice(0, most);
}

const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[_/,]+/g, ' ')
    .trim();
