// The window over the stand-in: what a person presses, and what is asked of Rust.
import { cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import App from './App.svelte';
import { resetWorld, tellChanged, tellShow, world } from './gallery/api';
import { NO_CHANGE } from './state/form';
import { account, candidates, check, emptyAgenda, fullAgenda, meetings, NOW, pending, problem, readyState, seriesAgenda, startState, wrong, yearlyRefusal } from './gallery/data';

// Generous, for machines that are busy: nothing here waits unless something is late.
configure({ asyncUtilTimeout: 20_000 });
const person = userEvent.setup();
const names = (): string[] => world.calls.map((call) => call.name);
const last = (name: string) => world.calls.filter((call) => call.name === name).at(-1)?.values;
const find = (id: string) => screen.findByTestId(id);
const press = async (id: string) => {
  const element = await find(id);
  await waitFor(() => expect((element as HTMLButtonElement).disabled).not.toBe(true));
  await person.click(element);
};
const type = async (id: string, text: string) => {
  const field = await find(id);
  await person.clear(field);
  await person.type(field, text);
};
const show = () => render(App, { props: { clock: () => NOW } });

beforeEach(() => resetWorld());
afterEach(() => cleanup());

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
    expect(last('savePreferences')).toEqual([{ defaultAccount: null, defaultMinutes: 45, zone: null, theme: 'system' }]);
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

const choose = async (id: string, value: string) => person.selectOptions(await find(id), value);
const text = async (id: string) => ((await find(id)).textContent ?? '').trim();

describe('a series in the form', () => {
  beforeEach(() => {
    world.app = readyState();
    world.agenda = fullAgenda();
  });

  it('is sent as a rule, with its end and without the dates left out', async () => {
    show();
    await press('new-meeting');
    await type('form-subject', 'Team');
    await type('form-date', '2027-03-15');
    await choose('form-repeat', 'week');
    await choose('form-repeat-end', 'count');
    await type('form-repeat-count', '8');
    await press('form-repeat-except-open');
    await type('form-repeat-except', '2027-03-22');
    expect(await text('form-foot')).toContain('Creates a Zoom series');
    await press('form-submit');
    await waitFor(() => expect(last('createMeeting')?.[1]).toMatchObject({ repeat: 'FREQ=WEEKLY;BYDAY=MO;COUNT=8', except: ['2027-03-22'], series: null }));
  });

  it('can be a rule of one’s own, by hand or by choice', async () => {
    show();
    await press('new-meeting');
    await type('form-subject', 'Team');
    await type('form-date', '2027-03-15');
    await choose('form-repeat', 'custom');
    const rule = (await find('form-repeat-rule')) as HTMLInputElement;
    expect(rule.value).toBe('FREQ=WEEKLY;BYDAY=MO');
    await press('form-repeat-day-3');
    expect(rule.value).toBe('FREQ=WEEKLY;BYDAY=MO,WE');
    await type('form-repeat-rule', 'FREQ=MONTHLY;BYDAY=-1FR;COUNT=3');
    expect(screen.queryByTestId('form-repeat-end')).toBeNull();
    await press('form-submit');
    await waitFor(() => expect(last('createMeeting')?.[1]).toMatchObject({ repeat: 'FREQ=MONTHLY;BYDAY=-1FR;COUNT=3' }));
  });

  it('says before anything is sent that a provider has none, and sends one link', async () => {
    show();
    await press('new-meeting');
    await type('form-subject', 'Team');
    await choose('form-account', 'teams-4k7q2m');
    await choose('form-repeat', 'day');
    expect((await find('form-repeat')).closest('.field')?.textContent).toContain('Microsoft Teams has no series: one link is used for all dates, and Convoke keeps the dates.');
    await press('form-submit');
    await waitFor(() => expect(last('createMeeting')).toEqual(['teams-4k7q2m', expect.objectContaining({ repeat: 'FREQ=DAILY', series: 'one_link' })]));
  });

  it('that is refused shows why and what is possible, and taking that sends it', async () => {
    world.failing.createMeeting = yearlyRefusal();
    show();
    await press('new-meeting');
    await type('form-subject', 'Anniversary');
    await type('form-date', '2027-03-14');
    await choose('form-repeat', 'year');
    await press('form-submit');
    const field = await find('form-repeat');
    await waitFor(() => expect(document.activeElement).toBe(field));
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(document.getElementById(field.getAttribute('aria-describedby') ?? '')?.textContent).toBe('Zoom has no series that repeats every year.');
    expect(await text('form-alternative-linked')).toBe('Make 5 meetings, each with its own link, kept together; the last on 14 March 2031');
    expect(await text('form-alternative-one_link')).toContain('Use one link for all dates');
    await press('form-alternative-linked');
    expect(((await find('form-repeat-count')) as HTMLInputElement).value).toBe('5');
    expect(await text('form-foot')).toContain('Creates several Zoom meetings');
    expect(world.calls.filter((call) => call.name === 'createMeeting').length).toBe(1);
    delete world.failing.createMeeting;
    await press('form-submit');
    await waitFor(() => expect(last('createMeeting')?.[1]).toMatchObject({ repeat: 'FREQ=YEARLY;COUNT=5', series: 'linked' }));
  });

  it('that is changed by hand forgets what was offered in its place', async () => {
    world.failing.createMeeting = yearlyRefusal();
    show();
    await press('new-meeting');
    await type('form-subject', 'Anniversary');
    await choose('form-repeat', 'year');
    await press('form-submit');
    await press('form-alternative-one_link');
    await choose('form-repeat', 'week');
    expect(screen.queryByTestId('form-alternative-linked')).toBeNull();
    delete world.failing.createMeeting;
    await press('form-submit');
    await waitFor(() => expect(last('createMeeting')?.[1]).toMatchObject({ series: null }));
  });

  it('begins on its first date where the chosen one is none of it', async () => {
    world.failing.createMeeting = wrong({ field: 'start', problem: 'not_in_series', detail: '2027-03-15' });
    show();
    await press('new-meeting');
    await type('form-subject', 'Team');
    await type('form-date', '2027-03-13');
    await choose('form-repeat', 'weekday');
    await press('form-submit');
    await waitFor(async () => expect((await find('form-date')).getAttribute('aria-invalid')).toBe('true'));
    await press('form-begin');
    expect(((await find('form-date')) as HTMLInputElement).value).toBe('15/03/2027');
  });

  it('may have been created: the form does not create it again', async () => {
    world.failing.createMeeting = problem('outcome_unknown', { provider: 'zoom' });
    show();
    await press('new-meeting');
    await type('form-subject', 'Team');
    await press('form-submit');
    expect(await text('problem')).toContain('may have been created. Convoke is checking');
    await press('form-submit');
    await waitFor(() => expect(screen.queryByTestId('form-subject')).toBeNull());
    expect(world.calls.filter((call) => call.name === 'createMeeting').length).toBe(1);
    await press('new-meeting');
    expect(((await find('form-subject')) as HTMLInputElement).value).toBe('');
  });
});

describe('options in the form', () => {
  beforeEach(() => {
    world.app = readyState();
    world.agenda = seriesAgenda();
  });

  it('are sent where they differ, and say how many do', async () => {
    show();
    await press('new-meeting');
    await type('form-subject', 'Team');
    expect(await text('form-options')).toContain('All as Zoom has them.');
    await press('form-options');
    await choose('form-option-lobby', 'on');
    await choose('form-option-recording', 'cloud');
    await choose('form-option-recording', 'none');
    await type('form-option-co_hosts', 'lea@example.com');
    expect(await text('form-options')).toContain('2 differ');
    await press('form-submit');
    await waitFor(() => expect(last('createMeeting')?.[1]).toMatchObject({ options: { lobby: 'on', co_hosts: 'lea@example.com' } }));
  });

  it('of another account keep what both have, and tell what is dropped', async () => {
    show();
    await press('new-meeting');
    await press('form-options');
    await choose('form-option-lobby', 'on');
    await choose('form-option-recording', 'cloud');
    await choose('form-account', 'teams-4k7q2m');
    expect(((await find('form-option-recording')) as HTMLSelectElement).value).toBe('cloud');
    expect((await find('form-account')).closest('.field')?.textContent).toContain('Microsoft Teams does not have what you chose for the waiting room.');
    await choose('form-account', 'sametime-4k7q2m');
    expect(screen.queryByTestId('form-options')).toBeNull();
  });

  it('that are wrong open by themselves, with the reason', async () => {
    world.failing.createMeeting = wrong({ field: 'option.join_before_host', problem: 'excluded', detail: 'lobby' });
    show();
    await press('new-meeting');
    await type('form-subject', 'Team');
    await press('form-submit');
    await waitFor(async () => expect(document.activeElement).toBe(await find('form-option-join_before_host')));
    expect((await find('form-option-join_before_host')).closest('.field')?.textContent).toContain('does not go together with the waiting room');
  });

  it('chosen once are only shown later, as is a list that cannot be changed', async () => {
    show();
    await person.click((await screen.findAllByText('Team meeting'))[0] as HTMLElement);
    await press('detail-edit');
    expect(((await find('form-invitees')) as HTMLInputElement).readOnly).toBe(true);
    expect(await text('form-options')).toContain('3 differ');
    await press('form-options');
    expect(((await find('form-option-lobby')) as HTMLSelectElement).value).toBe('guests_wait');
    await choose('form-option-lobby', 'everyone_enters');
    await press('form-submit');
    await waitFor(() => expect(last('updateMeeting')).toEqual(['m-weekly', { ...NO_CHANGE, options: { lobby: 'everyone_enters' } }]));
  });
});

describe('a series in the agenda', () => {
  beforeEach(() => {
    world.app = readyState();
    world.agenda = seriesAgenda();
  });

  it('stands on each date, and one of them can be left out', async () => {
    show();
    await press('earlier');
    await waitFor(() => expect(document.querySelectorAll('[data-meeting=m-weekly]').length).toBe(11));
    await person.click(document.querySelector('[data-meeting=m-weekly][data-start^="2026-12-07"]') as HTMLElement);
    expect(await text('detail-times')).toContain('7 December 2026');
    expect(await text('detail-repeats')).toBe('Every week on Monday, until 31 March 2027');
    expect(await text('detail-left-out')).toContain('28 Dec');
    expect(await text('detail-options')).toContain('Waiting room: Guests wait');
    expect(await text('detail-sip')).toContain('@example.webex.com');
    await press('detail-leave-out');
    await press('confirm-leave-out');
    await waitFor(() => expect(last('updateMeeting')).toEqual(['m-weekly', { ...NO_CHANGE, except: ['2026-12-07'] }]));
    await waitFor(() => expect(document.querySelectorAll('[data-meeting=m-weekly]').length).toBe(10));
    expect(await text('note')).toContain('7 December 2026 is left out.');
  });

  it('that stands as several is cancelled one by one or as a whole', async () => {
    show();
    await person.click((await screen.findAllByText('Annual check-up'))[0] as HTMLElement);
    expect(await text('detail-repeats')).toBe('One of 3 meetings of a series, each with its own link.');
    await press('detail-cancel');
    expect(await text('confirm-cancel')).toBe('Cancel this one');
    expect(await text('confirm-cancel-series')).toBe('Cancel all 3');
    await press('confirm-cancel-series');
    await waitFor(() => expect(last('cancelSeries')).toEqual(['m-annual1']));
    await waitFor(() => expect(screen.queryByText('Annual check-up')).toBeNull());
  });

  it('saves a calendar file and says where', async () => {
    show();
    await person.click(await screen.findByText('Planning'));
    await press('detail-copy-more');
    await press('detail-save-calendar');
    await waitFor(() => expect(last('saveInvitation')).toEqual(['m-mon']));
    await waitFor(async () => expect(await text('note')).toBe('Saved as /home/ana/Downloads/convoke-m-mon.ics'));
  });
});

describe('what may have been created', () => {
  beforeEach(() => (world.app = readyState()));

  it('is one line while Convoke looks', async () => {
    world.agenda = fullAgenda({ pending: [pending()] });
    show();
    expect(await text('pending-i-1')).toContain('“Kick-off” at Zoom may have been created. Convoke is checking.');
    expect(screen.queryByTestId('pending-none')).toBeNull();
  });

  it('is asked about where more than one meeting can be it', async () => {
    world.agenda = fullAgenda({ pending: [pending({ candidates: candidates() })] });
    show();
    expect(await text('pending-is-83087654321')).toContain('https://zoom.example.com/j/83087654321');
    await press('pending-is-83087654321');
    await waitFor(() => expect(last('decidePending')).toEqual(['i-1', '83087654321']));
    await waitFor(() => expect(screen.queryByTestId('pending-i-1')).toBeNull());
    await screen.findByText('Kick-off');
  });

  it('is none of them, where the person says so', async () => {
    world.agenda = fullAgenda({ pending: [pending({ candidates: candidates() })] });
    show();
    await press('pending-none');
    await waitFor(() => expect(last('decidePending')).toEqual(['i-1', null]));
    await waitFor(() => expect(screen.queryByTestId('pending-i-1')).toBeNull());
  });
});
