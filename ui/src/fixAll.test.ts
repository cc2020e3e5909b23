// "Fix all": one account after the other, what is left out stays as it is, and the end says what is mended. And what else
// the window says of an account's state.
import { screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { tellChanged, world } from './gallery/api';
import { account, fullAgenda, problem, readyState } from './gallery/data';
import { eachAlone, find, last, names, person, press, show, text } from './play';

eachAlone();

const ended = { health: 'needs_sign_in', health_reason: 'sign_in_required' } as const;

describe('fix all', () => {
  beforeEach(() => {
    world.app = readyState({ accounts: [account('zoom', ended), account('teams', ended), account('sametime', { health: 'expiring', sign_in_by: '2026-11-25T08:00:00Z' }), account('webex')] });
    world.agenda = fullAgenda({ problems: [problem('sign_in_required', { account: 'zoom-4k7q2m', provider: 'zoom' })] });
  });

  it('is one line on the agenda, and leads through those that want it now', async () => {
    show();
    expect(await text('needs-sign-in-many')).toContain('2 accounts want you to sign in again: Work (Zoom) and Acme (Teams).');
    expect(screen.queryByTestId('needs-sign-in-zoom-4k7q2m')).toBeNull();
    await press('fix-all');
    await find('accounts');
    await waitFor(async () => expect(await text('fix-result')).toBe('All 2 accounts work again.'));
    expect(world.calls.filter((call) => call.name === 'startSignIn').map((call) => call.values)).toEqual([['zoom', null, 'zoom-4k7q2m'], ['teams', null, 'teams-4k7q2m']]);
    await waitFor(async () => expect(document.activeElement).toBe(await find('fix-close')));
    // Read once at the end, and not after each.
    expect(world.calls.filter((call) => call.name === 'agenda').map((call) => call.values[2])).toEqual([false, true, false, true]);
    await press('fix-close');
    await waitFor(() => expect(screen.queryByTestId('fix-all-walk')).toBeNull());
    expect(screen.queryByTestId('needs-sign-in-many')).toBeNull();
  });

  it('shows whose turn it is; Skip leaves one as it is and the form of the next opens', async () => {
    world.hanging.add('waitSignIn');
    show();
    await press('place-accounts');
    expect(await text('needs-sign-in-many')).toContain('3 accounts want you to sign in again, now or soon');
    await press('fix-all');
    expect(await text('fix-step')).toBe('1 of 3: Work (Zoom)');
    await waitFor(async () => expect(document.activeElement).toBe(await find('fix-step')));
    await find('signin-waiting');
    expect(screen.queryByTestId('sign-in-again-webex-4k7q2m')).toBeNull();
    await press('fix-skip');
    await waitFor(async () => expect(await text('fix-step')).toBe('2 of 3: Acme (Teams)'));
    expect(last('cancelSignIn')).toEqual(['sign-in-1']);
    await press('fix-skip');
    await waitFor(async () => expect(await text('fix-step')).toBe('3 of 3: Meeting rooms (Sametime)'));
    ((await find('sametime-password')) as HTMLInputElement).value = 'correct horse';
    await press('sametime-submit');
    await waitFor(async () => expect(await text('fix-result')).toBe('Mended: Meeting rooms (Sametime). Not yet: Work (Zoom) and Acme (Teams).'));
    await find('sign-in-again-webex-4k7q2m');
  });

  it('ends with Stop, and says that nothing was changed', async () => {
    world.hanging.add('waitSignIn');
    show();
    await press('fix-all');
    await find('signin-waiting');
    await press('fix-stop');
    await waitFor(async () => expect(document.activeElement).toBe(await find('fix-close')));
    expect(await text('fix-result')).toBe('Nothing was changed. Not yet: Work (Zoom) and Acme (Teams).');
    expect(last('cancelSignIn')).toEqual(['sign-in-1']);
  });

  it('does not open a browser again where the person comes back to it', async () => {
    world.hanging.add('waitSignIn');
    show();
    await press('fix-all');
    await find('signin-waiting');
    await press('place-agenda');
    await press('place-accounts');
    expect(await text('fix-step')).toBe('1 of 2: Work (Zoom)');
    await find('sign-in-again-zoom-4k7q2m');
    expect(names().filter((name) => name === 'startSignIn')).toHaveLength(1);
  });

  it('passes over an account that is disconnected meanwhile', async () => {
    world.hanging.add('waitSignIn');
    show();
    await press('fix-all');
    await find('signin-waiting');
    world.app = { ...world.app, accounts: world.app.accounts.filter((one) => one.provider !== 'zoom') };
    tellChanged();
    await waitFor(async () => expect(await text('fix-step')).toBe('2 of 2: Acme (Teams)'));
  });

  it('is not offered for one account, which has its own button', async () => {
    world.app = readyState({ accounts: [account('zoom', ended), account('teams')] });
    show();
    await find('needs-sign-in-zoom-4k7q2m');
    await press('place-accounts');
    await find('sign-in-again-zoom-4k7q2m');
    expect(screen.queryByTestId('fix-all')).toBeNull();
  });
});

describe('reminders', () => {
  it('can be turned off', async () => {
    world.app = readyState();
    show();
    await press('place-settings');
    await press('remind-off');
    await waitFor(() => expect(last('savePreferences')).toEqual([{ ...readyState().preferences, remind: false }]));
  });
});

describe('the accounts', () => {
  it('say how they are, when they were and will be looked at, and until when they work', async () => {
    world.app = readyState({ accounts: [account('zoom'), account('teams', { health: 'expiring', sign_in_by: '2026-11-28T08:00:00Z', next_check: '2026-11-22T08:00:00Z' }), account('webex', { ...ended, next_check: null, last_refresh: null })] });
    show();
    await press('place-accounts');
    const facts = async (id: string) => [...(await find(`facts-${id}`)).children].map((fact) => [...fact.children].map((part) => part.textContent).join(' '));
    expect(await facts('zoom-4k7q2m')).toEqual(['Last success 09:10', 'Next check 09:25']);
    expect(await facts('teams-4k7q2m')).toEqual(['Last success 09:10', 'Next check any moment', 'Sign in by 28 Nov']);
    expect(await facts('webex-4k7q2m')).toEqual(['Last success not yet']);
    expect(await text('account-teams-4k7q2m')).toContain('Sign in within 6 days');
  });

  it('that the keyring holds are one line, which says what to unlock', async () => {
    const locked = { health: 'locked', health_reason: 'keyring_locked' } as const;
    world.app = readyState({ accounts: [account('zoom', locked), account('teams', locked)] });
    show();
    expect(await screen.findAllByTestId('keyring-line')).toHaveLength(1);
    expect(await text('keyring-line')).toContain('Unlock GNOME Keyring or KeePassXC');
    await person.click(await find('place-accounts'));
    expect(await text('account-zoom-4k7q2m')).toContain('Unlock GNOME Keyring or KeePassXC');
  });

  it('that one outage keeps away are one banner', async () => {
    world.app = readyState({ accounts: [account('zoom'), account('teams'), account('webex')] });
    world.agenda = fullAgenda({ problems: world.app.accounts.map((one) => problem('unreachable', { account: one.id, provider: one.provider })) });
    show();
    expect(await screen.findAllByTestId('problem')).toHaveLength(1);
    expect(await text('problem')).toContain('Zoom, Teams and Webex could not be reached');
  });
});
