// One sign-in in the system's browser, from the press of the button to an account. Holds no token and no code.
import * as api from '$api';
import type { AccountView } from '../bindings/AccountView';
import type { ErrorView } from '../bindings/ErrorView';
import type { ProviderKind } from '../bindings/ProviderKind';
import type { SignedIn } from '../bindings/SignedIn';
import { asError, byField, fieldWording } from '../problem';

type Phase = 'idle' | 'starting' | 'waiting' | 'different' | 'failed';

export class BrowserSignIn {
  phase = $state<Phase>('idle');
  error = $state.raw<ErrorView | null>(null);
  /** Who was there before and who signed in now. */
  different = $state.raw<{ account: AccountView; now: string } | null>(null);
  pasteError = $state<string | null>(null);
  /** What the page in the browser shows too. */
  matchCode = $state<string | null>(null);
  #id: string | null = null;
  #run = 0;

  constructor(
    readonly provider: ProviderKind,
    readonly account: string | null,
    readonly done: (account: AccountView, again: boolean) => void,
    readonly ended: () => void = () => {},
  ) {}

  async begin(): Promise<void> {
    const run = ++this.#run;
    this.phase = 'starting';
    this.error = null;
    this.matchCode = null;
    try {
      const pending = await api.startSignIn(this.provider, null, this.account);
      if (run !== this.#run) return void api.cancelSignIn(pending.id).catch(() => {});
      this.#id = pending.id;
      this.matchCode = pending.matchCode;
      this.phase = 'waiting';
      const result = await api.waitSignIn(pending.id);
      if (run === this.#run) this.#take(result);
    } catch (thrown) {
      if (run === this.#run) this.#fail(thrown);
    }
  }

  /** Ends the waiting; nothing was added. */
  cancel(): void {
    this.#run++;
    const id = this.#id;
    this.#id = null;
    this.phase = 'idle';
    if (id !== null) api.cancelSignIn(id).catch(() => {});
    this.ended();
  }

  openAgain = (): Promise<void> => (this.#id === null ? this.begin() : api.openSignInAgain(this.#id).catch((thrown: unknown) => this.#fail(thrown)));

  link = (): Promise<string> => (this.#id === null ? Promise.resolve('') : api.signInLink(this.#id));

  async paste(address: string): Promise<void> {
    this.pasteError = null;
    if (this.#id === null) return;
    try {
      await api.pasteSignIn(this.#id, address.trim());
    } catch (thrown) {
      const error = asError(thrown);
      const issue = byField(error.fields)['address'];
      if (issue) this.pasteError = fieldWording(issue);
      else this.#fail(thrown);
    }
  }

  /** The answer to "somebody else signed in". */
  async replace(yes: boolean): Promise<void> {
    const id = this.#id;
    if (id === null) return;
    try {
      const result = await api.replaceAccount(id, yes);
      if (result === null) {
        this.#id = null;
        this.phase = 'idle';
        this.ended();
      } else {
        this.#take(result);
      }
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  #take(result: SignedIn): void {
    if (result.kind === 'different_person') {
      this.different = { account: result.account, now: result.now };
      this.phase = 'different';
      return;
    }
    this.#id = null;
    this.phase = 'idle';
    this.done(result.account, result.again);
  }

  #fail(thrown: unknown): void {
    this.#id = null;
    this.error = asError(thrown);
    this.phase = 'failed';
  }
}
