// The form as typed: what is asked of the person and what is sent.
import { describe, expect, it } from 'vitest';
import { account, can, meeting, NOW, providers } from '../gallery/data';
import { footOf } from './foot';
import { NEVER } from './repeat';
import { addresses, formOf, freshForm, isEmpty, NO_CHANGE, problemsOf, readStart, toChange, toDraft } from './form';

const today = '2026-11-22';
const defaults = { account: 'zoom-1', minutes: 30, zone: 'Europe/Zurich', locale: 'en-GB', now: NOW, day: null };
const fresh = (change = {}) => ({ ...freshForm(defaults), ...change });

describe('a new form', () => {
  it('starts at the next half hour', () => expect(readStart(fresh(), 'en-GB', today)).toEqual({ wall: '2026-11-22T09:30' }));

  it('starts in the morning of another day', () => {
    expect(readStart(freshForm({ ...defaults, day: '2026-12-01' }), 'en-GB', today)).toEqual({ wall: '2026-12-01T09:00' });
    const evening = freshForm({ ...defaults, now: Date.parse('2026-11-22T21:40:00Z') });
    expect(readStart(evening, 'en-GB', today)).toEqual({ wall: '2026-11-23T09:00' });
    const midnight = freshForm({ ...defaults, now: Date.parse('2026-11-22T22:45:00Z') });
    expect(readStart(midnight, 'en-GB', today)).toEqual({ wall: '2026-11-23T09:00' });
  });

  it('says everything that is missing at once', () => {
    const found = problemsOf(fresh({ account: '', date: 'soon', start: '', minutes: NaN }), 'en-GB', today, true);
    expect(found.map((issue) => [issue.field, issue.problem])).toEqual([
      ['account', 'required'],
      ['subject', 'required'],
      ['date', 'not_a_time'],
      ['start', 'required'],
      ['duration', 'end_before_start'],
    ]);
  });

  it('is sent as a wall time in a zone', () => {
    const sent = toDraft(fresh({ subject: ' Standup ', date: '2027-03-14', start: '09:30', minutes: 45, invitees: 'ana@example.com; lea@example.com' }), 'de-DE', today);
    expect(sent).toEqual({
      subject: 'Standup', start: '2027-03-14T09:30', end: null, durationMinutes: 45, zone: 'Europe/Zurich', fold: null, agenda: '', invitees: ['ana@example.com', 'lea@example.com'],
      repeat: null, except: [], series: null, options: {},
    });
  });
});

describe('a change', () => {
  const review = meeting('review', 'Review', 'teams', '2026-11-23T13:00:00Z', 60, { zone: 'Europe/London', invitees: ['lea@example.com'] });
  const before = formOf(review, fresh(), 'en-GB');

  it('shows the meeting in its own zone', () => expect([before.start, before.zone, before.minutes]).toEqual(['13:00', 'Europe/London', 60]));

  it('sends only what differs', () => {
    expect(isEmpty(toChange(before, before, 'en-GB', today))).toBe(true);
    const change = toChange({ ...before, start: '14:00', subject: 'Review again' }, before, 'en-GB', today);
    expect(change).toEqual({ ...NO_CHANGE, subject: 'Review again', start: '2026-11-23T14:00' });
    expect(toChange({ ...before, invitees: '' }, before, 'en-GB', today).invitees).toEqual([]);
    expect(toChange({ ...before, start: '1:00 pm' }, before, 'en-GB', today).start).toBeNull();
  });

  it('gives a room a time only as a whole', () => {
    const room = formOf(meeting('room', 'Room', 'sametime', null, 0), fresh(), 'en-GB');
    expect(problemsOf(room, 'en-GB', today, false)).toEqual([]);
    const change = toChange({ ...room, date: '2027-03-14', start: '09:30' }, room, 'en-GB', today);
    expect([change.start, change.durationMinutes, change.zone]).toEqual(['2027-03-14T09:30', 30, 'Europe/Zurich']);
    expect(toChange({ ...room, subject: 'Other' }, room, 'en-GB', today).start).toBeNull();
  });
});

