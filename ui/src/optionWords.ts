// What an option and its values are called. One key is another thing at another provider: Zoom's lobby is on or off.
import type { OptionSpec } from './bindings/OptionSpec';
import { has, say } from './words';

/** A value in words. */
export function valueWords(key: string, value: string): string {
  if (value === 'on' || value === 'off') return say(`option-is-${value}`);
  if (value === '') return say('options-none');
  return has(`option-${key}-is-${value}`) ? say(`option-${key}-is-${value}`) : value;
}

/** The choices of a row, the default named as what it really is. None for a row that is typed. */
export function choicesOf(spec: OptionSpec, provider: string, undecided: boolean): { value: string; label: string }[] {
  const values = spec.value.kind === 'flag' ? ['on', 'off'] : spec.value.kind === 'choice' ? spec.value.choices : [];
  const named = values.map((value) => ({
    value,
    label: value === spec.default ? say('options-default', { value: valueWords(spec.key, value), provider }) : valueWords(spec.key, value),
  }));
  return spec.default === null && undecided ? [{ value: '', label: say('options-account') }, ...named] : named;
}
