// Dates and times: typing in many locales, days over clock changes and zones.
import { describe, expect, it } from 'vitest';
import { meeting } from '../gallery/data';
import { byDay, dateOf, daysLeftOut, nearness, nextOf, occurrencesOf, overlapping, ownDay, single, withoutTime, type Occurrence } from './agenda';
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
  const at = (id: string, subject: string, start: string | null, minutes: number, change = {}) => single(meeting(id, subject, start === null ? 'sametime' : 'zoom', start, minutes, change));
  const night = at('night', 'Night', '2027-03-28T00:30:00Z', 60);
  const noon = at('noon', 'Noon', '2027-03-28T10:00:00Z', 60);
  const late = at('late', 'Late', '2027-03-28T22:30:00Z', 30);
  const room = at('room', 'Room', null, 0);
  const gone = (one: Occurrence): Occurrence => ({ ...one, meeting: { ...one.meeting, state: 'gone' } });

  it('groups by the day of the reader, over a clock change', () => {
    expect(byDay([late, noon, night, room], 'Europe/Zurich').map((group) => [group.day, group.occurrences.map((one) => one.meeting.subject)])).toEqual([
      ['2027-03-28', ['Night', 'Noon']],
      ['2027-03-29', ['Late']],
    ]);
    expect(byDay([late, noon, night], 'America/New_York').map((group) => group.day)).toEqual(['2027-03-27', '2027-03-28']);
    expect(withoutTime([noon, room])).toEqual([room]);
  });

  it('finds the next one, which may be on', () => {
    expect(nextOf([late, noon, room], Date.parse('2027-03-28T10:30:00Z'))?.meeting.subject).toBe('Noon');
    expect(nextOf([late, noon], Date.parse('2027-03-28T11:00:00Z'))?.meeting.subject).toBe('Late');
    expect(nextOf([gone(late), room], 0)).toBeNull();
  });

  it('marks what overlaps, not what only touches', () => {
    const touching = at('b', 'B', '2027-03-28T11:00:00Z', 30);
    const inside = at('c', 'C', '2027-03-28T10:15:00Z', 15);
    expect(overlapping([noon, touching])).toEqual(new Set());
    expect(overlapping([touching, inside, noon])).toEqual(new Set(['m-noon', 'm-c']));
    expect(overlapping([noon, gone(inside)])).toEqual(new Set());
  });

  it('says how near a meeting is', () => {
    const near = (text: string) => nearness(noon, Date.parse(text));
    expect(near('2027-03-28T09:48:00Z')).toEqual({ kind: 'minutes', count: 12 });
    expect(near('2027-03-28T07:00:00Z')).toEqual({ kind: 'hours', count: 3 });
    expect(near('2027-03-28T10:01:00Z')).toEqual({ kind: 'on' });
    expect(near('2027-03-27T10:00:00Z')).toEqual({ kind: 'far' });
  });
});

describe('a series in the agenda', () => {
  // Ten in Zurich over the clock change of 28 March: an hour earlier in UTC from then on.
  const starts = ['2027-03-22T10:00:00+01:00', '2027-03-29T10:00:00+02:00', '2027-04-05T10:00:00+02:00'];
  const weekly = meeting('weekly', 'Weekly', 'zoom', '2027-03-22T09:00:00Z', 30, { recurrence: 'FREQ=WEEKLY;BYDAY=MO', exceptions: ['2027-04-12T10:00'] });
  const other = meeting('other', 'Other', 'teams', '2027-03-29T08:15:00Z', 30);
  const dates = occurrencesOf({ meetings: [weekly, other], series: [{ meeting: 'm-weekly', starts }] });

  it('stands on each of its dates, as long as the meeting', () => {
    expect(byDay(dates, 'Europe/Zurich').map((group) => [group.day, group.occurrences.map((one) => [one.meeting.subject, one.end])])).toEqual([
      ['2027-03-22', [['Weekly', '2027-03-22T09:30:00.000Z']]],
      ['2027-03-29', [['Weekly', '2027-03-29T08:30:00.000Z'], ['Other', '2027-03-29T08:45:00.000Z']]],
      ['2027-04-05', [['Weekly', '2027-04-05T08:30:00.000Z']]],
    ]);
    expect(new Set(dates.map((one) => one.key)).size).toBe(4);
  });

  it('overlaps only on the date that does', () => expect(overlapping(dates)).toEqual(new Set([`m-weekly ${starts[1]}`, 'm-other'])));

  it('is next on its next date', () => {
    expect(nextOf(dates, Date.parse('2027-03-22T09:10:00Z'))?.start).toBe(starts[0]);
    expect(nextOf(dates, Date.parse('2027-03-29T08:50:00Z'))?.start).toBe(starts[2]);
  });

  it('is looked at on the date that was chosen, else on the next, else on the last', () => {
    const now = Date.parse('2027-03-23T00:00:00Z');
    expect(dateOf(weekly, dates, starts[2] ?? null, now).start).toBe(starts[2]);
    expect(dateOf(weekly, dates, null, now).start).toBe(starts[1]);
    expect(dateOf(weekly, dates, 'elsewhere', Date.parse('2028-01-01T00:00:00Z')).start).toBe(starts[2]);
    expect(dateOf(weekly, [], null, now)).toEqual(single(weekly));
  });

  it('without known dates stands on its own', () => {
    expect(occurrencesOf({ meetings: [weekly], series: [] })).toEqual([single(weekly)]);
    expect(occurrencesOf({ meetings: [weekly], series: [{ meeting: 'm-weekly', starts: [] }] })).toEqual([]);
  });

  it('leaves dates out by the day of its own zone', () => {
    expect(daysLeftOut(weekly)).toEqual(['2027-04-12']);
    const tokyo = { ...single(weekly), start: '2027-03-21T22:00:00Z', meeting: { ...weekly, zone: 'Asia/Tokyo' } };
    expect(ownDay(tokyo, 'Europe/Zurich')).toBe('2027-03-22');
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
