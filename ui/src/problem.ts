// From an error's code to the sentences a person reads: what happened, what was not changed, what to do.
import type { ErrorView } from './bindings/ErrorView';
import type { FieldIssue } from './bindings/FieldIssue';
import { moment } from './time/format';
import { providerName, say } from './words';

/** What was being done when it went wrong. */
export type Act = 'change' | 'read' | 'signin' | 'setup';

/** Whatever was thrown, as an `ErrorView`. */
export function asError(thrown: unknown): ErrorView {
  if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && 'fields' in thrown) return thrown as ErrorView;
  return { code: 'storage', account: null, provider: null, detail: String(thrown), retry_at: null, fields: [] };
}

/** Where and when a person reads it. */
export type Reader = { zone: string; locale: string; now: number };

const given = (detail: string | null) => ({ detail: detail ?? '', given: detail === null || detail === '' ? 'no' : 'yes' });

/** The sentences for an error. */
export function wording(error: ErrorView, act: Act, reader: Reader): string {
  const who = error.provider === null ? say('error-who-service') : providerName(error.provider);
  const whom = error.provider === null ? say('error-whom-service') : who;
  const text = say(`error-${error.code}`, { who, whom, act, ...given(error.detail) });
  if (error.retry_at === null) return text;
  return `${text} ${say('error-retry-at', { time: moment(error.retry_at, reader.zone, reader.locale, reader.now) })}`;
}

/** The sentence for one field. */
export const fieldWording = (issue: FieldIssue): string =>
  say(`issue-${issue.problem}`, { field: issue.field, ...given(issue.detail) });

/** The issues of an error by field. */
export function byField(error: ErrorView | null): Record<string, FieldIssue> {
  const found: Record<string, FieldIssue> = {};
  for (const issue of error?.fields ?? []) found[issue.field] ??= issue;
  return found;
}
