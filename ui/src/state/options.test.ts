// Options as data: what differs, what is sent, and what another provider keeps.
import { describe, expect, it } from 'vitest';
import type { ProviderKind } from '../bindings/ProviderKind';
import { providers } from '../gallery/data';
import { choicesOf, valueWords } from '../optionWords';
import { has } from '../words';
import { carried, countDiffering, optionsOf, toOptionChange, toOptions } from './options';

const tableOf = (kind: ProviderKind) => providers().find((one) => one.provider === kind)?.capabilities.options ?? [];
const zoom = tableOf('zoom');
const teams = tableOf('teams');

describe('a new meeting', () => {
  it('sends only what differs from the default', () => {
    const values = { lobby: 'on', join_before_host: 'off', recording: 'cloud', co_hosts: ' lea@example.com; sam@example.com ', dial_in: 'both', passcode: '' };
    expect(toOptions(zoom, values)).toEqual({ lobby: 'on', recording: 'cloud', co_hosts: 'lea@example.com,sam@example.com' });
    expect(countDiffering(zoom, values)).toBe(3);
    expect(toOptions(zoom, {})).toEqual({});
    expect(toOptions(tableOf('sametime'), values)).toEqual({});
  });
});

describe('a change', () => {
  const before = optionsOf({ lobby: 'on', recording: 'cloud', schedule_for: 'lea@example.com', unheard_of: 'x' }, zoom);

  it('sends only what differs from what stands', () => {
    expect(before).toEqual({ lobby: 'on', recording: 'cloud', schedule_for: 'lea@example.com' });
    expect(toOptionChange(zoom, before, before)).toEqual({});
    expect(toOptionChange(zoom, { ...before, lobby: 'off', recording: 'none' }, before)).toEqual({ lobby: 'off', recording: 'none' });
  });

  it('never sends what is chosen once', () => expect(toOptionChange(zoom, { ...before, schedule_for: '' }, before)).toEqual({}));
});

describe('another account', () => {
  it('keeps what both have, and names what is dropped', () => {
    const { kept, dropped } = carried({ lobby: 'on', recording: 'cloud', mute_on_entry: 'on', co_hosts: 'lea@example.com', dial_in: 'both', passcode: '1234' }, zoom, teams);
    expect(kept).toEqual({ recording: 'cloud', co_hosts: 'lea@example.com' });
    expect(dropped).toEqual(['lobby', 'passcode', 'mute_on_entry']);
  });

  it('does not take a word for a passcode, nor a value it does not have', () => {
    expect(carried({ passcode: 'on', presenters: 'organization' }, teams, tableOf('webex'))).toEqual({ kept: {}, dropped: ['passcode', 'presenters'] });
    expect(carried({ recording: 'local' }, zoom, teams)).toEqual({ kept: {}, dropped: ['recording'] });
  });
});

describe('the words', () => {
  const row = (key: string, of = zoom) => of.find((spec) => spec.key === key) ?? zoom[0]!;

  it('name the default as what it really is', () => {
    expect(choicesOf(row('mute_on_entry'), 'Zoom', true).map((one) => one.label)).toEqual(['On', 'Off (default at Zoom)']);
    expect(choicesOf(row('lobby'), 'Zoom', true).map((one) => one.label)).toEqual(['As your account is set', 'On', 'Off']);
    expect(choicesOf(row('lobby'), 'Zoom', false).map((one) => one.label)).toEqual(['On', 'Off']);
    expect(choicesOf(row('recording', teams), 'Teams', true)[0]).toEqual({ value: 'none', label: 'Not recorded (default at Teams)' });
  });

  it('are there for every row and every choice of every provider', () => {
    for (const { capabilities } of providers()) {
      for (const { key, value } of capabilities.options) {
        for (const id of [`option-${key}`, `option-name-${key}`, `option-${key}-hint`]) expect(has(id), id).toBe(true);
        if (value.kind === 'choice') for (const choice of value.choices) expect(valueWords(key, choice), `${key} ${choice}`).not.toBe(choice);
      }
    }
    expect(valueWords('passcode', '1234')).toBe('1234');
  });
});
