// What the gallery and the tests show: accounts and meetings at example.com.
import type { AccountView } from '../bindings/AccountView';
import type { AgendaView } from '../bindings/AgendaView';
import type { AppState } from '../bindings/AppState';
import type { Alternative } from '../bindings/Alternative';
import type { Capabilities } from '../bindings/Capabilities';
import type { DiagnosisLine } from '../bindings/DiagnosisLine';
import type { DiagnosisView } from '../bindings/DiagnosisView';
import type { ErrorCode } from '../bindings/ErrorCode';
import type { ErrorView } from '../bindings/ErrorView';
import type { FieldIssue } from '../bindings/FieldIssue';
import type { MeetingView } from '../bindings/MeetingView';
import type { OptionKey } from '../bindings/OptionKey';
import type { OptionKind } from '../bindings/OptionKind';
import type { OptionSpec } from '../bindings/OptionSpec';
import type { OrganisationCheck } from '../bindings/OrganisationCheck';
import type { PendingView } from '../bindings/PendingView';
import type { ProviderKind } from '../bindings/ProviderKind';
import type { ProviderView } from '../bindings/ProviderView';

/** The gallery's now: Sunday 22 November 2026, 09:18 in Zurich. */
export const NOW = Date.parse('2026-11-22T08:18:00Z');

const labels: Record<ProviderKind, string> = { zoom: 'Work', teams: 'Acme', webex: 'Customers', goto: 'Training', sametime: 'Meeting rooms' };

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
  next_check: '2026-11-22T08:25:00Z',
  ...change,
});

const provider = (kind: ProviderKind, name: string, change: Partial<ProviderView> = {}): ProviderView => ({
  provider: kind,
  name,
  sign_in: 'browser',
  available: true,
  scopes: [],
  server: null,
  capabilities: can(),
  ...change,
});

/** What a provider can do that can do everything but tell people. */
export const can = (change: Partial<Capabilities> = {}): Capabilities => ({
  lists: true, updates_in_place: true, knows_time: true, keeps_agenda: true, revokes: true, keeps_invitees: true, changes_invitees: true, writes_to_invitees: false,
  repeats: true, longest_subject: 200, longest_agenda: 2_000, shortest_minutes: 1, options: [], ...change,
});

const flag: OptionKind = { kind: 'flag' };
const choice = (...choices: string[]): OptionKind => ({ kind: 'choice', choices });
const people = (most: number): OptionKind => ({ kind: 'addresses', most });
const row = (key: OptionKey, value: OptionKind, fallback: string | null, changeable = true): OptionSpec => ({ key, value, default: fallback, changeable });

const zoomOptions: OptionSpec[] = [
  row('lobby', flag, null),
  row('passcode', { kind: 'text', longest: 10 }, null),
  row('join_before_host', flag, 'off'),
  row('mute_on_entry', flag, 'off'),
  row('recording', choice('none', 'local', 'cloud'), 'none'),
  row('co_hosts', people(10), ''),
  row('dial_in', choice('both', 'telephony', 'voip'), 'both'),
  row('schedule_for', people(1), '', false),
];
const teamsOptions: OptionSpec[] = [
  row('lobby', choice('everyone', 'organization', 'organization_and_federated', 'invited', 'organizer'), null),
  row('passcode', flag, null, false),
  row('presenters', choice('everyone', 'organization', 'organizer'), 'everyone'),
  row('recording', choice('none', 'cloud'), 'none'),
  row('co_hosts', people(10), ''),
];
const webexOptions: OptionSpec[] = [
  row('lobby', choice('everyone_enters', 'guests_wait', 'guests_blocked'), null),
  row('passcode', { kind: 'text', longest: 32 }, null),
  row('presenters', choice('everyone', 'hosts'), null),
  row('join_before_host', flag, null),
  row('mute_on_entry', flag, null),
  row('recording', choice('none', 'cloud'), null),
  row('co_hosts', people(20), '', false),
  row('dial_in', choice('both', 'voip'), null),
  row('schedule_for', people(1), '', false),
];
const gotoOptions: OptionSpec[] = [row('passcode', flag, 'off'), row('dial_in', choice('both', 'telephony', 'voip', 'toll_free'), 'both')];

export const providers = (): ProviderView[] => [
  provider('teams', 'Microsoft Teams', { capabilities: can({ lists: false, keeps_agenda: false, revokes: false, repeats: false, options: teamsOptions }) }),
  provider('zoom', 'Zoom', { capabilities: can({ options: zoomOptions }) }),
  provider('webex', 'Webex', { capabilities: can({ changes_invitees: false, longest_subject: 128, longest_agenda: 1_300, shortest_minutes: 10, revokes: false, options: webexOptions }) }),
  provider('goto', 'GoToMeeting', { capabilities: can({ repeats: false, keeps_agenda: false, keeps_invitees: false, longest_subject: 100, options: gotoOptions }) }),
  provider('sametime', 'HCL Sametime', {
    sign_in: 'password',
    server: 'http://127.0.0.1:8791/sametime',
    capabilities: can({ knows_time: false, keeps_agenda: false, keeps_invitees: false, revokes: false, repeats: false }),
  }),
];

