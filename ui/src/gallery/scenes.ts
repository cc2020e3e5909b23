// One scene per screen and state: how the world is, and what is pressed before one looks.
import { account, candidates, check, emptyAgenda, fullAgenda, longRefusal, meeting, meetings, pending, problem, providers, readyState, series, seriesAgenda, startState, troubled, unset, wrong, yearlyRefusal } from './data';
import { tellShow, world } from './api';

/** Presses the element with this test id, types into it or chooses in it; waits until it is there. */
export type Hand = { press: (testid: string) => Promise<void>; type: (testid: string, text: string) => Promise<void>; choose: (testid: string, value: string) => Promise<void>; find: (selector: string) => Promise<HTMLElement> };
export type Scene = { world?: () => void; play?: (hand: Hand) => Promise<void> };

const at = (step: Parameters<typeof startState>[0]): (() => void) => () => void (world.app = startState(step));
const main = (change: Parameters<typeof readyState>[0] = {}, agenda = fullAgenda()): (() => void) => () => {
  world.app = readyState(change);
  world.agenda = agenda;
};
const open = (id: string) => (hand: Hand) => hand.find(`[data-meeting="m-${id}"]`).then((row) => row.click());
const ended = { health: 'needs_sign_in', health_reason: 'sign_in_required', next_check: null } as const;
const far = { health: 'unreachable', health_reason: 'unreachable', next_check: '2026-11-22T08:26:00Z' } as const;
const locked = { health: 'locked', health_reason: 'keyring_locked' } as const;
/** An account in each state. */
const unwell = () => [
  account('teams', { ...ended, last_refresh: '2026-11-21T16:41:00Z' }),
  account('sametime', { health: 'expiring', sign_in_by: '2026-11-25T08:00:00Z' }),
  account('webex', { ...far, last_refresh: '2026-11-22T07:41:00Z' }),
  account('goto', { ...locked, health_reason: 'keyring_absent' }),
  account('zoom', { sign_in_by: '2027-02-18T08:00:00Z' }),
];
const diagnose = (run = true) => async (hand: Hand): Promise<void> => {
  await hand.press('place-settings');
  if (run) {
    await hand.press('diagnose');
    await hand.find('[data-testid="diagnosis"]:not([data-state="idle"])');
  }
  (await hand.find('[data-testid="diagnostics"]')).scrollIntoView();
};
const many = () =>
  Array.from({ length: 400 }, (_, index) => meeting(`n${index}`, `Meeting ${index + 1}`, index % 3 === 0 ? 'teams' : 'zoom', new Date(Date.parse('2026-11-22T09:00:00Z') + index * 5 * 3_600_000).toISOString(), 45));

