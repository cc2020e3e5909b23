// The bridge calls each command by its name with its arguments, and the stand-in has the same functions.
import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { afterEach, expect, it } from 'vitest';
import * as api from './api';
import * as standIn from './gallery/api';
import { NO_CHANGE } from './state/form';

afterEach(() => clearMocks());

const same: Omit<typeof api, 'Show'> = standIn;

it('has one stand-in per function', () => {
  for (const name of Object.keys(api)) expect(same, name).toHaveProperty(name);
});

it('calls the commands of the contract', async () => {
  const seen: Record<string, string[]> = {};
  mockIPC((command, values) => void (seen[command] = Object.keys(values ?? {})));
  await Promise.all([
    api.appState(), api.finishStep('welcome'), api.resetSetup(), api.zones(), api.checkKeyring(), api.refreshNow(),
    api.savePreferences({ defaultAccount: null, defaultMinutes: 30, zone: null, theme: 'system', remind: true }),
    api.checkOrganisation({ kind: 'started' }), api.acceptOrganisation({ kind: 'started' }, []),
    api.startSignIn('zoom', null, null), api.waitSignIn('1'), api.openSignInAgain('1'), api.cancelSignIn('1'), api.signInLink('1'), api.pasteSignIn('1', 'a'), api.replaceAccount('1', true),
    api.signInSametime('s', 'u', 'p', null, null), api.openTokenPage('zoom'), api.signInWithToken('zoom', 't', null, null), api.disconnectAccount('a'), api.renameAccount('a', 'b'),
    api.agenda(null, null, false), api.meeting('m'), api.updateMeeting('m', NO_CHANGE), api.cancelMeeting('m'), api.cancelSeries('m'), api.decidePending('i', null), api.saveInvitation('m'), api.joinMeeting('m'), api.invitation('m'),
    api.createMeeting('a', { subject: '', start: '', end: null, durationMinutes: 30, zone: 'UTC', fold: null, agenda: '', invitees: [], repeat: null, except: [], series: null, options: {} }),
  ]);
  expect(seen).toEqual({
    app_state: [], finish_step: ['step'], reset_setup: [], zones: [], check_keyring: [], refresh_now: [], save_preferences: ['preferences'],
    check_organisation: ['source'], accept_organisation: ['source', 'approvedHosts'],
    start_sign_in: ['provider', 'label', 'account'], wait_sign_in: ['id'], open_sign_in_again: ['id'], cancel_sign_in: ['id'], sign_in_link: ['id'], paste_sign_in: ['id', 'address'], replace_account: ['id', 'replace'],
    open_token_page: ['provider'], sign_in_with_token: ['provider', 'token', 'label', 'account'],
    sign_in_sametime: ['server', 'username', 'password', 'label', 'account'], disconnect_account: ['account'], rename_account: ['account', 'label'],
    agenda: ['from', 'to', 'fresh'], meeting: ['id'], create_meeting: ['account', 'input'], update_meeting: ['id', 'input'], cancel_meeting: ['id'], cancel_series: ['id'], decide_pending: ['id', 'is'], save_invitation: ['id'], join_meeting: ['id'], invitation: ['id'],
  });
});
