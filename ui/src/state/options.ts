// What can be chosen beside time and people, as data: what stands in the fields, what differs, what is sent.
import type { OptionKey } from '../bindings/OptionKey';
import type { OptionSpec } from '../bindings/OptionSpec';

/** What was chosen, by key; what is absent is as the account has it. */
export type OptionValues = Partial<Record<OptionKey, string>>;

/** What an account does where nothing is chosen; empty where nobody here knows. */
export const defaultOf = (spec: OptionSpec): string => spec.default ?? '';

/** What stands in the field. */
export const shownOf = (spec: OptionSpec, values: OptionValues): string => values[spec.key] ?? defaultOf(spec);

const plain = (spec: OptionSpec, value: string): string => (spec.value.kind === 'addresses' ? value.split(/[\s,;]+/).filter(Boolean).join(',') : value.trim());

/** Whether something else was chosen than what the account does anyway. */
export const differs = (spec: OptionSpec, values: OptionValues): boolean => plain(spec, shownOf(spec, values)) !== defaultOf(spec);

/** How many rows differ from the account's default. */
export const countDiffering = (table: readonly OptionSpec[], values: OptionValues): number => table.filter((spec) => differs(spec, values)).length;

/** The options of a meeting that stands, as values. */
export const optionsOf = (options: Record<string, string>, table: readonly OptionSpec[]): OptionValues =>
  Object.fromEntries(table.flatMap(({ key }) => (options[key] === undefined ? [] : [[key, options[key]]])));

/** What is sent for a new meeting: only what differs. */
export const toOptions = (table: readonly OptionSpec[], values: OptionValues): Record<string, string> =>
  Object.fromEntries(table.filter((spec) => differs(spec, values)).map((spec) => [spec.key, plain(spec, shownOf(spec, values))]));

/** What is sent for a change: what differs from what stands, of what can be changed. */
export const toOptionChange = (table: readonly OptionSpec[], values: OptionValues, before: OptionValues): Record<string, string> =>
  Object.fromEntries(
    table
      .filter((spec) => spec.changeable && plain(spec, shownOf(spec, values)) !== plain(spec, shownOf(spec, before)))
      .map((spec) => [spec.key, plain(spec, shownOf(spec, values))]),
  );

/** Whether a provider with this row takes the value. */
function takes({ value }: OptionSpec, given: string): boolean {
  if (value.kind === 'flag') return given === 'on' || given === 'off';
  if (value.kind === 'choice') return value.choices.includes(given);
  if (value.kind === 'text') return [...given].length <= value.longest && given !== 'on' && given !== 'off';
  return given.split(/[\s,;]+/).filter(Boolean).length <= value.most;
}

/** What is left of the choices at another provider, and what had to be dropped. */
export function carried(values: OptionValues, from: readonly OptionSpec[], to: readonly OptionSpec[]): { kept: OptionValues; dropped: OptionKey[] } {
  const kept: OptionValues = {};
  const dropped: OptionKey[] = [];
  for (const spec of from) {
    const value = values[spec.key];
    if (value === undefined || !differs(spec, values)) continue;
    const there = to.find((one) => one.key === spec.key);
    if (there && takes(there, value)) kept[spec.key] = value;
    else dropped.push(spec.key);
  }
  return { kept, dropped };
}
