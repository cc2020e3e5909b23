// The window over the stand-in: what a person presses, and what is asked of Rust.
import { cleanup, fireEvent, screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { tellChanged, tellShow, world } from './gallery/api';
import { account, check, emptyAgenda, fullAgenda, meetings, problem, readyState, startState, wrong } from './gallery/data';
import { eachAlone, find, last, names, person, press, show, type } from './play';
import { NO_CHANGE } from './state/form';

eachAlone();

describe('the first run', () => {
  it('leads from welcome to the first meeting', async () => {
    show();
    await find('step-welcome');
    await press('continue');
    await find('step-organisation');
    await press('continue');
    expect(last('acceptOrganisation')).toEqual([{ kind: 'started' }, []]);
    await find('step-keyring');
    await press('continue');
    await press('sign-in-zoom');
    expect((await find('signed-in-zoom')).textContent).toContain('ana@example.com');
    await press('continue');
    await find('step-defaults');
    await press('default-duration-45');
    await press('continue');
    expect(last('savePreferences')).toEqual([{ defaultAccount: null, defaultMinutes: 45, zone: null, theme: 'system', remind: true }]);
    await find('step-done');
    await press('create-first');
    await find('form-subject');
    expect(world.calls.filter((call) => call.name === 'finishStep').map((call) => call.values[0])).toEqual(['welcome', 'organisation', 'keyring', 'accounts', 'defaults']);
  });

  it('goes on where it was left, and Back goes back', async () => {
    world.app = startState({ step: 'keyring' });
    show();
    await find('step-keyring');
    await press('back');
    await find('step-organisation');
    expect(names()).not.toContain('finishStep');
  });

  it('asks about every host that is not the vendors’ own', async () => {
    world.app = startState({ step: 'organisation' });
    world.check = check({ foreign_hosts: ['a.example.com', 'b.example.com'] });
    show();
    await press('host-a.example.com');
    expect((await find('continue') as HTMLButtonElement).disabled).toBe(true);
    await press('host-b.example.com');
    await press('continue');
    expect(last('acceptOrganisation')?.[1]).toEqual(['a.example.com', 'b.example.com']);
  });

  it('reads a profile file as text', async () => {
    world.app = startState({ step: 'organisation', startedWithProfile: false });
    show();
    await find('step-organisation');
    await person.upload(await find('organisation-file'), new File(['name = "Acme"'], 'acme.toml'));
    await waitFor(() => expect(last('checkOrganisation')).toEqual([{ kind: 'profile', value: 'name = "Acme"' }]));
  });

  it.each(['absent', 'locked', 'failed'] as const)('stops at a keyring that is %s, and checks again', async (state) => {
    world.app = startState({ step: 'keyring' });
    world.keyring = state;
    show();
    await waitFor(async () => expect((await find('keyring-state')).dataset['state']).toBe(state));
    expect((await find('continue') as HTMLButtonElement).disabled).toBe(true);
    world.keyring = 'works';
    await press('keyring-again');
    await press('continue');
    await find('step-accounts');
  });
});

describe('signing in', () => {
  beforeEach(() => (world.app = startState({ step: 'accounts' })));

  it('can be cancelled, opened again and finished by the pasted address', async () => {
    world.hanging.add('waitSignIn');
    world.failing.pasteSignIn = wrong({ field: 'address', problem: 'not_a_web_address', detail: null });
    show();
    await press('sign-in-zoom');
    const code = await find('signin-match');
    expect(code.parentElement?.textContent?.replace(/\s+/g, ' ').trim()).toBe('Check that the page shows 7K2M7 K 2 M');
    await press('signin-open-again');
    expect(last('openSignInAgain')).toEqual(['sign-in-1']);
    await press('signin-paste-open');
    await type('signin-paste', 'nonsense');
    await press('signin-paste-submit');
    await waitFor(async () => expect((await find('signin-paste')).getAttribute('aria-invalid')).toBe('true'));
    await press('signin-cancel');
    expect(last('cancelSignIn')).toEqual(['sign-in-1']);
    await find('sign-in-zoom');
  });

  it('can be undone', async () => {
    show();
    await press('sign-in-zoom');
    await press('undo-zoom');
    await waitFor(() => expect(screen.queryByTestId('signed-in-zoom')).toBeNull());
    expect(last('disconnectAccount')).toEqual(['zoom-4k7q2m']);
  });

  it('asks before somebody else replaces an account', async () => {
    world.app = readyState();
    world.agenda = fullAgenda();
    world.signedIn = { kind: 'different_person', account: account('teams'), now: 'sam@example.com' };
    show();
    await press('place-accounts');
    await press('sign-in-again-teams-4k7q2m');
    await press('different-keep');
    expect(last('replaceAccount')).toEqual(['sign-in-1', false]);
    await press('sign-in-again-teams-4k7q2m');
    await press('different-replace');
    expect(last('replaceAccount')).toEqual(['sign-in-1', true]);
  });

  it('at Sametime asks the same, named by the account', async () => {
    world.app = readyState();
    world.agenda = fullAgenda();
    world.signedIn = { kind: 'different_person', account: account('sametime'), now: 'ben@example.com' };
    show();
    await press('place-accounts');
    await press('sign-in-again-sametime-4k7q2m');
    ((await find('sametime-password')) as HTMLInputElement).value = 'correct horse';
    await press('sametime-submit');
    await press('different-keep');
    expect(last('replaceAccount')).toEqual(['sametime-4k7q2m', false]);
    await find('sign-in-again-sametime-4k7q2m');
  });

  it('at Sametime hands the password over once and keeps it nowhere', async () => {
    const stored = vi.spyOn(Storage.prototype, 'setItem');
    world.failing.signInSametime = wrong({ field: 'password', problem: 'wrong_password', detail: null });
    show();
    await press('sign-in-sametime');
    await type('sametime-username', 'ana');
    const field = (await find('sametime-password')) as HTMLInputElement;
    field.value = 'correct horse';
    const before: string[] = [];
    const push = world.calls.push.bind(world.calls);
    world.calls.push = (...added) => {
      // At the moment of the call the element still holds it or not; once the call has begun it must not.
      queueMicrotask(() => before.push(field.value));
      return push(...added);
    };
    fireEvent.submit(field.form as HTMLFormElement);
    expect(field.value).toBe('');
    await waitFor(() => expect(field.getAttribute('aria-invalid')).toBe('true'));
    expect(before).toEqual(['']);
    expect(last('signInSametime')).toEqual(['http://127.0.0.1:8791/sametime', 'ana', true, null, null]);
    expect(document.documentElement.outerHTML).not.toContain('correct horse');
    expect([...document.querySelectorAll('input')].some((one) => one.value.includes('correct horse'))).toBe(false);
    expect(JSON.stringify(world)).not.toContain('correct horse');
    expect(stored).not.toHaveBeenCalled();
    await waitFor(() => expect(document.activeElement).toBe(field));
    stored.mockRestore();
  });

  it('by a token hands it over once and keeps it nowhere', async () => {
    const stored = vi.spyOn(Storage.prototype, 'setItem');
    world.app = startState({ step: 'accounts', providers: world.app.providers.map((one) => (one.provider === 'zoom' ? { ...one, sign_in: 'token' as const } : one)) });
    world.failing.signInWithToken = wrong({ field: 'token', problem: 'dead_token', detail: null });
    show();
    await press('sign-in-zoom');
    await waitFor(() => expect(last('openTokenPage')).toEqual(['zoom']));
    await press('token-submit');
    const field = (await find('token-paste')) as HTMLInputElement;
    expect([field.type, field.getAttribute('aria-invalid')]).toEqual(['password', 'true']);
    expect(names()).not.toContain('signInWithToken');
    field.value = 'a-token-of-the-page';
    fireEvent.submit(field.form as HTMLFormElement);
    expect(field.value).toBe('');
    await waitFor(() => expect(document.body.textContent).toContain('does not take this token any more'));
    expect(last('signInWithToken')).toEqual(['zoom', true, null, null]);
    expect(document.documentElement.outerHTML).not.toContain('a-token-of-the-page');
    expect(JSON.stringify(world)).not.toContain('a-token-of-the-page');
    expect(stored).not.toHaveBeenCalled();
    stored.mockRestore();
    world.failing = {};
    field.value = 'another-token';
    fireEvent.submit(field.form as HTMLFormElement);
    await find('signed-in-zoom');
    expect(names()).not.toContain('startSignIn');
  });

  it('by a token asks before somebody else replaces an account', async () => {
    world.app = readyState();
    world.app = { ...world.app, providers: world.app.providers.map((one) => (one.provider === 'teams' ? { ...one, sign_in: 'token' as const } : one)) };
    world.agenda = fullAgenda();
    world.signedIn = { kind: 'different_person', account: account('teams'), now: 'sam@example.com' };
    show();
    await press('place-accounts');
    await press('sign-in-again-teams-4k7q2m');
    ((await find('token-paste')) as HTMLInputElement).value = 'a-token';
    await press('token-submit');
    await press('different-replace');
    expect(last('signInWithToken')).toEqual(['teams', true, null, 'teams-4k7q2m']);
    expect(last('replaceAccount')).toEqual(['teams-4k7q2m', true]);
  });

  it('at Sametime asks for what is missing before anything is sent', async () => {
    show();
    await press('sign-in-sametime');
    await press('sametime-submit');
    expect((await find('sametime-username')).getAttribute('aria-invalid')).toBe('true');
    expect(names()).not.toContain('signInSametime');
  });
});

describe('the main window', () => {
  beforeEach(() => {
    world.app = readyState();
    world.agenda = fullAgenda();
  });

  it('paints what is known, then asks the providers', async () => {
    show();
    await waitFor(() => expect(world.calls.filter((call) => call.name === 'agenda').map((call) => call.values[2])).toEqual([false, true]));
    expect((await screen.findAllByTestId('meeting-row')).length).toBe(meetings().length);
    expect(document.documentElement.dataset).toHaveProperty('ready');
  });

  it('creates a meeting, and every problem stands at its field', async () => {
    show();
    await press('new-meeting');
    await press('form-submit');
    expect((await find('form-subject')).getAttribute('aria-invalid')).toBe('true');
    await waitFor(async () => expect(document.activeElement).toBe(await find('form-subject')));
    expect(names()).not.toContain('createMeeting');
    world.failing.createMeeting = wrong({ field: 'start', problem: 'in_the_past', detail: null }, { field: 'invitees', problem: 'not_an_address', detail: 'ana' });
    await type('form-subject', 'Planning');
    await type('form-date', '2027-03-14');
    await type('form-start', '09:30');
    await press('form-duration-45');
    await press('form-submit');
    await waitFor(async () => expect(document.activeElement).toBe(await find('form-start')));
    expect((await find('form-invitees')).getAttribute('aria-invalid')).toBe('true');
    delete world.failing.createMeeting;
    await person.type(await find('form-start'), '{Enter}');
    await waitFor(() => expect(screen.queryByTestId('form-subject')).toBeNull());
    expect(last('createMeeting')).toEqual(['zoom-4k7q2m', expect.objectContaining({ subject: 'Planning', start: '2027-03-14T09:30', durationMinutes: 45, zone: 'Europe/Zurich' })]);
    expect((await find('detail')).textContent).toContain('Planning');
  });

  it('asks which one where a time happens twice', async () => {
    world.failing.createMeeting = wrong({ field: 'start', problem: 'happens_twice', detail: null });
    show();
    await press('new-meeting');
    await type('form-subject', 'Night');
    await press('form-submit');
    await press('form-later');
    delete world.failing.createMeeting;
    await press('form-submit');
    await waitFor(() => expect(last('createMeeting')?.[1]).toMatchObject({ fold: 'later' }));
  });

  it('keeps a draft that was left with Escape', async () => {
    show();
    await press('new-meeting');
    await type('form-subject', 'Half a thought');
    await person.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByTestId('form-subject')).toBeNull());
    await press('new-meeting');
    expect(((await find('form-subject')) as HTMLInputElement).value).toBe('Half a thought');
    await press('form-discard');
    expect(((await find('form-subject')) as HTMLInputElement).value).toBe('');
  });

  it('sends only what an edit changed', async () => {
    show();
    await person.click(await screen.findByText('Planning'));
    await press('detail-edit');
    await type('form-subject', 'Planning together');
    await press('form-submit');
    await waitFor(() => expect(last('updateMeeting')).toEqual(['m-mon', { ...NO_CHANGE, subject: 'Planning together' }]));
  });

  it('says what a cancellation does before it does it', async () => {
    show();
    await person.click(await screen.findByText('Planning'));
    await press('detail-cancel');
    expect((await screen.findByRole('alertdialog')).textContent).toMatch(/Zoom keeps it.*seven days/);
    expect(names()).not.toContain('cancelMeeting');
    await press('confirm-cancel');
    await waitFor(() => expect(last('cancelMeeting')).toEqual(['m-mon']));
    await waitFor(() => expect(screen.queryByText('Planning')).toBeNull());
  });

  it('hides the passcode until it is asked for', async () => {
    show();
    await person.click(await screen.findByText('Planning'));
    expect((await find('detail')).textContent).not.toContain('482913');
    await press('detail-passcode-show');
    expect((await find('detail-passcode')).textContent).toBe('482913');
  });

  it('shows no empty list where something could not be read', async () => {
    world.agenda = { ...emptyAgenda(), problems: [problem('unreachable', { account: 'zoom-4k7q2m', provider: 'zoom' })] };
    show();
    expect((await find('problem')).dataset['code']).toBe('unreachable');
    expect((await find('empty')).textContent).toContain('not every account could be read');
    cleanup();
    world.failing.agenda = problem('storage');
    show();
    expect((await find('problem')).dataset['code']).toBe('storage');
    expect(screen.queryByTestId('empty')).toBeNull();
  });

  it('refreshes, and hears what the tray did', async () => {
    show();
    await press('refresh');
    await waitFor(() => expect(names()).toContain('refreshNow'));
    world.agenda = emptyAgenda();
    tellChanged();
    await waitFor(() => expect(screen.queryAllByTestId('meeting-row')).toEqual([]));
    tellShow('settings');
    await find('settings');
    tellShow('new');
    await find('form-subject');
  });

  it('asks before it quits where sign-ins would end with it', async () => {
    show();
    await screen.findByText('Standup');
    tellShow('quit');
    await find('confirm-quit');
    await person.click(screen.getByRole('button', { name: 'Keep running' }));
    await waitFor(() => expect(screen.queryByTestId('confirm-quit')).toBeNull());
    const answers = () => world.calls.filter((call) => call.name === 'answerQuit').map((call) => call.values[0]);
    await waitFor(() => expect(answers()).toEqual([false]));
    tellShow('quit');
    await press('confirm-quit');
    await waitFor(() => expect(answers()).toContain(true));
    await press('new-meeting');
    await find('form-subject');
    tellShow('quit');
    await find('confirm-quit');
    world.app = { ...world.app, unsaved: false };
    tellChanged();
    await waitFor(() => expect(screen.queryByTestId('confirm-quit')).toBeNull());
  });

  it('has its keys', async () => {
    show();
    await screen.findByText('Standup');
    await person.keyboard('/');
    expect(document.activeElement).toBe(await find('search'));
    await person.keyboard('plan');
    expect((await screen.findAllByTestId('meeting-row')).length).toBe(2);
    await person.keyboard('{Escape}');
    const rows = await screen.findAllByTestId('meeting-row');
    rows[0]?.focus();
    await person.keyboard('{ArrowDown}');
    expect(document.activeElement).toBe(rows[1]);
    await person.keyboard('{Enter}j');
    await waitFor(() => expect(names()).toContain('joinMeeting'));
    await person.keyboard('{Control>}n{/Control}');
    await find('form-subject');
  });
});
