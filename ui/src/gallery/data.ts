// What the gallery and the tests show: accounts and meetings at example.com.
import type { AccountView } from '../bindings/AccountView';
import type { AgendaView } from '../bindings/AgendaView';
import type { AppState } from '../bindings/AppState';
import type { ErrorCode } from '../bindings/ErrorCode';
import type { ErrorView } from '../bindings/ErrorView';
import type { FieldIssue } from '../bindings/FieldIssue';
import type { MeetingView } from '../bindings/MeetingView';
import type { OrganisationCheck } from '../bindings/OrganisationCheck';
import type { ProviderKind } from '../bindings/ProviderKind';
import type { ProviderView } from '../bindings/ProviderView';

/** The gallery's now: Sunday 22 November 2026, 09:18 in Zurich. */
export const NOW = Date.parse('2026-11-22T08:18:00Z');

const labels: Record<ProviderKind, string> = { zoom: 'Work', teams: 'Acme', sametime: 'Meeting rooms' };

export const account = (provider: ProviderKind, change: Partial<AccountView> = {}): AccountView => ({
  id: `${provider}-4k7q2m`,
  provider,
  label: labels[provider],
  identity: provider === 'sametime' ? 'ana' : 'ana@example.com',
  scopes: [],
  health: 'ok',
  health_reason: null,
  sign_in_by: null,
  expires_at: '2026-11-22T09:10:00Z',
  last_refresh: '2026-11-22T08:10:00Z',
  ...change,
});

const provider = (kind: ProviderKind, name: string, change: Partial<ProviderView> = {}): ProviderView => ({
  provider: kind,
  name,
  sign_in: 'browser',
  available: true,
  scopes: [],
  server: null,
  capabilities: { lists: true, updates_in_place: true, knows_time: true, keeps_agenda: true, revokes: true },
  ...change,
});

export const providers = (): ProviderView[] => [
  provider('teams', 'Microsoft Teams', { capabilities: { lists: false, updates_in_place: true, knows_time: true, keeps_agenda: false, revokes: false } }),
  provider('zoom', 'Zoom'),
  provider('sametime', 'HCL Sametime', {
    sign_in: 'password',
    server: 'http://127.0.0.1:8791/sametime',
    capabilities: { lists: true, updates_in_place: true, knows_time: false, keeps_agenda: false, revokes: false },
  }),
];

export const startState = (change: Partial<AppState> = {}): AppState => ({
  step: 'welcome',
  profileName: 'Sandbox',
  startedWithProfile: true,
  preferences: { defaultAccount: null, defaultMinutes: 30, zone: null, theme: 'system' },
  systemZone: 'Europe/Zurich',
  locale: 'en-GB',
  accounts: [],
  providers: providers(),
  lastRefresh: null,
  keyringProgram: 'GNOME Keyring or KeePassXC',
  show: null,
  ...change,
});

export const readyState = (change: Partial<AppState> = {}): AppState =>
  startState({
    step: 'done',
    accounts: [account('zoom'), account('teams'), account('sametime')],
    lastRefresh: { at: '2026-11-22T08:11:00Z', accounts: [] },
    ...change,
  });

export const problem = (code: ErrorCode, change: Partial<ErrorView> = {}): ErrorView => ({ code, account: null, provider: null, detail: null, retry_at: null, fields: [], ...change });
export const wrong = (...fields: FieldIssue[]): ErrorView => problem('invalid_input', { fields });

export const check = (change: Partial<OrganisationCheck> = {}): OrganisationCheck => ({
  name: 'Sandbox',
  lines: [
    { check: 'profile', subject: null, error: null },
    { check: 'broker', subject: '127.0.0.1:8790', error: null },
    { check: 'provider', subject: 'teams', error: null },
    { check: 'provider', subject: 'zoom', error: null },
    { check: 'provider', subject: 'sametime', error: null },
  ],
  foreign_hosts: [],
  usable: true,
  ...change,
});

export const emptyAgenda = (): AgendaView => ({ meetings: [], problems: [], as_of: '2026-11-22T08:11:00Z' });

/** A meeting at `start` (an instant), `minutes` long. */
export function meeting(id: string, subject: string, kind: ProviderKind, start: string | null, minutes: number, change: Partial<MeetingView> = {}): MeetingView {
  return {
    id: `m-${id}`,
    account: `${kind}-4k7q2m`,
    provider: kind,
    provider_id: '83012345678',
    subject,
    start,
    end: start === null ? null : new Date(Date.parse(start) + minutes * 60_000).toISOString(),
    zone: start === null ? null : 'Europe/Zurich',
    join_url: `https://${kind}.example.com/j/83012345678`,
    passcode: kind === 'zoom' ? '482913' : null,
    dial_in: null,
    agenda: '',
    invitees: [],
    recurrence: null,
    options: {},
    state: 'scheduled',
    ...change,
  };
}

export const meetings = (): MeetingView[] => [
  meeting('past', 'Weekend handover', 'sametime', '2026-11-22T07:00:00Z', 30),
  meeting('standup', 'Standup', 'zoom', '2026-11-22T08:30:00Z', 15),
  meeting('review', 'Quarterly review', 'teams', '2026-11-22T13:00:00Z', 60, {
    zone: 'Europe/London',
    agenda: 'Numbers of the quarter\nWhat changes next year\nQuestions',
    invitees: ['lea@example.com', 'sam@example.com', 'kim@example.org'],
  }),
  meeting('budget', 'Budget for the year after next, with everybody who has a say in it', 'zoom', '2026-11-22T13:30:00Z', 45),
  meeting('mon', 'Planning', 'zoom', '2026-11-23T08:00:00Z', 60, { agenda: 'Who does what until Friday', invitees: ['lea@example.com'], dial_in: '+41 00 000 00 00\n+49 00 0000 0000' }),
  meeting('gone', 'Interview', 'teams', '2026-11-23T10:00:00Z', 45, { state: 'gone' }),
  meeting('wed', 'Release rehearsal', 'teams', '2026-11-25T14:00:00Z', 90),
  meeting('dec', 'Year-end party planning', 'sametime', '2026-12-04T15:00:00Z', 30),
  meeting('room', 'Project room', 'sametime', null, 0),
  meeting('room2', 'Ana’s room', 'sametime', null, 0),
];

export const fullAgenda = (change: Partial<AgendaView> = {}): AgendaView => ({ meetings: meetings(), problems: [], as_of: '2026-11-22T08:11:00Z', ...change });
