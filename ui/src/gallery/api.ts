// A stand-in for Rust in memory, with the same functions as `../api.ts`. For tests and for the gallery only.
import type * as real from '../api';
import type { Show } from '../api';
import type { AccountView } from '../bindings/AccountView';
import type { AgendaView } from '../bindings/AgendaView';
import type { AppState } from '../bindings/AppState';
import type { ChangeInput } from '../bindings/ChangeInput';
import type { DiagnosisView } from '../bindings/DiagnosisView';
import type { DraftInput } from '../bindings/DraftInput';
import type { ErrorView } from '../bindings/ErrorView';
import type { KeyringState } from '../bindings/KeyringState';
import type { MeetingView } from '../bindings/MeetingView';
import type { OrganisationCheck } from '../bindings/OrganisationCheck';
import type { OrganisationSource } from '../bindings/OrganisationSource';
import type { PendingSignIn } from '../bindings/PendingSignIn';
import type { Preferences } from '../bindings/Preferences';
import type { ProviderKind } from '../bindings/ProviderKind';
import type { RefreshView } from '../bindings/RefreshView';
import type { Revocation } from '../bindings/Revocation';
import type { SetupStep } from '../bindings/SetupStep';
import type { SignedIn } from '../bindings/SignedIn';
import { account, check, diagnosis, emptyAgenda, meeting as meetingAt, problem, startState } from './data';

export type { Show };
type Name = Exclude<keyof typeof real, 'Show'>;

/** The world behind the window: change it before or while the page runs. */
export const world = {
  app: startState(),
  agenda: emptyAgenda(),
  keyring: 'works' as KeyringState,
  check: check(),
  diagnosis: diagnosis(),
  signedIn: null as SignedIn | null,
  zones: ['America/New_York', 'America/Sao_Paulo', 'Asia/Tokyo', 'Europe/Berlin', 'Europe/Lisbon', 'Europe/London', 'Europe/Zurich', 'UTC'],
  /** Functions that reject, with what. */
  failing: {} as Partial<Record<Name, ErrorView>>,
  /** Functions that never answer. */
  hanging: new Set<Name>(),
  calls: [] as { name: Name; values: unknown[] }[],
};

const pristine = { ...world };

/** Forgets everything that was done. */
export function resetWorld(): void {
  Object.assign(world, pristine, { app: startState(), agenda: emptyAgenda(), check: check(), diagnosis: diagnosis(), failing: {}, hanging: new Set(), calls: [] });
  changed.clear();
  shows.clear();
}

const changed = new Set<() => void>();
const shows = new Set<(show: Show) => void>();

/** Tells the page that the state changed. */
export const tellChanged = (): void => changed.forEach((heard) => heard());
/** Asks the page for a screen, as the tray does. */
export const tellShow = (show: Show): void => shows.forEach((heard) => heard(show));

async function call<T>(name: Name, values: unknown[], answer: () => T): Promise<T> {
  world.calls.push({ name, values });
  await Promise.resolve();
  if (world.hanging.has(name)) return new Promise(() => {});
  const error = world.failing[name];
  if (error) throw error;
  return structuredClone(answer());
}

export const appState = () => call('appState', [], (): AppState => world.app);
export const finishStep = (step: SetupStep) =>
  call('finishStep', [step], (): AppState => {
    const order: SetupStep[] = ['welcome', 'organisation', 'keyring', 'accounts', 'defaults', 'done'];
    world.app = { ...world.app, step: order[order.indexOf(step) + 1] ?? 'done' };
    return world.app;
  });
export const resetSetup = () => call('resetSetup', [], (): AppState => (world.app = { ...world.app, step: 'welcome' }));
export const savePreferences = (preferences: Preferences) =>
  call('savePreferences', [preferences], (): AppState => (world.app = { ...world.app, preferences }));
export const zones = () => call('zones', [], (): string[] => world.zones);
export const checkOrganisation = (source: OrganisationSource) => call('checkOrganisation', [source], (): OrganisationCheck => world.check);
export const acceptOrganisation = (source: OrganisationSource, approvedHosts: string[]) =>
  call('acceptOrganisation', [source, approvedHosts], (): AppState => (world.app = { ...world.app, profileName: world.check.name }));
export const checkKeyring = () => call('checkKeyring', [], (): KeyringState => world.keyring);
export const diagnose = () => call('diagnose', [], (): DiagnosisView => world.diagnosis);

let asked: ProviderKind = 'zoom';
export const startSignIn = (provider: ProviderKind, label: string | null, of: string | null) =>
  call('startSignIn', [provider, label, of], (): PendingSignIn => {
    asked = provider;
    return { id: 'sign-in-1', matchCode: '7K2M' };
  });
const keep = (signedIn: SignedIn): SignedIn => {
  if (signedIn.kind === 'account') world.app = { ...world.app, accounts: [...world.app.accounts.filter((one) => one.id !== signedIn.account.id), signedIn.account] };
  return signedIn;
};
export const waitSignIn = (id: string) =>
  call('waitSignIn', [id], (): SignedIn => keep(world.signedIn ?? { kind: 'account', account: account(asked), again: false }));
export const openSignInAgain = (id: string) => call('openSignInAgain', [id], (): void => {});
export const cancelSignIn = (id: string) => call('cancelSignIn', [id], (): void => {});
export const signInLink = (id: string) => call('signInLink', [id], (): string => 'http://127.0.0.1:8790/v1/authorize/zoom');
export const pasteSignIn = (id: string, address: string) => call('pasteSignIn', [id, address], (): void => {});
export const replaceAccount = (id: string, replace: boolean) =>
  call('replaceAccount', [id, replace], (): SignedIn | null =>
    replace && world.signedIn?.kind === 'different_person' ? keep({ kind: 'account', account: { ...world.signedIn.account, identity: world.signedIn.now }, again: true }) : null,
  );