describe('a series', () => {
  const teams = providers().find((one) => one.provider === 'teams')?.capabilities;
  const weekly = { ...NEVER, every: 'week' as const, ends: 'count' as const, count: 10 };

  it('is one link where the provider has none of its own', () => {
    const values = fresh({ subject: 'Team', date: '2027-03-15', start: '09:30', repeat: { ...weekly, except: '2027-03-22, 29/03/2027' } });
    expect(toDraft(values, 'en-GB', today, teams)).toMatchObject({ repeat: 'FREQ=WEEKLY;BYDAY=MO;COUNT=10', except: ['2027-03-22', '2027-03-29'], series: 'one_link' });
    expect(toDraft(values, 'en-GB', today, can())).toMatchObject({ series: null });
    expect(toDraft({ ...values, repeat: NEVER }, 'en-GB', today, teams)).toMatchObject({ repeat: null, except: [], series: null });
  });

  it('needs a date, and an end that can be read', () => {
    const found = problemsOf(fresh({ subject: 'Team', date: '', repeat: { ...weekly, ends: 'until', until: 'soon' } }), 'en-GB', today, false);
    expect(found.map((issue) => [issue.field, issue.problem])).toEqual([['date', 'required'], ['until', 'not_a_time']]);
  });

  const known = meeting('weekly', 'Weekly', 'zoom', '2027-03-15T08:30:00Z', 30, { recurrence: 'FREQ=WEEKLY;BYDAY=MO;UNTIL=20271231T225959Z', series_form: 'native' });
  const before = formOf(known, fresh(), 'en-GB', can());

  it('that stands is read back, and nothing of it is sent again', () => {
    expect(before.repeat).toEqual({ ...NEVER, every: 'week', ends: 'until', until: '31/12/2027' });
    expect(isEmpty(toChange(before, before, 'en-GB', today, can()))).toBe(true);
  });

  it('follows the date that it is moved to, ends, and is sent as another form', () => {
    const change = (part: Partial<typeof before>) => toChange({ ...before, ...part }, before, 'en-GB', today, can());
    expect(change({ date: '2027-03-16' })).toMatchObject({ start: '2027-03-16T09:30', repeat: 'FREQ=WEEKLY;BYDAY=TU;UNTIL=20271231' });
    expect(change({ repeat: NEVER })).toEqual({ ...NO_CHANGE, repeat: '' });
    expect(change({ repeat: { ...before.repeat, series: 'one_link' } })).toEqual({ ...NO_CHANGE, repeat: 'FREQ=WEEKLY;BYDAY=MO;UNTIL=20271231', series: 'one_link' });
    expect(change({ repeat: { ...before.repeat, except: '22/03/2027' } })).toEqual({ ...NO_CHANGE, except: ['2027-03-22'] });
  });
});

describe('the foot', () => {
  const values = fresh({ subject: 'Team', invitees: 'ana@example.com, lea@example.com' });

  it('says who is told, and how a series stands', () => {
    expect(footOf(values, null, account('zoom'), can())).toBe('Creates a Zoom meeting in “Work”. Nobody is told: the link is yours to send.');
    expect(footOf(values, null, account('webex'), can({ writes_to_invitees: true }))).toBe('Creates a Webex meeting in “Customers”. Webex writes to the 2 people invited.');
    const series = { ...values, repeat: { ...NEVER, every: 'day' as const } };
    expect(footOf(series, null, account('teams'), can({ repeats: false }))).toContain('Creates one Teams meeting in “Acme”, whose link is used for all dates.');
    expect(footOf({ ...series, repeat: { ...series.repeat, series: 'linked' } }, null, account('zoom'), can())).toContain('several Zoom meetings');
    expect(footOf(series, { ...NO_CHANGE, start: '2027-03-14T09:30' }, account('zoom'), can())).toBe('Moves every date of the Zoom series. The link stays. Convoke tells nobody: send the new time yourself.');
    expect(footOf(series, NO_CHANGE, account('zoom'), can())).toBe('Nothing is changed yet.');
  });
});

it('what a provider cannot hold is told before anything is sent', () => {
  const narrow = can({ longest_subject: 5, longest_agenda: 3, shortest_minutes: 10 });
  const found = problemsOf(fresh({ subject: 'Ünïcöde', agenda: 'Long', minutes: 5 }), 'en-GB', today, true, narrow);
  expect(found.map((issue) => [issue.field, issue.problem, issue.detail])).toEqual([['subject', 'too_long', '5'], ['duration', 'too_short', '10'], ['agenda', 'too_long', '3']]);
});

it('addresses are taken apart', () => expect(addresses(' a@x.example,b@x.example ;\n c@x.example ')).toEqual(['a@x.example', 'b@x.example', 'c@x.example']));
