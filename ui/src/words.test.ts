// Every word comes from Fluent: each id that is used exists, each that exists is used, and no component holds text.
import { FluentBundle, FluentResource } from '@fluent/bundle';
import { parse } from 'svelte/compiler';
import { describe, expect, it, vi } from 'vitest';
import type { ErrorCode } from './bindings/ErrorCode';
import type { IssueCode } from './bindings/IssueCode';
import { fieldWording, plainError, wording, type Act } from './problem';
import { say } from './words';

const sources = import.meta.glob<string>(['./**/*.{ts,svelte}', '!./**/*.test.ts', '!./gallery/**', '!./bindings/**'], { query: '?raw', import: 'default', eager: true });
const files = import.meta.glob<string>(['../locales/en/*.ftl', '!../locales/en/tray.ftl'], { query: '?raw', import: 'default', eager: true });
const tray = import.meta.glob<string>('../locales/en/tray.ftl', { query: '?raw', import: 'default', eager: true });

const idsOf = (text: string): string[] => [...text.matchAll(/^([a-z][\w-]*) =/gm)].map((match) => match[1] ?? '');
const defined = Object.values(files).flatMap(idsOf);
const code = Object.values(sources).join('\n') + Object.values(files).join('\n');

/** Ids that are named in full, and beginnings of ids that end in a value. */
function used(text: string): { ids: Set<string>; starts: string[] } {
  const ids = new Set([...text.matchAll(/(?<!\w)'([a-z][\w-]*)'/g), ...text.matchAll(/\{ ([a-z][\w-]*) \}/g)].map((match) => match[1] ?? ''));
  const starts = [...text.matchAll(/(?:say|has)\(`([a-z][\w-]*-)\$\{/g)].map((match) => match[1] ?? '');
  return { ids, starts };
}

const said = (text: string): string[] => [...text.matchAll(/\bsay\(\s*'([^']*)'/g)].map((match) => match[1] ?? '');

type Node = { type: string; data?: string; name?: string; value?: unknown; [key: string]: unknown };
const READ = new Set(['aria-label', 'title', 'placeholder', 'alt', 'label', 'hint', 'legend', 'yes', 'no']);

/** Text that a person would read and that does not come from Fluent. */
function literals(source: string): string[] {
  const found: string[] = [];
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (typeof node !== 'object' || node === null) return;
    const one = node as Node;
    if (one.type === 'Text' && /\p{L}/u.test(one.data ?? '')) found.push((one.data ?? '').trim());
    if (one.type === 'Attribute') {
      const parts = Array.isArray(one.value) ? (one.value as Node[]) : [];
      if (READ.has(one.name ?? '')) found.push(...parts.filter((part) => part.type === 'Text' && part.data !== '').map((part) => part.data ?? ''));
      return;
    }
    for (const value of Object.values(one)) walk(value);
  };
  walk(parse(source, { modern: true }).fragment);
  return found;
}

describe('the words', () => {
  it('parse without a loss', () => {
    for (const [file, text] of Object.entries({ ...files, ...tray })) {
      const bundle = new FluentBundle('en');
      expect(bundle.addResource(new FluentResource(text)), file).toEqual([]);
      for (const id of idsOf(text)) expect(bundle.getMessage(id)?.value, `${file} ${id}`).toBeTruthy();
    }
    expect(new Set(defined).size).toBe(defined.length);
  });

  it('are all there', () => {
    const missing = Object.values(sources)
      .flatMap(said)
      .filter((id) => !defined.includes(id));
    expect(missing).toEqual([]);
    expect(said("say('nowhere')")).toEqual(['nowhere']);
  });

  it('are all used', () => {
    const { ids, starts } = used(code);
    const unused = defined.filter((id) => !ids.has(id) && !starts.some((start) => id.startsWith(start)));
    expect(unused).toEqual([]);
    expect(used("say('a-b') say(`c-${x}`)")).toEqual({ ids: new Set(['a-b']), starts: ['c-'] });
  });

  it('stand in no component', () => {
    for (const [file, source] of Object.entries(sources)) if (file.endsWith('.svelte')) expect(literals(source), file).toEqual([]);
    expect(literals('<p title="Hello">World</p><Field label="x" />')).toEqual(['Hello', 'World', 'x']);
  });

  it('answer with the id where there is no message', () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    expect(say('nowhere')).toBe('nowhere');
    expect(error).toHaveBeenCalledOnce();
    error.mockRestore();
  });
});

const errors: Record<ErrorCode, true> = {
  invalid_input: true, sign_in_required: true, credential_missing: true, other_organisation: true, not_found: true, rejected: true, rate_limited: true, unavailable: true,
  bad_answer: true, outcome_unknown: true, conflict: true, busy: true, not_permitted: true, consent_missing: true, licence_missing: true, unreachable: true, intercepted: true, proxy_password: true, tls: true, keyring_absent: true,
  keyring_locked: true, keyring_failed: true, keyring_other: true, sign_in_denied: true, sign_in_cancelled: true, different_person: true, no_broker: true, storage: true,
};
const issues: Record<IssueCode, true> = {
  required: true, too_long: true, control_character: true, not_a_time: true, unknown_zone: true, skipped_by_clock_change: true, happens_twice: true,
  in_the_past: true, too_far_ahead: true, end_before_start: true, end_and_duration: true, not_an_address: true, not_a_web_address: true,
  wrong_password: true, not_a_token: true, dead_token: true, unknown: true, refused: true, not_possible: true, only_when_made: true, too_short: true, not_in_series: true, no_occurrence: true, excluded: true,
};
const reader = { zone: 'Europe/Zurich', locale: 'en-GB', now: Date.parse('2026-11-22T08:18:00Z') };

describe('problems', () => {
  const acts: Act[] = ['create', 'change', 'read', 'signin', 'setup'];

  it.each(Object.keys(errors) as ErrorCode[])('%s says what happened, what stayed and what to do', (code) => {
    const problem = vi.spyOn(console, 'error');
    for (const act of acts) {
      for (const detail of [null, 'the reason']) {
        const text = wording(plainError(code, { provider: 'zoom', detail }), act, reader);
        expect(text).not.toContain(`error-${code}`);
        expect(text.split(/[.”]\s/).length).toBeGreaterThanOrEqual(2);
        expect(text).not.toMatch(/!|oops|\{|\[|delete\b|URL/i);
      }
    }
    expect(problem).not.toHaveBeenCalled();
    problem.mockRestore();
  });

  it.each(Object.keys(issues) as IssueCode[])('%s has a sentence at every field', (problem) => {
    for (const field of ['subject', 'date', 'start', 'end', 'duration', 'zone', 'agenda', 'invitees', 'server', 'password', 'address', 'label', 'repeat', 'until', 'count', 'except', 'option.lobby', 'network.ca_file', 'else']) {
      for (const detail of [null, 'what was typed']) {
        const text = fieldWording({ field, problem, detail });
        expect(text).toMatch(/^\p{L}|^“/u);
        expect(text).not.toMatch(/issue-|\{|\[/);
      }
    }
  });

  it('a series that is not possible has its reason', () => {
    const why = (detail: string) => fieldWording({ field: 'repeat', problem: 'not_possible', detail }, { provider: 'zoom' });
    expect(why('yearly')).toBe('Zoom has no series that repeats every year.');
    expect(why('over_60')).toContain('60 dates');
    expect(why('over_5')).toContain('5 dates');
    expect(why('no_series')).toContain('no series of its own');
    expect(why('something_new')).toBe('A series like this is not possible at Zoom.');
  });

  it('names the day and the other option as a person knows them', () => {
    expect(fieldWording({ field: 'start', problem: 'not_in_series', detail: '2027-03-22' })).toContain('22 March 2027');
    expect(fieldWording({ field: 'option.join_before_host', problem: 'excluded', detail: 'lobby' })).toContain('the waiting room');
  });

  it('outside a form the fields are the reason', () => {
    const error = plainError('invalid_input', { provider: 'webex', fields: [{ field: 'except', problem: 'no_occurrence', detail: null }] });
    expect(wording(error, 'change', reader)).toBe('No date would be left. Cancel the meeting instead. Nothing was changed.');
  });

  it('says when to try again', () => {
    const text = wording(plainError('rate_limited', { provider: 'zoom', retry_at: '2026-11-22T08:30:00Z' }), 'read', reader);
    expect(text).toContain('09:30');
  });
});
