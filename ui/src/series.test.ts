// Series, options and what may have been created, in the window over the stand-in.
import { screen, waitFor } from '@testing-library/svelte';
import { beforeEach, describe, expect, it } from 'vitest';
import { world } from './gallery/api';
import { candidates, fullAgenda, pending, problem, readyState, seriesAgenda, wrong, yearlyRefusal } from './gallery/data';
import { choose, eachAlone, find, last, person, press, show, text, type } from './play';
import { NO_CHANGE } from './state/form';

eachAlone();

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
    expect(screen.getByTestId('pending-none').textContent).toContain('Do not look');
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
