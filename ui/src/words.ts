// Every word a person reads comes from the Fluent files, which the tray shares; this file finds them by their id.
import { FluentBundle, FluentNumber, FluentResource, type FluentVariable } from '@fluent/bundle';
import type { ProviderKind } from './bindings/ProviderKind';

const files = import.meta.glob<string>(['../locales/en/*.ftl', '!../locales/en/tray.ftl'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

// Isolation marks would end up in what people copy; English needs none.
const bundle = new FluentBundle('en', { useIsolating: false });
for (const text of Object.values(files)) {
  for (const twice of bundle.addResource(new FluentResource(text))) console.error(twice.message);
}

/** Whether there is a message of this id. */
export const has = (id: string): boolean => bundle.hasMessage(id);

/** The message of this id; an id that is not there is a mistake of the program and comes back as itself. */
export function say(id: string, values: Record<string, FluentVariable> = {}): string {
  const pattern = bundle.getMessage(id)?.value;
  if (!pattern) {
    console.error(`There is no message "${id}"`);
    return id;
  }
  const problems: Error[] = [];
  const text = bundle.formatPattern(pattern, values, problems);
  for (const problem of problems) console.error(`${id}: ${problem.message}`);
  return text;
}

/** The short name of a provider. */
export const providerName = (provider: ProviderKind): string => say(`provider-${provider}`);

/** A number whose plural forms are those of an order: 1st, 2nd, 3rd. */
export const ordinal = (value: number): FluentNumber => new FluentNumber(value, { type: 'ordinal' } as Intl.NumberFormatOptions);

const lists = new Intl.ListFormat('en-GB', { type: 'conjunction' });
/** `Monday, Tuesday and Friday`. */
export const listed = (parts: string[]): string => lists.format(parts);