export const startState = (change: Partial<AppState> = {}): AppState => ({
  step: 'welcome',
  profileName: 'Sandbox',
  startedWithProfile: true,
  preferences: { defaultAccount: null, defaultMinutes: 30, zone: null, theme: 'system', remind: true },
  systemZone: 'Europe/Zurich',
  locale: 'en-GB',
  accounts: [],
  providers: providers(),
  lastRefresh: null,
  unsaved: false,
  keyringProgram: 'GNOME Keyring or KeePassXC',
  show: null,
  ...change,
});

export const readyState = (change: Partial<AppState> = {}): AppState =>
  startState({
    step: 'done',
    accounts: [account('zoom'), account('teams'), account('webex'), account('goto'), account('sametime')],
    lastRefresh: { at: '2026-11-22T08:11:00Z', accounts: [] },
    ...change,
  });

const looked = (check: DiagnosisLine['check'], change: Partial<DiagnosisLine> = {}): DiagnosisLine => ({ check, provider: null, subject: null, state: 'ok', note: null, error: null, ...change });
const hosts: [ProviderKind, string][] = [['teams', 'graph.microsoft.com'], ['zoom', 'api.zoom.us'], ['webex', 'webexapis.com'], ['goto', 'api.getgo.com'], ['sametime', 'meet.example.com']];

/** A computer where everything works, but for the changed lines. */
export const diagnosis = (change: (line: DiagnosisLine) => Partial<DiagnosisLine> = () => ({})): DiagnosisView => {
  const lines = [
    looked('clock', { note: '+1 s' }),
    looked('proxy', { subject: 'broker.example.com', note: 'proxy.example.com:3128' }),
    looked('tls', { subject: 'broker.example.com', note: 'Example Root CA' }),
    looked('broker', { subject: 'broker.example.com', note: '1' }),
    ...hosts.map(([provider, subject]) => looked('provider', { provider, subject })),
    looked('keyring'),
    looked('loopback', { subject: '127.0.0.1' }),
    looked('browser', { subject: 'xdg-open' }),
    looked('register'),
  ];
  return { lines: lines.map((line) => ({ ...line, ...change(line) })), report: 'Convoke 0.1.0 diagnostics\n' };
};

/** A computer at work, behind a gateway that opens TLS and with a locked keyring. */
export const troubled = (): DiagnosisView => {
  const failed = (error: ErrorView): Partial<DiagnosisLine> => ({ state: 'failed', note: null, error });
  const refused = (host: string): ErrorView => problem('tls', { detail: `${host}: unknown issuer; issuer: Example Web Gateway (Example Ltd)` });
  return diagnosis(({ check, provider, subject }) => {
    if (check === 'clock') return { state: 'warning', note: '-412 s' };
    if (check === 'tls' || provider === 'zoom') return { subject: 'api.zoom.us', ...failed(refused('api.zoom.us')) };
    if (provider === 'webex') return { state: 'warning', error: problem('unavailable', { provider, detail: 'HTTP 503' }) };
    if (provider === 'goto') return failed(problem('intercepted', { provider, detail: 'HTTP 200' }));
    if (check === 'broker') return failed(problem('unreachable', { detail: subject }));
    if (check === 'keyring') return failed(problem('keyring_locked'));
    if (check === 'browser') return { subject: null, state: 'warning', error: problem('invalid_input', { fields: [{ field: 'browser', problem: 'unknown', detail: 'xdg-open' }] }) };
    return {};
  });
};

/** A computer where no organisation is set up. */
export const unset = (): DiagnosisView => {
  const { lines, report } = diagnosis();
  const skipped = lines.map((line): DiagnosisLine => (line.check === 'broker' ? { ...line, subject: null, note: null, state: 'skipped', error: problem('no_broker') } : line));
  return { lines: skipped.map((line) => (line.check === 'proxy' ? { ...line, subject: 'graph.microsoft.com', note: null } : line)), report };
};

export const problem = (code: ErrorCode, change: Partial<ErrorView> = {}): ErrorView => ({ code, account: null, provider: null, detail: null, retry_at: null, fields: [], alternatives: [], ...change });
export const wrong = (...fields: FieldIssue[]): ErrorView => problem('invalid_input', { fields });

