// A sign-in whose secret is typed or pasted into the window: handed over once, and a question where somebody else signed in than before.
import * as api from '$api';
import type { AccountView } from '../bindings/AccountView';
import type { ErrorView } from '../bindings/ErrorView';
import type { SignedIn } from '../bindings/SignedIn';
import { asError } from '../problem';

type Ends = { done: (account: AccountView, again: boolean) => void; cancel: () => void };

export class TypedSignIn {
  busy = $state(false);
  error = $state.raw<ErrorView | null>(null);
  /** Who was signed in, and who is now. */
  different = $state.raw<{ account: AccountView; now: string } | null>(null);
  #ends: Ends;

  constructor(ends: Ends) {
    this.#ends = ends;
  }

  /** Makes the call that takes the secret. Answers false where it failed; `error` says why. */
  async hand(call: () => Promise<SignedIn>): Promise<boolean> {
    this.busy = true;
    try {
      const result = await call();
      if (result.kind === 'account') this.#ends.done(result.account, result.again);
      else this.different = { account: result.account, now: result.now };
      return true;
    } catch (thrown) {
      this.error = asError(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** The answer to "somebody else signed in"; such a sign-in is named by its account. */
  async replace(yes: boolean): Promise<void> {
    const asked = this.different;
    this.different = null;
    if (asked === null) return;
    try {
      const result = await api.replaceAccount(asked.account.id, yes);
      if (result?.kind === 'account') this.#ends.done(result.account, result.again);
      else this.#ends.cancel();
    } catch (thrown) {
      this.error = asError(thrown);
    }
  }
}
