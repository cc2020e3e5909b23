// Dates and times: typing in many locales, days over clock changes and zones.
import { describe, expect, it } from 'vitest';
import { meeting } from '../gallery/data';
import { byDay, nearness, nextOf, overlapping, withoutTime } from './agenda';
import { addDays, addMonths, isDay, monthGrid, weekday } from './day';
import { firstWeekday, usableLocale } from './format';
import { dateText, parseDate, parseTime, timeText } from './parse';
import { dayIn, findZones, wallIn } from './zone';

const locales = ['en-US', 'en-GB', 'de-DE', 'de-CH', 'fr-FR', 'it-IT', 'es-ES', 'pl-PL', 'sv-SE', 'hu-HU', 'ja-JP', 'ko-KR', 'nl-NL', 'pt-BR'];

describe('days', () => {
  it('know which exist', () => {
    expect(isDay('2028-02-29')).toBe(true);
    for (const bad of ['2027-02-29', '2027-13-01', '2027-1-1', '', '20270101']) expect(isDay(bad), bad).toBe(false);
  });

  it('count over months, years and leap days', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2027-03-28', 1)).toBe('2027-03-29');
    expect(addMonths('2027-01-31', 1)).toBe('2027-02-28');
    expect(addMonths('2027-01-15', -1)).toBe('2026-12-15');
    expect(weekday('2026-11-22')).toBe(7);
  });

  it('fill a month in whole weeks', () => {
    const weeks = monthGrid('2026-11-10', 1);
    expect(weeks[0]?.[0]).toBe('2026-10-26');
    expect(weeks.at(-1)?.[6]).toBe('2026-12-06');
    expect(monthGrid('2026-11-10', 7)[0]?.[0]).toBe('2026-11-01');
  });
});

describe('zones', () => {
  it('place an instant on the day of the reader', () => {
    expect(dayIn('2026-11-22T23:30:00Z', 'Europe/Zurich')).toBe('2026-11-23');
    expect(dayIn('2026-11-22T23:30:00Z', 'America/New_York')).toBe('2026-11-22');
    expect(wallIn('2027-03-28T01:00:00Z', 'Europe/Zurich')).toEqual({ day: '2027-03-28', time: '03:00' });
    expect(wallIn('2026-11-22T23:00:00Z', 'Europe/Zurich')).toEqual({ day: '2026-11-23', time: '00:00' });
  });

  it('are found by town, region and without accents', () => {
    const zones = ['America/Sao_Paulo', 'Europe/London', 'Europe/Zurich', 'Asia/Tokyo'];
    expect(findZones(zones, 'são', 5)).toEqual(['America/Sao_Paulo']);
    expect(findZones(zones, 'europe lon', 5)).toEqual(['Europe/London']);
    expect(findZones(zones, 'nowhere', 5)).toEqual([]);
  });
});

describe('the agenda', () => {
  const night = meeting('night', 'Night', 'zoom', '2027-03-28T00:30:00Z', 60);
  const noon = meeting('noon', 'Noon', 'zoom', '2027-03-28T10:00:00Z', 60);
  const late = meeting('late', 'Late', 'zoom', '2027-03-28T22:30:00Z', 30);
  const room = meeting('room', 'Room', 'sametime', null, 0);

  it('groups by the day of the reader, over a clock change', () => {
    expect(byDay([late, noon, night, room], 'Europe/Zurich').map((group) => [group.day, group.meetings.map((one) => one.subject)])).toEqual([
      ['2027-03-28', ['Night', 'Noon']],
      ['2027-03-29', ['Late']],
    ]);
    expect(byDay([late, noon, night], 'America/New_York').map((group) => group.day)).toEqual(['2027-03-27', '2027-03-28']);
    expect(withoutTime([noon, room])).toEqual([room]);
  });

  it('finds the next one, which may be on', () => {
    expect(nextOf([late, noon, room], Date.parse('2027-03-28T10:30:00Z'))?.subject).toBe('Noon');
    expect(nextOf([late, noon], Date.parse('2027-03-28T11:00:00Z'))?.subject).toBe('Late');
    expect(nextOf([{ ...late, state: 'gone' }, room], 0)).toBeNull();
  });

  it('marks what overlaps, not what only touches', () => {
    const touching = meeting('b', 'B', 'zoom', '2027-03-28T11:00:00Z', 30);
    const inside = meeting('c', 'C', 'teams', '2027-03-28T10:15:00Z', 15);
    expect(overlapping([noon, touching])).toEqual(new Set());
    expect(overlapping([touching, inside, noon])).toEqual(new Set(['m-noon', 'm-c']));
    expect(overlapping([noon, { ...inside, state: 'gone' }])).toEqual(new Set());
  });

  it('says how near a meeting is', () => {
    const at = (text: string) => nearness(noon, Date.parse(text));
    expect(at('2027-03-28T09:48:00Z')).toEqual({ kind: 'minutes', count: 12 });
    expect(at('2027-03-28T07:00:00Z')).toEqual({ kind: 'hours', count: 3 });
    expect(at('2027-03-28T10:01:00Z')).toEqual({ kind: 'on' });
    expect(at('2027-03-27T10:00:00Z')).toEqual({ kind: 'far' });
  });
});

describe('typed dates', () => {
  it.each(locales)('are read back as %s shows them', (locale) => {
    for (const day of ['2027-03-14', '2027-11-02', '2026-12-31']) expect(parseDate(dateText(day, locale), locale, '2026-11-22')).toBe(day);
    expect(parseDate('2027-03-14', locale, '2026-11-22')).toBe('2027-03-14');
  });

  it('follow the order of the locale', () => {
    expect(parseDate('3/4/2027', 'en-US', '2026-11-22')).toBe('2027-03-04');
    expect(parseDate('3.4.27', 'de-DE', '2026-11-22')).toBe('2027-04-03');
  });

  it('take the next such day where there is no year', () => {
    expect(parseDate('23.11.', 'de-DE', '2026-11-22')).toBe('2026-11-23');
    expect(parseDate('21.11.', 'de-DE', '2026-11-22')).toBe('2027-11-21');
  });

  it('are refused where there is no such day', () => {
    for (const bad of ['', 'tomorrowish', '31.2.2027', '12', '1.2.3.4', '2027-02-30']) expect(parseDate(bad, 'de-DE', '2026-11-22'), bad).toBeNull();
  });
});

describe('typed times', () => {
  it.each(locales)('are read back as %s shows them', (locale) => {
    for (const time of ['00:00', '00:30', '09:05', '09:30', '12:00', '12:15', '15:00', '23:59']) expect(parseTime(timeText(time, locale), locale), time).toBe(time);
    expect(parseTime('09:30', locale)).toBe('09:30');
  });

  it('come in many forms', () => {
    for (const text of ['9:30', '0930', '930', '9.30', '9h30', '9:30 am', '9:30AM', ' 09:30 ']) expect(parseTime(text, 'en-US'), text).toBe('09:30');
    expect(parseTime('9', 'en-GB')).toBe('09:00');
    expect(parseTime('9 pm', 'en-GB')).toBe('21:00');
  });

  it('are refused where there is no such time', () => {
    for (const bad of ['', '24:00', '9:60', 'noon', '13 pm', '12345']) expect(parseTime(bad, 'en-US'), bad).toBeNull();
  });
});

it('locales come from what the system says', () => {
  expect(usableLocale('de_CH.UTF-8')).toBe('de-CH');
  expect(usableLocale('C.UTF-8', 'en-GB')).toBe('en-GB');
  expect(usableLocale('', 'en-GB')).toBe('en-GB');
  expect(firstWeekday('de-CH')).toBe(1);
});