/** What Zoom's side says to a series that repeats every year. */
export const yearlyRefusal = (): ErrorView =>
  problem('rejected', {
    account: 'zoom-4k7q2m',
    provider: 'zoom',
    fields: [{ field: 'repeat', problem: 'not_possible', detail: 'yearly' }],
    alternatives: [
      { kind: 'linked', repeat: 'FREQ=YEARLY;COUNT=5', series: 'linked', meetings: 5, last: '2031-03-14' },
      { kind: 'one_link', repeat: 'FREQ=YEARLY', series: 'one_link', meetings: 1, last: null },
    ],
  });

/** What Zoom's side says to a series that is too long. */
export const longRefusal = (): ErrorView =>
  problem('rejected', {
    account: 'zoom-4k7q2m',
    provider: 'zoom',
    fields: [{ field: 'repeat', problem: 'not_possible', detail: 'over_60' }],
    alternatives: [
      { kind: 'end_date', repeat: 'FREQ=WEEKLY;BYDAY=MO;COUNT=60', series: 'native', meetings: 1, last: '2028-01-10' },
      { kind: 'linked', repeat: 'FREQ=WEEKLY;BYDAY=MO;COUNT=100', series: 'linked', meetings: 2, last: '2028-10-16' },
      { kind: 'one_link', repeat: 'FREQ=WEEKLY;BYDAY=MO', series: 'one_link', meetings: 1, last: null },
    ] satisfies Alternative[],
  });

export const check = (change: Partial<OrganisationCheck> = {}): OrganisationCheck => ({
  name: 'Sandbox',
  lines: [
    { check: 'profile', subject: null, error: null },
    { check: 'broker', subject: '127.0.0.1:8790', error: null },
    { check: 'provider', subject: 'teams', error: null },
    { check: 'provider', subject: 'zoom', error: null },
    { check: 'provider', subject: 'webex', error: null },
    { check: 'provider', subject: 'goto', error: null },
    { check: 'provider', subject: 'sametime', error: null },
  ],
  foreign_hosts: [],
  usable: true,
  ...change,
});

export const emptyAgenda = (): AgendaView => ({ meetings: [], problems: [], as_of: '2026-11-22T08:11:00Z', series: [], pending: [] });

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
    exceptions: [],
    series_form: null,
    series: null,
    sip: null,
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

export const fullAgenda = (change: Partial<AgendaView> = {}): AgendaView => ({ ...emptyAgenda(), meetings: meetings(), ...change });

/** Series: one of Webex' own with a date left out, one link for all dates at Teams, and one that stands as three meetings. */
export const series = (): MeetingView[] => [
  meeting('weekly', 'Team meeting', 'webex', '2026-11-02T09:00:00Z', 30, {
    recurrence: 'FREQ=WEEKLY;BYDAY=MO;UNTIL=20270331T215959Z',
    exceptions: ['2026-12-28T10:00'],
    series_form: 'native',
    agenda: 'Who needs help this week',
    invitees: ['lea@example.com', 'sam@example.com'],
    sip: '26831234567@example.webex.com',
    options: { lobby: 'guests_wait', join_before_host: 'on', co_hosts: 'lea@example.com' },
  }),
  meeting('board', 'Board', 'teams', '2026-11-25T13:30:00Z', 60, { recurrence: 'FREQ=MONTHLY;BYDAY=4WE', series_form: 'one_link' }),
  ...['2026-11-24', '2027-11-24', '2028-11-24'].map((day, index) => meeting(`annual${index + 1}`, 'Annual check-up', 'zoom', `${day}T10:00:00Z`, 45, { series: 's-1234567890' })),
];

const days = (first: string, step: number, count: number): string[] => Array.from({ length: count }, (_, index) => new Date(Date.parse(first) + index * step * 86_400_000).toISOString());

export const seriesAgenda = (change: Partial<AgendaView> = {}): AgendaView =>
  fullAgenda({
    meetings: [...meetings(), ...series()],
    series: [
      { meeting: 'm-weekly', starts: days('2026-11-02T09:00:00Z', 7, 12).filter((start) => !start.startsWith('2026-12-28')) },
      { meeting: 'm-board', starts: ['2026-11-25T13:30:00Z', '2026-12-23T13:30:00Z'] },
    ],
    ...change,
  });

export const pending = (change: Partial<PendingView> = {}): PendingView => ({
  id: 'i-1', account: 'zoom-4k7q2m', provider: 'zoom', subject: 'Kick-off', start: '2026-11-24T10:00:00+01:00', candidates: [], ...change,
});

export const candidates = (): PendingView['candidates'] => [
  { provider_id: '83012345678', join_url: 'https://zoom.example.com/j/83012345678?pwd=aGVsbG8' },
  { provider_id: '83087654321', join_url: 'https://zoom.example.com/j/83087654321?pwd=d29ybGQ' },
];
