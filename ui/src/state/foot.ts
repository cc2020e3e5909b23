// The sentence at the foot of the form: what its button will do, and who is told.
import type { AccountView } from '../bindings/AccountView';
import type { Capabilities } from '../bindings/Capabilities';
import type { ChangeInput } from '../bindings/ChangeInput';
import { providerName, say } from '../words';
import { addresses, formOfSeries, isEmpty, type FormValues } from './form';

/** What the button will do; `change` is null for a new meeting. */
export function footOf(values: FormValues, change: ChangeInput | null, account: AccountView, can: Capabilities | undefined): string {
  const count = addresses(values.invitees).length;
  const of = {
    provider: providerName(account.provider),
    label: account.label,
    count,
    told: can?.writes_to_invitees && count > 0 ? 'provider' : 'nobody',
    series: values.repeat.every === 'never' ? 'none' : (formOfSeries(values, can) ?? 'native'),
  };
  if (change === null) return say('form-foot-create', of);
  if (isEmpty(change)) return say('form-foot-nothing');
  const moves = change.start !== null || change.durationMinutes !== null || change.zone !== null;
  return say(`form-foot-${can?.updates_in_place === false ? 'relink' : moves ? 'move' : 'change'}`, of);
}
