// Settings → Diagnostics over the stand-in: looked at when asked, a line per check, a report to share.
import { screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { DiagnosisKind } from './bindings/DiagnosisKind';
import type { DiagnosisState } from './bindings/DiagnosisState';
import { world } from './gallery/api';
import { diagnosis, problem, readyState, troubled, unset } from './gallery/data';
import { eachAlone, find, names, press, show } from './play';
import { fieldWording } from './problem';
import { has, say } from './words';

eachAlone();

async function open(): Promise<void> {
  show();
  await press('place-settings');
}
const state = async (): Promise<string | undefined> => (await find('diagnosis')).dataset['state'];
const looked = (wanted: string) => waitFor(async () => expect(await state()).toBe(wanted));

describe('diagnostics', () => {
  beforeEach(() => (world.app = readyState()));

  it('look only when asked, and say that all is well', async () => {
    await open();
    expect(await state()).toBe('idle');
    expect(names()).not.toContain('diagnose');
    expect(screen.queryByTestId('copy-report')).toBeNull();
    await press('diagnose');
    await looked('well');
    expect((await find('diagnosis-summary')).textContent).toBe('Everything works.');
    const lines = within(await find('diagnosis-lines')).getAllByRole('listitem');
    expect(lines.length).toBe(diagnosis().lines.length);
    expect(lines[3]?.textContent?.trim()).toBe('Works: The sign-in service answers: broker.example.com');
  });

  it('say what does not work and what to do', async () => {
    world.diagnosis = troubled();
    await open();
    await press('diagnose');
    await looked('failed');
    expect((await find('diagnosis-summary')).textContent).toBe('5 things do not work.');
    const tls = (await find('diagnosis-tls')).textContent;
    expect(tls).toContain('Does not work: The certificate of api.zoom.us is not trusted');
    expect(tls).toContain('issuer: Example Web Gateway (Example Ltd)');
    expect(tls).toContain('ask your administrator for its certificate file');
    expect((await find('diagnosis-clock')).textContent).toContain('The clock is 412 seconds behind');
    expect((await find('diagnosis-keyring')).textContent).toContain('Unlock it with GNOME Keyring or KeePassXC');
    expect((await find('diagnosis-loopback')).dataset['state']).toBe('ok');
  });

  it('need no organisation', async () => {
    world.diagnosis = unset();
    await open();
    await press('diagnose');
    await looked('well');
    expect((await find('diagnosis-broker')).textContent).toContain('Choose your organisation above.');
  });

  it('show that they look, keep what was found meanwhile, and look again', async () => {
    await open();
    await press('diagnose');
    await looked('well');
    world.hanging.add('diagnose');
    await press('diagnose');
    await looked('looking');
    await find('diagnosis-lines');
    expect((await find('diagnose')).getAttribute('aria-busy')).toBe('true');
    expect(screen.queryByTestId('copy-report')).toBeNull();
  });

  it('can fail themselves, and be tried again', async () => {
    world.failing.diagnose = problem('storage');
    await open();
    await press('diagnose');
    await looked('error');
    delete world.failing.diagnose;
    await press('retry');
    await looked('well');
  });

  it('copy the report', async () => {
    world.diagnosis = { ...troubled(), report: 'the report\n' };
    await open();
    await press('diagnose');
    const written = vi.spyOn(navigator.clipboard, 'writeText').mockResolvedValue();
    await press('copy-report');
    expect(written).toHaveBeenCalledWith('the report\n');
    await screen.findByText(/Report copied/);
  });
});

const kinds: Record<DiagnosisKind, true> = { clock: true, proxy: true, authorities: true, tls: true, broker: true, provider: true, keyring: true, loopback: true, browser: true, register: true };
const states: Record<DiagnosisState, true> = { ok: true, warning: true, failed: true, skipped: true };

describe('a certificate file that is of no use', () => {
  it('is named where the organisation is chosen', () => {
    const wording = (issue: 'unknown' | 'refused', detail: string) => fieldWording({ field: 'network.ca_file', problem: issue, detail });
    expect(wording('unknown', '/a.pem: entity not found')).toBe('The certificate file of this profile cannot be read: /a.pem: entity not found');
    expect(wording('refused', '/a.pem: no certificate in it')).toBe('The certificate file of this profile is of no use: /a.pem: no certificate in it');
  });
});

describe('the words of a check', () => {
  it.each(Object.keys(kinds))('%s has a sentence in every state, and what to do', (kind) => {
    const complaint = vi.spyOn(console, 'error');
    for (const state of Object.keys(states)) {
      for (const given of ['yes', 'no']) {
        const text = say(`diagnosis-${kind}`, { state, given, subject: 'host.example', note: 'found', provider: 'Zoom', code: 'tls', seconds: 130, side: 'behind' });
        expect(text).toMatch(/^\p{Lu}|^host|^Zoom/u);
        expect(text).not.toMatch(/[{}[\]!]|undefined/);
      }
    }
    const network = ['proxy', 'tls', 'broker', 'provider'].includes(kind);
    expect(has(`diagnosis-todo-${network ? 'network' : kind}`)).toBe(true);
    expect(complaint).not.toHaveBeenCalled();
    complaint.mockRestore();
  });
});
