// From an error's code to the sentences a person reads: what happened, what was not changed, what to do.
import type { AccountView } from './bindings/AccountView';
import type { ErrorCode } from './bindings/ErrorCode';
import type { ErrorView } from './bindings/ErrorView';
import type { FieldIssue } from './bindings/FieldIssue';
import type { ProviderKind } from './bindings/ProviderKind';
import { isDay } from './time/day';
import { fullDay, moment } from './time/format';
import { has, listed, providerName, say } from './words';

/** What was being done when it went wrong. */
export type Act = 'create' | 'change' | 'read' | 'signin' | 'setup';

/** An error with nothing more than its code and what is named. */
export const plainError = (code: ErrorCode, named: Partial<ErrorView> = {}): ErrorView => ({
  code, account: null, provider: null, detail: null, retry_at: null, fields: [], alternatives: [], ...named,
});

/** Whatever was thrown, as an `ErrorView`. */
export function asError(thrown: unknown): ErrorView {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'fields' in thrown) return plainError('storage', thrown as ErrorView);
  return plainError('storage', { detail: String(thrown) });
}

/** Where and when a person reads it. */
export type Reader = { zone: string; locale: string; now: number };

const given = (detail: string | null) => ({ detail: detail ?? '', given: detail === null || detail === '' ? 'no' : 'yes' });

/** The sentences for an error. */
export function wording(error: ErrorView, act: Act, reader: Reader): string {
  const who = error.provider === null ? say('error-who-service') : providerName(error.provider);
  const whom = error.provider === null ? say('error-whom-service') : who;
  // Where there is no form to mark, the fields say what is wrong.
  const fields = ['invalid_input', 'rejected'].includes(error.code) ? error.fields : [];
  const text =
    fields.length > 0
      ? [...fields.map((issue) => fieldWording(issue, { provider: error.provider, locale: reader.locale })), say('error-kept', { act })].join(' ')
      : say(`error-${error.code}`, { who, whom, act, ...given(error.detail) });
  return withPause(text, error, reader);
}

/** The sentences for passing trouble that several accounts share; those of the error where it is one account's. */
export function outageWording(error: ErrorView, accounts: readonly AccountView[], reader: Reader): string {
  if (accounts.length < 2) return wording(error, 'read', reader);
  if (error.provider !== null) return `${wording(error, 'read', reader)} ${say('outage-accounts', { labels: listed(accounts.map((one) => say('quoted', { text: one.label }))) })}`;
  const providers = listed([...new Set(accounts.map((one) => providerName(one.provider)))]);
  return withPause(say('outage', { code: error.code, providers }), error, reader);
}

const withPause = (text: string, { retry_at: at }: ErrorView, reader: Reader): string =>
  at === null ? text : `${text} ${say('error-retry-at', { time: moment(at, reader.zone, reader.locale, reader.now) })}`;

/** The sentence for one field. Options have one set of sentences: `option.lobby` is an option. */
export function fieldWording({ field, problem, detail }: FieldIssue, { provider = null, locale = 'en-GB' }: { provider?: ProviderKind | null | undefined; locale?: string } = {}): string {
  const who = provider === null ? say('issue-who') : providerName(provider);
  const named = problem === 'excluded' && has(`option-name-${detail}`) ? say(`option-name-${detail}`) : (problem === 'not_in_series' || field === 'except') && isDay(detail ?? '') ? fullDay(detail ?? '', locale) : detail;
  // `over_60` is one reason with a number in it.
  const over = /^over_(\d+)$/.exec(detail ?? '')?.[1];
  const why = over === undefined ? (detail ?? '') : 'over';
  const key = /^option\.(.+)$/.exec(field)?.[1];
  return say(`issue-${problem}`, { field: key === undefined ? field.replaceAll('.', '-') : 'option', key: key ?? '', who, why, most: Number(over ?? 0), ...given(named) });
}

/** The issues of a list by field. */
export function byField(issues: readonly FieldIssue[] = []): Record<string, FieldIssue> {
  const found: Record<string, FieldIssue> = {};
  for (const issue of issues) found[issue.field] ??= issue;
  return found;
}
