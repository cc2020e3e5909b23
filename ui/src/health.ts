// From an account's state to the words a person reads: what it is, why, and what helps.
import type { AccountView } from './bindings/AccountView';
import type { ErrorCode } from './bindings/ErrorCode';
import { plainError, wording, type Reader } from './problem';
import { deadline } from './time/format';
import { has, providerName, say } from './words';

const DAY = 86_400_000;

/** How many days are left, as people count: one for anything up to a day, none where it is over. */
export const daysLeft = (by: string, now: number): number => Math.max(0, Math.ceil((Date.parse(by) - now) / DAY));

/** The state in a few words. */
export const healthWord = ({ health, sign_in_by: by }: AccountView, now: number): string =>
  health === 'expiring' && by !== null ? say('health-expiring-within', { days: daysLeft(by, now) }) : say(`health-${health}`);

/** Why it is not well and what helps; none where it is. `program` keeps the keyring. */
export function healthReason(account: AccountView, reader: Reader, program: string): string | null {
  const { health, health_reason: code, sign_in_by: by, provider } = account;
  if (health === 'ok') return null;
  if (health === 'locked') return keyringReason(code, program);
  if (health === 'expiring') return by === null ? say('health-expiring-todo') : say('health-expiring-until', { time: deadline(by, reader.zone, reader.locale, reader.now) });
  if (code !== null && has(`error-${code}`)) return wording(plainError(code as ErrorCode, { account: account.id, provider }), 'read', reader);
  return say(`health-${health}-todo`, { provider: providerName(provider) });
}

/** What to do about the keyring, by the error code; one sentence for all where it is not told. */
export const keyringReason = (code: string | null, program: string): string =>
  code?.startsWith('keyring') && has(`health-${code}`) ? say(`health-${code}`, { program }) : say('health-locked-todo', { program });

/** `Work (Zoom)`. */
export const named = ({ label, provider }: AccountView): string => say('account-named', { label, provider: providerName(provider) });
