// The form as typed: what is asked of the person and what is sent.
import { describe, expect, it } from 'vitest';
import { meeting, NOW } from '../gallery/data';
import { addresses, formOf, freshForm, isEmpty, problemsOf, readStart, toChange, toDraft } from './form';

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
    expect(change).toEqual({ subject: 'Review again', start: '2026-11-23T14:00', end: null, durationMinutes: null, zone: null, fold: null, agenda: null, invitees: null });
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

it('addresses are taken apart', () => expect(addresses(' a@x.example,b@x.example ;\n c@x.example ')).toEqual(['a@x.example', 'b@x.example', 'c@x.example']));
