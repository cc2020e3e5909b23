// What is wrong, as lines: one per trouble, not one per account.
import { describe, expect, it } from 'vitest';
import type { AccountView } from '../bindings/AccountView';
import { account, problem } from '../gallery/data';
import { troublesOf, type Trouble } from './troubles';

const second = (change: Partial<AccountView> = {}): AccountView => account('zoom', { id: 'zoom-second', label: 'Customers', ...change });
const at = (one: AccountView, code: Parameters<typeof problem>[0], detail: string | null = null, retryAt: string | null = null) =>
  problem(code, { account: one.id, provider: one.provider, detail, retry_at: retryAt });
const [zoom, zoom2, teams, webex] = [account('zoom'), second(), account('teams'), account('webex')];
const shapes = (found: Trouble[]) => found.map((one) => [one.kind, 'accounts' in one ? one.accounts.map(({ id }) => id) : [], 'error' in one ? one.error.provider : null]);

describe('troubles', () => {
  it('are none where all is well or only soon', () => {
    expect(troublesOf([], [zoom, teams, account('webex', { health: 'expiring', sign_in_by: '2026-11-25T08:00:00Z' })])).toEqual([]);
  });

  it('of one provider are one line, with all its accounts', () => {
    const found = troublesOf([at(zoom, 'unavailable'), at(zoom2, 'unavailable')], [zoom, zoom2, teams]);
    expect(shapes(found)).toEqual([['outage', [zoom.id, zoom2.id], 'zoom']]);
    expect(found[0]).toMatchObject({ error: { code: 'unavailable', account: null } });
  });

  it('of every account for one reason are one line that names no provider', () => {
    const found = troublesOf([at(zoom, 'unreachable', 'api.zoom.us'), at(teams, 'unreachable', 'graph.microsoft.com')], [zoom, teams]);
    expect(shapes(found)).toEqual([['outage', [zoom.id, teams.id], null]]);
    expect(found[0]).toMatchObject({ error: { detail: null } });
  });

  it('with the same host are one line, whoever else works', () => {
    const found = troublesOf([at(zoom, 'unreachable', 'broker.example.com'), at(teams, 'unreachable', 'broker.example.com')], [zoom, teams, webex]);
    expect(shapes(found)).toEqual([['outage', [zoom.id, teams.id], null]]);
    expect(found[0]).toMatchObject({ error: { detail: 'broker.example.com' } });
  });

  it('of several providers for their own reasons stay apart', () => {
    const found = troublesOf([at(zoom, 'unreachable', 'api.zoom.us'), at(teams, 'unreachable', 'graph.microsoft.com')], [zoom, teams, webex]);
    expect(shapes(found)).toEqual([['outage', [zoom.id], 'zoom'], ['outage', [teams.id], 'teams']]);
    expect(shapes(troublesOf([at(zoom, 'unavailable'), at(zoom2, 'tls')], [zoom, zoom2]))).toHaveLength(2);
  });

  it('ask for the longest pause that anybody asks for', () => {
    const found = troublesOf([at(zoom, 'rate_limited', null, '2026-11-22T08:30:00Z'), at(zoom2, 'rate_limited', null, '2026-11-22T08:45:00Z')], [zoom, zoom2]);
    expect(found[0]).toMatchObject({ error: { retry_at: '2026-11-22T08:45:00Z' } });
  });

  it('that no reading met stand in the account, and are counted once', () => {
    const far = second({ health: 'unreachable', health_reason: 'unavailable' });
    expect(shapes(troublesOf([at(zoom, 'unavailable'), at(far, 'unavailable')], [zoom, far]))).toEqual([['outage', [zoom.id, far.id], 'zoom']]);
    expect(shapes(troublesOf([at(zoom, 'unavailable')], [zoom, far]))).toEqual([['outage', [zoom.id, far.id], 'zoom']]);
  });

  it('of the keyring are one line', () => {
    const locked = (one: AccountView): AccountView => ({ ...one, health: 'locked', health_reason: 'keyring_locked' });
    expect(troublesOf([at(zoom, 'keyring_locked'), at(teams, 'keyring_locked')], [locked(zoom), locked(teams)])).toEqual([{ kind: 'keyring', code: 'keyring_locked' }]);
    expect(troublesOf([], [locked(zoom), locked(teams)])).toEqual([{ kind: 'keyring', code: 'keyring_locked' }]);
    expect(troublesOf([], [account('zoom', { health: 'locked' })])).toEqual([{ kind: 'keyring', code: null }]);
  });

  it('that need the person stand first, as one line, and the others by themselves', () => {
    const ended = account('webex', { health: 'needs_sign_in', health_reason: 'sign_in_required' });
    const found = troublesOf([at(zoom, 'not_permitted'), at(teams, 'sign_in_required'), at(zoom2, 'unreachable')], [zoom, teams, zoom2, ended]);
    expect(shapes(found)).toEqual([
      ['sign-in', [teams.id, ended.id], null],
      ['outage', [zoom2.id], 'zoom'],
      ['problem', [], 'zoom'],
    ]);
  });
});