export const scenes: Record<string, Scene> = {
  'wizard-welcome': { world: at({}) },
  'wizard-organisation': { world: at({ step: 'organisation' }) },
  'wizard-organisation-hosts': {
    world: () => {
      world.app = startState({ step: 'organisation' });
      world.check = check({ foreign_hosts: ['broker.example.com', 'zoom-gateway.example.com'] });
    },
  },
  'wizard-organisation-failed': {
    world: () => {
      world.app = startState({ step: 'organisation' });
      world.check = check({
        lines: [
          { check: 'profile', subject: null, error: null },
          { check: 'broker', subject: 'broker.example.com', error: problem('intercepted') },
        ],
        usable: false,
      });
    },
  },
  'wizard-organisation-address': {
    world: () => {
      world.app = startState({ step: 'organisation', startedWithProfile: false });
      world.failing.checkOrganisation = wrong({ field: 'broker', problem: 'not_a_web_address', detail: null });
    },
    play: async (hand) => {
      await hand.press('organisation-broker');
      await hand.type('organisation-address', 'broker');
      await hand.press('organisation-check');
    },
  },
  'wizard-keyring': { world: at({ step: 'keyring' }) },
  'wizard-keyring-absent': {
    world: () => {
      world.app = startState({ step: 'keyring' });
      world.keyring = 'absent';
    },
  },
  'wizard-keyring-locked': {
    world: () => {
      world.app = startState({ step: 'keyring' });
      world.keyring = 'locked';
    },
  },
  'wizard-accounts': {
    world: () => {
      world.app = startState({ step: 'accounts', providers: providers().map((one) => (one.provider === 'teams' ? { ...one, available: false } : one)) });
    },
  },
  'wizard-accounts-waiting': {
    world: () => {
      world.app = startState({ step: 'accounts' });
      world.hanging.add('waitSignIn');
    },
    play: async (hand) => {
      await hand.press('sign-in-zoom');
      await hand.press('signin-paste-open');
    },
  },
  'wizard-accounts-done': { world: at({ step: 'accounts' }), play: (hand) => hand.press('sign-in-zoom') },
  'wizard-accounts-denied': {
    world: () => {
      world.app = startState({ step: 'accounts' });
      world.failing.waitSignIn = problem('sign_in_denied', { provider: 'zoom' });
    },
    play: (hand) => hand.press('sign-in-zoom'),
  },
  'wizard-accounts-sametime': {
    world: () => {
      world.app = startState({ step: 'accounts' });
      world.failing.signInSametime = wrong({ field: 'password', problem: 'wrong_password', detail: null });
    },
    play: async (hand) => {
      await hand.press('sign-in-sametime');
      await hand.type('sametime-username', 'ana');
      await hand.type('sametime-password', 'x');
      await hand.press('sametime-submit');
    },
  },
  'wizard-accounts-token': {
    world: () => {
      world.app = startState({ step: 'accounts', providers: providers().map((one) => (one.sign_in === 'browser' ? { ...one, sign_in: 'token' as const } : one)) });
      world.failing.signInWithToken = wrong({ field: 'token', problem: 'dead_token', detail: null });
    },
    play: async (hand) => {
      await hand.press('sign-in-zoom');
      await hand.type('token-paste', 'x');
      await hand.press('token-submit');
    },
  },
  'wizard-defaults': { world: at({ step: 'defaults', accounts: [account('zoom'), account('teams')] }) },
  'wizard-done': {
    world: at({ step: 'defaults', accounts: [account('zoom')] }),
    play: (hand) => hand.press('continue'),
  },
  agenda: { world: main() },
  'agenda-selected': { world: main(), play: open('review') },
  'agenda-planning': { world: main(), play: async (hand) => { await open('mon')(hand); await hand.press('detail-passcode-show'); } },
  'agenda-gone': { world: main(), play: open('gone') },
  'agenda-room': { world: main(), play: open('room') },
  'agenda-copy-menu': {
    world: main(),
    play: async (hand) => {
      await open('standup')(hand);
      const more = await hand.find('[data-testid=detail-copy-more]');
      more.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, button: 0, pointerType: 'mouse' }));
      more.click();
    },
  },
  'agenda-cancel': { world: main(), play: async (hand) => { await open('review')(hand); await hand.press('detail-cancel'); } },
  'agenda-series': { world: main({}, seriesAgenda()), play: open('weekly') },
  'agenda-series-one-link': { world: main({}, seriesAgenda()), play: open('board') },
  'agenda-series-part': { world: main({}, seriesAgenda()), play: async (hand) => { await open('annual1')(hand); await hand.press('detail-cancel'); } },
  'agenda-leave-out': { world: main({}, seriesAgenda()), play: async (hand) => { await open('weekly')(hand); await hand.press('detail-leave-out'); } },
  'agenda-pending': { world: main({}, fullAgenda({ pending: [pending()] })) },
  'agenda-pending-which': { world: main({}, fullAgenda({ pending: [pending({ candidates: candidates() }), pending({ id: 'i-2', provider: 'webex', subject: 'Interview' })] })) },
  'agenda-consent': { world: main({}, fullAgenda({ problems: [problem('consent_missing', { account: 'webex-4k7q2m', provider: 'webex' })] })) },
  'agenda-search': { world: main(), play: (hand) => hand.type('search', 'plan') },
  'agenda-search-nothing': { world: main(), play: (hand) => hand.type('search', 'giraffe') },
  'agenda-loading': { world: () => { world.app = readyState(); world.hanging.add('agenda'); } },
  'agenda-empty': { world: main({}, emptyAgenda()) },
  'agenda-no-account': { world: main({ accounts: [] }, emptyAgenda()) },
  'agenda-needs-sign-in': {
    world: main(
      { accounts: [account('zoom'), account('teams', { health: 'needs_sign_in', health_reason: 'sign_in_required' }), account('sametime')] },
      fullAgenda({ problems: [problem('sign_in_required', { account: 'teams-4k7q2m', provider: 'teams' })], as_of: '2026-11-21T17:41:00Z' }),
    ),
  },
  'agenda-offline': {
    world: main(
      { accounts: [account('zoom', { health: 'unreachable' }), account('teams'), account('sametime')] },
      fullAgenda({ problems: [problem('unreachable', { account: 'zoom-4k7q2m', provider: 'zoom', detail: 'api.zoom.us' })], as_of: '2026-11-22T07:41:00Z' }),
    ),
  },
  'agenda-fix-all': {
    world: main(
      { accounts: [account('zoom', ended), account('teams', ended), account('webex', ended), account('sametime')] },
      fullAgenda({ problems: [problem('sign_in_required', { account: 'teams-4k7q2m', provider: 'teams' })], as_of: '2026-11-21T17:41:00Z' }),
    ),
  },
  'agenda-outage': {
    world: main(
      { accounts: [account('zoom', far), account('teams', far), account('webex', far)] },
      fullAgenda({ problems: (['zoom', 'teams', 'webex'] as const).map((provider) => problem('unreachable', { account: `${provider}-4k7q2m`, provider })), as_of: '2026-11-22T07:41:00Z' }),
    ),
  },
  'agenda-outage-one-provider': {
    world: main(
      { accounts: [account('zoom', far), account('zoom', { ...far, id: 'zoom-second', label: 'Customers' }), account('teams')] },
      fullAgenda({ problems: ['zoom-4k7q2m', 'zoom-second'].map((id) => problem('unavailable', { account: id, provider: 'zoom', retry_at: '2026-11-22T08:30:00Z' })), as_of: '2026-11-22T07:41:00Z' }),
    ),
    play: async (hand) => (await hand.find('.problem [aria-expanded]')).click(),
  },
  'agenda-not-permitted': {
    world: main({}, fullAgenda({ problems: [problem('not_permitted', { account: 'teams-4k7q2m', provider: 'teams', detail: 'OnlineMeetings.ReadWrite' })] })),
  },
  'agenda-locked': { world: main({ accounts: [account('zoom', locked), account('teams', locked)] }) },
  'agenda-error': {
    world: () => {
      world.app = readyState();
      world.failing.agenda = problem('storage', { detail: 'database disk image is malformed' });
    },
    play: async (hand) => (await hand.find('.problem [aria-expanded]')).click(),
  },
  'agenda-empty-unsure': { world: main({}, { ...emptyAgenda(), problems: [problem('rate_limited', { account: 'zoom-4k7q2m', provider: 'zoom', retry_at: '2026-11-22T08:30:00Z' })] }) },
  'agenda-400': { world: main({}, { ...emptyAgenda(), meetings: many() }) },
  'start-error': { world: () => { world.failing.appState = problem('storage'); } },
  form: { world: main(), play: (hand) => hand.press('new-meeting') },
  'form-calendar': { world: main(), play: async (hand) => { await hand.press('new-meeting'); (await hand.find('.calendar-trigger')).click(); } },
  'form-zone': { world: main(), play: async (hand) => { await hand.press('new-meeting'); await hand.press('form-zone'); await hand.type('zone', 'lon'); } },
  'form-errors': {
    world: main(),
    play: async (hand) => {
      await hand.press('new-meeting');
      await hand.type('form-date', 'tomorrowish');
      await hand.press('form-submit');
    },
  },
  'form-twice': {
    world: () => {
      main()();
      world.failing.createMeeting = wrong({ field: 'start', problem: 'happens_twice', detail: null });
    },
    play: async (hand) => {
      await hand.press('new-meeting');
      await hand.type('form-subject', 'Night shift');
      await hand.type('form-date', '2027-10-31');
      await hand.type('form-start', '02:30');
      await hand.press('form-submit');
    },
  },
  'form-refused': {
    world: () => {
      main()();
      world.failing.createMeeting = problem('outcome_unknown', { provider: 'zoom' });
    },
    play: async (hand) => {
      await hand.press('new-meeting');
      await hand.type('form-subject', 'Planning');
      await hand.press('form-submit');
    },
  },
  'form-series': {
    world: main(),
    play: async (hand) => {
      await hand.press('new-meeting');
      await hand.type('form-subject', 'Team meeting');
      await hand.choose('form-repeat', 'week');
      await hand.choose('form-repeat-end', 'until');
      await hand.press('form-repeat-except-open');
      await hand.type('form-repeat-except', '27/12/2026, 03/01/2027');
    },
  },
  'form-series-custom': {
    world: main(),
    play: async (hand) => {
      await hand.press('new-meeting');
      await hand.choose('form-repeat', 'fortnight');
      await hand.choose('form-repeat', 'custom');
      await hand.press('form-repeat-day-3');
      await hand.choose('form-repeat-end', 'count');
      (await hand.find('[data-testid=form-repeat-rule]')).scrollIntoView({ block: 'center' });
    },
  },
  'form-series-one-link': {
    world: main(),
    play: async (hand) => {
      await hand.press('new-meeting');
      await hand.choose('form-account', 'teams-4k7q2m');
      await hand.choose('form-repeat', 'weekday');
      (await hand.find('[data-testid=form-repeat]')).scrollIntoView({ block: 'center' });
    },
  },
  'form-alternatives': {
    world: () => {
      main()();
      world.failing.createMeeting = yearlyRefusal();
    },
    play: async (hand) => {
      await hand.press('new-meeting');
      await hand.type('form-subject', 'Anniversary');
      await hand.type('form-date', '2027-03-14');
      await hand.choose('form-repeat', 'year');
      await hand.press('form-submit');
      (await hand.find('[data-testid=form-alternative-one_link]')).scrollIntoView({ block: 'center' });
    },
  },
  'form-alternative-taken': {
    world: () => {
      main()();
      world.failing.createMeeting = longRefusal();
    },
    play: async (hand) => {
      await hand.press('new-meeting');
      await hand.type('form-subject', 'Team meeting');
      await hand.type('form-date', '2026-11-23');
      await hand.choose('form-repeat', 'week');
      await hand.press('form-submit');
      await hand.press('form-alternative-end_date');
      (await hand.find('[data-testid=form-repeat-end]')).scrollIntoView({ block: 'center' });
    },
  },
  'form-options': {
    world: main(),
    play: async (hand) => {
      await hand.press('new-meeting');
      await hand.press('form-options');
      await hand.choose('form-option-lobby', 'on');
      await hand.choose('form-option-recording', 'cloud');
      (await hand.find('[data-testid=form-options]')).scrollIntoView({ block: 'start' });
    },
  },
  'form-options-end': {
    world: main(),
    play: async (hand) => {
      await hand.press('new-meeting');
      await hand.press('form-options');
      (await hand.find('[data-testid=form-option-schedule_for]')).scrollIntoView({ block: 'center' });
    },
  },
  'form-options-wrong': {
    world: () => {
      main()();
      world.failing.createMeeting = wrong({ field: 'option.join_before_host', problem: 'excluded', detail: 'lobby' }, { field: 'option.passcode', problem: 'too_long', detail: '10' });
    },
    play: async (hand) => {
      await hand.press('new-meeting');
      await hand.type('form-subject', 'Planning');
      await hand.press('form-submit');
      (await hand.find('[data-testid=form-option-join_before_host]')).scrollIntoView({ block: 'center' });
    },
  },
  // The tray's Quit while renewed sign-ins wait for the keyring.
  quit: { world: main({ accounts: unwell(), unsaved: true }), play: async (hand) => { await hand.find('[data-testid=search]'); tellShow('quit'); } },
  'quit-over-form': {
    world: main({ unsaved: true }),
    play: async (hand) => {
      await hand.press('new-meeting');
      await hand.find('[data-testid=form-subject]');
      tellShow('quit');
    },
  },
  'form-options-dropped': {
    world: main(),
    play: async (hand) => {
      await hand.press('new-meeting');
      await hand.press('form-options');
      await hand.choose('form-option-lobby', 'on');
      await hand.choose('form-option-mute_on_entry', 'on');
      await hand.choose('form-account', 'goto-4k7q2m');
      (await hand.find('[data-testid=form-account]')).scrollIntoView({ block: 'start' });
    },
  },
  'form-options-edit': {
    world: main({}, fullAgenda({ meetings: [...meetings(), meeting('made', 'Made for Lea', 'zoom', '2026-11-24T09:00:00Z', 30, { options: { schedule_for: 'lea@example.com', lobby: 'on' } })] })),
    play: async (hand) => {
      await open('made')(hand);
      await hand.press('detail-edit');
      await hand.press('form-options');
      (await hand.find('[data-testid=form-option-schedule_for]')).scrollIntoView({ block: 'center' });
    },
  },
  'form-edit-series': {
    world: main({}, seriesAgenda()),
    play: async (hand) => {
      await open('weekly')(hand);
      await hand.press('detail-edit');
      await hand.type('form-start', '11:30');
      (await hand.find('[data-testid=form-invitees]')).scrollIntoView({ block: 'start' });
    },
  },
  'form-edit': { world: main(), play: async (hand) => { await open('review')(hand); await hand.press('detail-edit'); await hand.type('form-start', '15:30'); } },
  accounts: {
    world: main({
      accounts: [account('zoom'), account('teams', { health: 'needs_sign_in', health_reason: 'sign_in_required' }), account('sametime', { health: 'expiring', sign_in_by: '2026-11-28T08:00:00Z' })],
    }),
    play: (hand) => hand.press('place-accounts'),
  },
  'accounts-states': { world: main({ accounts: unwell() }), play: (hand) => hand.press('place-accounts') },
  'accounts-locked': {
    world: main({ accounts: [account('zoom', locked), account('teams', locked), account('sametime')] }),
    play: (hand) => hand.press('place-accounts'),
  },
  'fix-all-browser': {
    world: () => {
      main({ accounts: unwell() })();
      world.hanging.add('waitSignIn');
    },
    play: async (hand) => { await hand.press('place-accounts'); await hand.press('fix-all'); },
  },
  'fix-all-sametime': {
    world: () => {
      main({ accounts: unwell() })();
      world.hanging.add('waitSignIn');
    },
    play: async (hand) => {
      await hand.press('place-accounts');
      await hand.press('fix-all');
      await hand.press('fix-skip');
      await hand.find('[data-testid=sametime-password]');
    },
  },
  'fix-all-done': {
    world: main({ accounts: unwell() }),
    play: async (hand) => {
      await hand.press('place-accounts');
      await hand.press('fix-all');
      await hand.find('[data-testid=sametime-password]');
      await hand.press('fix-skip');
    },
  },
  'accounts-add': { world: main({ accounts: [account('zoom')] }), play: async (hand) => { await hand.press('place-accounts'); await hand.press('add-account'); } },
  'accounts-different': {
    world: () => {
      main()();
      world.signedIn = { kind: 'different_person', account: account('teams'), now: 'sam@example.com' };
    },
    play: async (hand) => { await hand.press('place-accounts'); await hand.press('sign-in-again-teams-4k7q2m'); },
  },
  'accounts-disconnect': { world: main(), play: async (hand) => { await hand.press('place-accounts'); await hand.press('disconnect-zoom-4k7q2m'); } },
  'accounts-rename': { world: main(), play: async (hand) => { await hand.press('place-accounts'); await hand.press('rename-zoom-4k7q2m'); } },
  settings: { world: main(), play: (hand) => hand.press('place-settings') },
  'german-accounts': {
    world: main({ locale: 'de_CH.UTF-8', keyringProgram: 'Schlüsselbundverwaltungsprogramm', accounts: unwell().map((one) => ({ ...one, label: 'Donaudampfschifffahrtsgesellschaft Niederösterreich', identity: 'rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz@example.com' })) }),
    play: (hand) => hand.press('place-accounts'),
  },
  'german-fix-all': {
    world: () => {
      main({ locale: 'de_CH.UTF-8', accounts: unwell().map((one) => ({ ...one, label: 'Donaudampfschifffahrtsgesellschaft Niederösterreich', identity: 'rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz@example.com' })) })();
      world.hanging.add('waitSignIn');
    },
    play: async (hand) => { await hand.press('place-accounts'); await hand.press('fix-all'); },
  },
  'diagnostics-idle': { world: main(), play: diagnose(false) },
  'diagnostics-looking': { world: () => { main()(); world.hanging.add('diagnose'); }, play: diagnose() },
  'diagnostics-well': { world: main(), play: diagnose() },
  'diagnostics-troubled': { world: () => { main()(); world.diagnosis = troubled(); }, play: diagnose() },
  'diagnostics-unset': { world: () => { main()(); world.diagnosis = unset(); }, play: diagnose() },
  'diagnostics-error': { world: () => { main()(); world.failing.diagnose = problem('storage'); }, play: diagnose() },
  'german-series': {
    world: main({ locale: 'de_CH.UTF-8' }, seriesAgenda({ meetings: [...meetings(), ...series()].map((one) => ({ ...one, subject: `Donaudampfschifffahrtsgesellschaftskapitänsversammlung ${one.subject}`, invitees: one.invitees.map((address) => `rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz.${address}`) })), pending: [pending({ subject: 'Donaudampfschifffahrtsgesellschaftskapitänsversammlung', candidates: candidates() })] })),
    play: open('weekly'),
  },
  'german-options': {
    world: main({ locale: 'de_CH.UTF-8', accounts: [account('teams', { label: 'Donaudampfschifffahrtsgesellschaft Niederösterreich' })] }, seriesAgenda()),
    play: async (hand) => {
      await hand.press('new-meeting');
      await hand.press('form-options');
      await hand.choose('form-option-lobby', 'organization_and_federated');
      await hand.type('form-option-co_hosts', 'rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz@example.com');
      (await hand.find('[data-testid=form-options]')).scrollIntoView({ block: 'start' });
    },
  },
  'german-dates': { world: main({ locale: 'de_CH.UTF-8', preferences: { defaultAccount: null, defaultMinutes: 45, zone: 'America/New_York', theme: 'system', remind: true } }, fullAgenda({ meetings: meetings().map((one) => ({ ...one, subject: `Donaudampfschifffahrtsgesellschaftskapitänsversammlung ${one.subject}` })) })), play: open('review') },
};
