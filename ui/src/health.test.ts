// From an account's state to the words that a person reads.
import { describe, expect, it } from 'vitest';
import type { AccountHealth } from './bindings/AccountHealth';
import { account, NOW, problem } from './gallery/data';
import { daysLeft, healthReason, healthWord } from './health';
import { outageWording } from './problem';
import { deadline } from './time/format';

const reader = { zone: 'Europe/Zurich', locale: 'en-GB', now: NOW };
const PROGRAM = 'GNOME Keyring or KeePassXC';
const states: AccountHealth[] = ['ok', 'expiring', 'needs_sign_in', 'unreachable', 'locked'];

describe('health', () => {
  it('has a word for each state, with the days that are left', () => {
    expect(states.map((health) => healthWord(account('zoom', { health }), NOW))).toEqual(['Works', 'Sign in soon', 'Sign in again', 'Not reached', 'Keyring locked']);
    const within = (by: string) => healthWord(account('zoom', { health: 'expiring', sign_in_by: by }), NOW);
    expect(within('2026-11-25T08:18:00Z')).toBe('Sign in within 3 days');
    expect(within('2026-11-22T20:00:00Z')).toBe('Sign in within a day');
    expect(within('2026-11-22T08:00:00Z')).toBe('Sign in now');
  });

  it('counts days as the tray and the command line do', () => {
    expect(['2026-11-25T08:18:00Z', '2026-11-25T08:18:01Z', '2026-11-22T08:18:01Z', '2026-11-22T08:18:00Z', '2026-11-01T00:00:00Z'].map((by) => daysLeft(by, NOW))).toEqual([3, 4, 1, 0, 0]);
  });

  it('says why it is not well and what helps', () => {
    const why = (change: Parameters<typeof account>[1]) => healthReason(account('zoom', change), reader, PROGRAM);
    expect(why({ health: 'ok' })).toBeNull();
    expect(why({ health: 'expiring', sign_in_by: '2026-11-28T08:00:00Z' })).toContain('Works until 28 Nov;');
    expect(why({ health: 'needs_sign_in', health_reason: 'credential_missing' })).toContain('holds no sign-in');
    expect(why({ health: 'needs_sign_in', health_reason: 'something_new' })).toContain('Zoom wants you to sign in again');
    expect(why({ health: 'unreachable', health_reason: 'tls' })).toContain('could not be secured');
    for (const code of ['keyring_absent', 'keyring_locked', 'keyring_failed', null]) expect(why({ health: 'locked', health_reason: code })).toContain(PROGRAM);
    expect(why({ health: 'locked', health_reason: 'keyring_absent' })).toContain('goes on by itself');
    for (const health of states) expect(healthReason(account('zoom', { health }), reader, PROGRAM) ?? '').not.toMatch(/health-|\{|!/);
  });

  it('writes a date far off as a day and a near one to the minute', () => {
    const by = (instant: string) => deadline(instant, reader.zone, reader.locale, reader.now);
    expect(by('2026-11-28T08:00:00Z')).toBe('28 Nov');
    expect(by('2027-02-03T08:00:00Z')).toBe('3 Feb 2027');
    expect(by('2026-11-23T08:00:00Z')).toMatch(/23 Nov.*09:00/);
    expect(by('2026-11-22T16:30:00Z')).toBe('17:30');
  });

  it('names whom an outage is about', () => {
    const two = [account('zoom'), account('zoom', { id: 'zoom-second', label: 'Customers' })];
    expect(outageWording(problem('unavailable', { provider: 'zoom' }), two, reader)).toMatch(/^Zoom is not working.*This is about “Work” and “Customers”\.$/);
    const all = [account('zoom'), account('teams'), account('webex')];
    expect(outageWording(problem('unreachable'), all, reader)).toMatch(/^Zoom, Teams and Webex could not be reached:.*tries again by itself\.$/);
    expect(outageWording(problem('rate_limited', { retry_at: '2026-11-22T08:30:00Z' }), all, reader)).toContain('wait until 09:30');
    for (const code of ['rate_limited', 'unavailable', 'bad_answer', 'unreachable', 'intercepted', 'tls'] as const) expect(outageWording(problem(code), all, reader)).not.toMatch(/\{|undefined/);
  });
});
