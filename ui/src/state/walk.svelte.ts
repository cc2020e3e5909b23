// The walk of "Fix all": one account after the other through its sign-in. Knows whose turn it is and how each ended.
import type { AccountView } from '../bindings/AccountView';

export class SignInWalk {
  /** Whose turn it is, from 0; all are through when it is as many as there are. */
  at = $state(0);
  /** Which turns ended with a sign-in. */
  #mended = $state.raw<ReadonlySet<string>>(new Set());
  #stopped = $state(false);
  #begun: string | null = null;

  /** `ended` is told once, where at least one account works again. */
  constructor(
    readonly accounts: readonly AccountView[],
    readonly ended: () => void = () => {},
  ) {}

  /** The account whose turn it is; none at the end. */
  current: string | null = $derived.by(() => (this.#stopped ? null : (this.accounts[this.at]?.id ?? null)));
  mended: AccountView[] = $derived.by(() => this.accounts.filter((one) => this.#mended.has(one.id)));
  left: AccountView[] = $derived.by(() => this.accounts.filter((one) => !this.#mended.has(one.id)));

  /** Whether this turn begins its sign-in by itself: once, and not again where the person comes back to it. */
  begins(): boolean {
    const fresh = this.#begun !== this.current;
    this.#begun = this.current;
    return fresh;
  }

  /** The account works again. */
  mend(): void {
    if (this.current === null) return;
    this.#mended = new Set([...this.#mended, this.current]);
    this.skip();
  }

  /** Leaves the account as it is. */
  skip(): void {
    if (this.current === null) return;
    this.at++;
    this.#end();
  }

  /** Leaves all that are left as they are. */
  stop(): void {
    if (this.current === null) return;
    this.#stopped = true;
    this.#end();
  }

  #end(): void {
    if (this.current === null && this.#mended.size > 0) this.ended();
  }
}
