// What is wrong, as lines: what several accounts share is one line, so that an outage is one banner and not one per account.
import type { AccountView } from '../bindings/AccountView';
import type { ErrorCode } from '../bindings/ErrorCode';
import type { ErrorView } from '../bindings/ErrorView';
import { plainError } from '../problem';

/** One line, and the accounts that it is about. */
export type Trouble =
  /** A person must sign in. */
  | { kind: 'sign-in'; accounts: AccountView[] }
  /** The keyring is locked or not there; the code says which, where it is known. */
  | { kind: 'keyring'; code: string | null }
  /** Passing trouble of one provider, or of several for one reason: then the error names none. */
  | { kind: 'outage'; error: ErrorView; accounts: AccountView[] }
  /** Anything else, by itself. */
  | { kind: 'problem'; error: ErrorView };

const SIGN_IN: ErrorCode[] = ['sign_in_required', 'credential_missing', 'other_organisation'];
const KEYRING: ErrorCode[] = ['keyring_absent', 'keyring_locked', 'keyring_failed', 'keyring_other'];
const PASSING: ErrorCode[] = ['rate_limited', 'unavailable', 'bad_answer', 'unreachable', 'intercepted', 'proxy_password', 'tls'];

/** The lines for what could not be read and for how the accounts are: who needs the person first. */
export function troublesOf(problems: readonly ErrorView[], accounts: readonly AccountView[]): Trouble[] {
  const found: Trouble[] = [];
  const asks = accounts.filter((one) => one.health === 'needs_sign_in' || problems.some((error) => error.account === one.id && SIGN_IN.includes(error.code)));
  if (asks.length > 0) found.push({ kind: 'sign-in', accounts: asks });
  const keyring = problems.find((error) => KEYRING.includes(error.code))?.code ?? accounts.find((one) => one.health === 'locked')?.health_reason;
  if (keyring !== undefined) found.push({ kind: 'keyring', code: keyring });
  found.push(...outages(problems, accounts));
  const others = problems.filter((error) => ![...SIGN_IN, ...KEYRING, ...PASSING].includes(error.code));
  return [...found, ...others.map((error): Trouble => ({ kind: 'problem', error }))];
}

function outages(problems: readonly ErrorView[], accounts: readonly AccountView[]): Trouble[] {
  const passing = problems.filter((error) => PASSING.includes(error.code));
  // What nobody has read since stands in the account alone.
  const silent = accounts
    .filter((one) => one.health === 'unreachable' && !problems.some((error) => error.account === one.id))
    .map((one) => plainError(PASSING.find((code) => code === one.health_reason) ?? 'unreachable', { account: one.id, provider: one.provider }));
  const all = [...passing, ...silent];
  return [...new Set(all.map((error) => error.code))].flatMap((code) => {
    const errors = all.filter((error) => error.code === code);
    const providers = [...new Set(errors.map((error) => error.provider))];
    const groups = oneReason(errors, accounts) ? [errors] : providers.map((provider) => errors.filter((error) => error.provider === provider));
    return groups.map((group) => outage(group, accounts));
  });
}

/** Whether providers are unreachable for one reason: the same host, or every account of more than one provider. */
function oneReason(errors: readonly ErrorView[], accounts: readonly AccountView[]): boolean {
  if (new Set(errors.map((error) => error.provider)).size < 2) return false;
  const [first] = errors;
  const sameHost = first?.detail != null && errors.every((error) => error.detail === first.detail);
  return sameHost || accounts.every((one) => errors.some((error) => error.account === one.id));
}

function outage(errors: readonly ErrorView[], accounts: readonly AccountView[]): Trouble {
  const first = errors[0] as ErrorView;
  const alone = errors.length === 1;
  const same = <T>(of: (error: ErrorView) => T): T | null => (errors.every((error) => of(error) === of(first)) ? of(first) : null);
  // Whoever asks for the longest pause is listened to.
  const retryAt = errors.map((error) => error.retry_at).filter((at) => at !== null).sort((a, b) => Date.parse(b) - Date.parse(a))[0] ?? null;
  const error = { ...first, account: alone ? first.account : null, provider: same((one) => one.provider), detail: same((one) => one.detail), retry_at: retryAt };
  return { kind: 'outage', error, accounts: accounts.filter((one) => errors.some((error) => error.account === one.id)) };
}