export const signInSametime = (server: string, username: string, password: string, label: string | null, of: string | null) =>
  // The call is remembered without the password, as everything must.
  call('signInSametime', [server, username, password.length > 0, label, of], (): SignedIn => keep(world.signedIn ?? { kind: 'account', account: account('sametime'), again: false }));
export const openTokenPage = (provider: ProviderKind) => call('openTokenPage', [provider], (): string => 'http://127.0.0.1:8878/dominoZoom/index.html');
export const signInWithToken = (provider: ProviderKind, token: string, label: string | null, of: string | null) =>
  // Remembered without the token, as the password above.
  call('signInWithToken', [provider, token.length > 0, label, of], (): SignedIn => keep(world.signedIn ?? { kind: 'account', account: account(provider), again: false }));
export const disconnectAccount = (id: string) =>
  call('disconnectAccount', [id], (): Revocation => {
    world.app = { ...world.app, accounts: world.app.accounts.filter((one) => one.id !== id) };
    return 'revoked';
  });
export const renameAccount = (id: string, label: string) =>
  call('renameAccount', [id, label], (): AccountView => {
    const accounts = world.app.accounts.map((one) => (one.id === id ? { ...one, label } : one));
    world.app = { ...world.app, accounts };
    return accounts.find((one) => one.id === id) as AccountView;
  });

export const agenda = (from: string | null, to: string | null, fresh: boolean) => call('agenda', [from, to, fresh], (): AgendaView => world.agenda);
const find = (id: string): MeetingView => {
  const found = world.agenda.meetings.find((one) => one.id === id);
  if (!found) throw problem('not_found');
  return found;
};
const put = (one: MeetingView): MeetingView => {
  world.agenda = { ...world.agenda, meetings: [...world.agenda.meetings.filter((other) => other.id !== one.id), one] };
  return one;
};
export const meeting = (id: string) => call('meeting', [id], (): MeetingView => find(id));
export const createMeeting = (id: string, input: DraftInput) =>
  call('createMeeting', [id, input], (): MeetingView => {
    const of = world.app.accounts.find((one) => one.id === id) as AccountView;
    const start = `${input.start}:00+01:00`;
    const end = new Date(Date.parse(start) + (input.durationMinutes ?? 0) * 60_000).toISOString();
    return put({
      id: `m-made${world.agenda.meetings.length}`, account: id, provider: of.provider, provider_id: '83012345678', subject: input.subject, start, end, zone: input.zone,
      join_url: 'https://zoom.example.com/j/83012345678', passcode: '482913', dial_in: null, agenda: input.agenda, invitees: input.invitees, recurrence: input.repeat, exceptions: [], series_form: input.repeat === null ? null : (input.series ?? 'native'), series: null, sip: null, options: input.options, state: 'scheduled',
    });
  });
export const updateMeeting = (id: string, input: ChangeInput) =>
  call('updateMeeting', [id, input], (): MeetingView => {
    const known = find(id);
    // The dates that are left out vanish from the list, as Rust counts them.
    world.agenda = { ...world.agenda, series: world.agenda.series.map((one) => (one.meeting === id ? { ...one, starts: one.starts.filter((start) => !input.except.includes(start.slice(0, 10))) } : one)) };
    const time = known.start?.slice(11, 16) ?? '00:00';
    return put({ ...known, ...(input.subject !== null && { subject: input.subject }), ...(input.repeat !== null && { recurrence: input.repeat || null }), exceptions: [...known.exceptions, ...input.except.map((day) => `${day}T${time}`)] });
  });
export const cancelMeeting = (id: string) =>
  call('cancelMeeting', [id], (): void => {
    world.agenda = { ...world.agenda, meetings: world.agenda.meetings.filter((one) => one.id !== id) };
  });
export const cancelSeries = (id: string) =>
  call('cancelSeries', [id], (): string[] => {
    const { series } = find(id);
    const ids = world.agenda.meetings.filter((one) => one.id === id || (series !== null && one.series === series)).map((one) => one.id);
    world.agenda = { ...world.agenda, meetings: world.agenda.meetings.filter((one) => !ids.includes(one.id)) };
    return ids;
  });
export const decidePending = (id: string, is: string | null) =>
  call('decidePending', [id, is], (): MeetingView | null => {
    const asked = world.agenda.pending.find((one) => one.id === id);
    if (!asked) throw problem('not_found');
    world.agenda = { ...world.agenda, pending: world.agenda.pending.filter((one) => one.id !== id) };
    return is === null ? null : put(meetingAt('settled', asked.subject, asked.provider, asked.start, 30, { provider_id: is }));
  });
export const joinMeeting = (id: string) => call('joinMeeting', [id], (): void => {});
export const invitation = (id: string) => call('invitation', [id], (): string => find(id).subject);
export const saveInvitation = (id: string) => call('saveInvitation', [id], (): string => `/home/ana/Downloads/convoke-${find(id).id}.ics`);
export const answerQuit = (quit: boolean) => call('answerQuit', [quit], (): void => {});
export const refreshNow = () =>
  call('refreshNow', [], (): RefreshView => ({ at: '2026-11-22T08:18:00Z', accounts: world.app.accounts.map((one) => ({ account: one, meetings: 3, error: null })) }));

const hear = <T>(listeners: Set<T>, heard: T): Promise<() => void> => {
  listeners.add(heard);
  return Promise.resolve(() => listeners.delete(heard));
};
export const onChanged = (heard: () => void) => hear(changed, heard);
export const onShow = (heard: (show: Show) => void) => hear(shows, heard);
