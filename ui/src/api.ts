// The bridge to Rust: the only file that knows Tauri. One function per command; errors reject with `ErrorView`.
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { AccountView } from './bindings/AccountView';
import type { AgendaView } from './bindings/AgendaView';
import type { AppState } from './bindings/AppState';
import type { ChangeInput } from './bindings/ChangeInput';
import type { DiagnosisView } from './bindings/DiagnosisView';
import type { DraftInput } from './bindings/DraftInput';
import type { KeyringState } from './bindings/KeyringState';
import type { MeetingView } from './bindings/MeetingView';
import type { OrganisationCheck } from './bindings/OrganisationCheck';
import type { OrganisationSource } from './bindings/OrganisationSource';
import type { PendingSignIn } from './bindings/PendingSignIn';
import type { Preferences } from './bindings/Preferences';
import type { ProviderKind } from './bindings/ProviderKind';
import type { RefreshView } from './bindings/RefreshView';
import type { Revocation } from './bindings/Revocation';
import type { SetupStep } from './bindings/SetupStep';
import type { SignedIn } from './bindings/SignedIn';

/** What the tray asks the window to show. */
export type Show = 'new' | 'quit' | 'agenda' | 'accounts' | 'settings' | { meeting: string };

export const appState = () => invoke<AppState>('app_state');
export const finishStep = (step: SetupStep) => invoke<AppState>('finish_step', { step });
export const resetSetup = () => invoke<AppState>('reset_setup');
export const savePreferences = (preferences: Preferences) => invoke<AppState>('save_preferences', { preferences });
export const zones = () => invoke<string[]>('zones');

export const checkOrganisation = (source: OrganisationSource) => invoke<OrganisationCheck>('check_organisation', { source });
export const acceptOrganisation = (source: OrganisationSource, approvedHosts: string[]) =>
  invoke<AppState>('accept_organisation', { source, approvedHosts });
export const checkKeyring = () => invoke<KeyringState>('check_keyring');
/** Looks at everything that may stand in the way; ten seconds at the most. */
export const diagnose = () => invoke<DiagnosisView>('diagnose');

export const startSignIn = (provider: ProviderKind, label: string | null, account: string | null) =>
  invoke<PendingSignIn>('start_sign_in', { provider, label, account });
export const waitSignIn = (id: string) => invoke<SignedIn>('wait_sign_in', { id });
export const openSignInAgain = (id: string) => invoke<void>('open_sign_in_again', { id });
export const cancelSignIn = (id: string) => invoke<void>('cancel_sign_in', { id });
export const signInLink = (id: string) => invoke<string>('sign_in_link', { id });
export const pasteSignIn = (id: string, address: string) => invoke<void>('paste_sign_in', { id, address });
export const replaceAccount = (id: string, replace: boolean) => invoke<SignedIn | null>('replace_account', { id, replace });
/** The password passes through here once, straight from its field; nothing keeps it. */
/** Opens the page of an old sign-in service that shows a token; its address. */
export const openTokenPage = (provider: ProviderKind) => invoke<string>('open_token_page', { provider });
export const signInWithToken = (provider: ProviderKind, token: string, label: string | null, account: string | null) =>
  invoke<SignedIn>('sign_in_with_token', { provider, token, label, account });
export const signInSametime = (server: string, username: string, password: string, label: string | null, account: string | null) =>
  invoke<SignedIn>('sign_in_sametime', { server, username, password, label, account });
export const disconnectAccount = (account: string) => invoke<Revocation>('disconnect_account', { account });
export const renameAccount = (account: string, label: string) => invoke<AccountView>('rename_account', { account, label });

export const agenda = (from: string | null, to: string | null, fresh: boolean) => invoke<AgendaView>('agenda', { from, to, fresh });
export const meeting = (id: string) => invoke<MeetingView>('meeting', { id });
export const createMeeting = (account: string, input: DraftInput) => invoke<MeetingView>('create_meeting', { account, input });
export const updateMeeting = (id: string, input: ChangeInput) => invoke<MeetingView>('update_meeting', { id, input });
export const cancelMeeting = (id: string) => invoke<void>('cancel_meeting', { id });
/** Cancels every meeting of a series that stands as several; answers which. */
export const cancelSeries = (id: string) => invoke<string[]>('cancel_series', { id });
/** What a person says a meeting is that may have been created; none is none of the candidates. */
export const decidePending = (id: string, is: string | null) => invoke<MeetingView | null>('decide_pending', { id, is });
export const joinMeeting = (id: string) => invoke<void>('join_meeting', { id });
export const invitation = (id: string) => invoke<string>('invitation', { id });
/** Writes a calendar file; answers where it is. */
export const saveInvitation = (id: string) => invoke<string>('save_invitation', { id });
/** The answer to the question whether to quit although sign-ins would end with the program. */
export const answerQuit = (quit: boolean) => invoke<void>('answer_quit', { quit });
export const refreshNow = () => invoke<RefreshView>('refresh_now');

/** Calls `heard` whenever the state in Rust changed; answers how to stop. */
export const onChanged = (heard: () => void) => listen('changed', () => heard());
/** Calls `heard` when the tray asks for a screen; answers how to stop. */
export const onShow = (heard: (show: Show) => void) => listen<Show>('show', (event) => heard(event.payload));
