// What the window knows: a copy of the state in Rust, and what the person looks at. Asks through the bridge, decides nothing.
import * as api from '$api';
import type { Show } from '$api';
import { createContext } from 'svelte';
import type { AccountView } from '../bindings/AccountView';
import type { AgendaView } from '../bindings/AgendaView';
import type { AppState } from '../bindings/AppState';
import type { ErrorView } from '../bindings/ErrorView';
import type { MeetingView } from '../bindings/MeetingView';
import type { PendingView } from '../bindings/PendingView';
import type { Preferences } from '../bindings/Preferences';
import type { ProviderView } from '../bindings/ProviderView';
import { asError, type Reader } from '../problem';
import type { Day } from '../time/day';
import { dateOf, occurrencesOf, type Occurrence } from '../time/agenda';
import { usableLocale } from '../time/format';
import { dayIn, isZone } from '../time/zone';
import { say } from '../words';
import type { FormValues } from './form';
import { troublesOf, type Trouble } from './troubles';
import { SignInWalk } from './walk.svelte';

/** The screens behind the rail. */
export type Screen = 'agenda' | 'accounts' | 'settings';
/** What the form is open for. */
export type Sheet = { kind: 'new' } | { kind: 'edit'; meeting: MeetingView };

export class Session {
  app = $state.raw<AppState | null>(null);
  /** Why there is no state at all. */
  failure = $state.raw<ErrorView | null>(null);
  agenda = $state.raw<AgendaView | null>(null);
  /** What the last question to every account could not read, whoever asked it: the list, the window or the tray. */
  #unread = $state.raw<ErrorView[]>([]);
  /** Why the list could not be read as a whole. */
  agendaFailure = $state.raw<ErrorView | null>(null);
  reading = $state(false);
  refreshing = $state(false);
  screen = $state<Screen>('agenda');
  wizard = $state(false);
  /** Whether the person is asked if they want to quit all the same. */
  leaving = $state(false);
  selected = $state<string | null>(null);
  /** Which date of the meeting is looked at, by its start; none is the next one. */
  at = $state<string | null>(null);
  sheet = $state.raw<Sheet | null>(null);
  search = $state('');
  /** The first day of the list; none is today. */
  from = $state<Day | null>(null);
  /** The day that the list is asked to show; the number tells two equal wishes apart. */
  jump = $state.raw<{ day: Day; wish: number } | null>(null);
  /** "Fix all", while it goes from account to account and until its result was read. */
  walk = $state.raw<SignInWalk | null>(null);
  /** Said aloud and shown for a moment. */
  note = $state.raw<{ text: string; id: number; well: boolean } | null>(null);
  /** The meeting that its provider told just now. */
  told: string | null = null;
  /** A form that was left with Escape. */
  draft: FormValues | null = null;
  now = $state(0);
  #clock: () => number;
  #notes = 0;

  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
    this.now = clock();
  }

  locale = $derived(usableLocale(this.app?.locale ?? ''));
  zone = $derived.by(() => {
    const wished = this.app?.preferences.zone ?? this.app?.systemZone ?? 'UTC';
    return isZone(wished) ? wished : 'UTC';
  });
  today = $derived(dayIn(this.now, this.zone));
  reader: Reader = $derived({ zone: this.zone, locale: this.locale, now: this.now });
  accounts: AccountView[] = $derived(this.app?.accounts ?? []);
  meetings: MeetingView[] = $derived(this.agenda?.meetings ?? []);
  occurrences: Occurrence[] = $derived(this.agenda === null ? [] : occurrencesOf(this.agenda));
  pending: PendingView[] = $derived(this.agenda?.pending ?? []);
  meeting: MeetingView | null = $derived(this.meetings.find((one) => one.id === this.selected) ?? null);
  /** The meeting that is looked at, on its date. */
  occurrence: Occurrence | null = $derived(this.meeting === null ? null : dateOf(this.meeting, this.occurrences, this.at, this.now));

  problems: ErrorView[] = $derived(this.#unread.filter((one) => one.account === null || this.accounts.some((account) => account.id === one.account)));

  /** The same with how the accounts are, a line each. */
  troubles: Trouble[] = $derived(troublesOf(this.problems, this.accounts));

  account = (id: string): AccountView | undefined => this.accounts.find((one) => one.id === id);
  provider = (kind: string): ProviderView | undefined => this.app?.providers.find((one) => one.provider === kind);

  /** Follows the clock and what Rust says; answers how to stop. */
  start(): () => void {
    const timer = setInterval(() => (this.now = this.#clock()), 15_000);
    const stops = [api.onChanged(() => void this.again()), api.onShow((show) => this.show(show))];
    void this.load();
    return () => {
      clearInterval(timer);
      for (const stop of stops) void stop.then((end) => end());
    };
  }

  /** The first paint comes from what is known; then the providers are asked. */
  async load(): Promise<void> {
    this.failure = null;
    try {
      this.take(await api.appState());
    } catch (thrown) {
      this.failure = asError(thrown);
      return;
    }
    this.wizard = this.app?.step !== 'done';
    if (this.app?.show) this.show(this.app.show);
    if (!this.wizard) await this.readAll();
  }

  take(app: AppState): void {
    const refreshed = app.lastRefresh;
    if (refreshed !== null && refreshed.at !== this.app?.lastRefresh?.at) this.#unread = refreshed.accounts.flatMap((one) => one.error ?? []);
    this.app = app;
    this.now = this.#clock();
  }

  /** What is known at once, then what the providers say. */
  async readAll(): Promise<void> {
    await this.read(false);
    await this.read(true);
  }

  async read(fresh: boolean): Promise<void> {
    if (fresh) this.reading = true;
    try {
      this.agenda = await api.agenda(null, null, fresh);
      this.agendaFailure = null;
      if (fresh) this.#unread = this.agenda.problems;
    } catch (thrown) {
      this.agendaFailure = asError(thrown);
    } finally {
      if (fresh) this.reading = false;
    }
  }

  /** Rust says that something changed. */
  async again(): Promise<void> {
    try {
      this.take(await api.appState());
    } catch (thrown) {
      this.failure ??= this.app === null ? asError(thrown) : null;
      return;
    }
    if (!this.wizard) await this.read(false);
  }

  async refresh(): Promise<void> {
    if (this.refreshing) return;
    this.refreshing = true;
    try {
      const lastRefresh = await api.refreshNow();
      if (this.app) this.take({ ...this.app, lastRefresh, accounts: lastRefresh.accounts.map((one) => one.account) });
      await this.read(false);
      const well = this.problems.length === 0;
      this.tell(say(well ? 'refresh-done' : 'refresh-in-part'), well);
    } catch (thrown) {
      this.agendaFailure = asError(thrown);
    } finally {
      this.refreshing = false;
    }
  }

  /** What the tray asked for. */
  show(wish: Show | string): void {
    if (wish === 'quit') {
      this.leaving = true;
      // Rust asks only where it is so; what the page last heard may be older.
      if (this.app) this.app = { ...this.app, unsaved: true };
    }
    if (this.app === null || this.app.step !== 'done') return;
    const meeting = typeof wish === 'object' ? wish.meeting : /^(?:meeting:)?(m-.+)$/.exec(wish)?.[1];
    if (meeting !== undefined) {
      this.screen = 'agenda';
      this.select(meeting);
    } else if (wish === 'new') {
      this.screen = 'agenda';
      this.sheet ??= { kind: 'new' };
    } else if (wish === 'agenda' || wish === 'accounts' || wish === 'settings') {
      this.screen = wish;
    }
  }

  /** Puts a meeting that a provider just told into the list. */
  put(meeting: MeetingView): void {
    const known = this.agenda ?? { meetings: [], problems: [], as_of: null, series: [], pending: [] };
    const before = known.meetings.find((one) => one.id === meeting.id);
    const others = known.meetings.filter((one) => one.id !== meeting.id);
    // The dates of a series are counted by Rust: what is known of them is old once the series changed.
    const same = before !== undefined && before.start === meeting.start && before.recurrence === meeting.recurrence && before.exceptions.join() === meeting.exceptions.join();
    this.agenda = { ...known, meetings: [...others, meeting], series: same ? known.series : known.series.filter((one) => one.meeting !== meeting.id) };
    if (!same && meeting.recurrence !== null) void this.read(false);
  }

  drop(...ids: string[]): void {
    if (this.agenda) this.agenda = { ...this.agenda, meetings: this.agenda.meetings.filter((one) => !ids.includes(one.id)) };
    if (this.selected !== null && ids.includes(this.selected)) this.select(null);
  }

  /** A person said what became of it. */
  settle(pending: string, meeting: MeetingView | null): void {
    if (this.agenda) this.agenda = { ...this.agenda, pending: this.agenda.pending.filter((one) => one.id !== pending) };
    if (meeting !== null) this.put(meeting);
  }

  /** Looks at a meeting: on the date that begins then, or on its next one. */
  select(id: string | null, start: string | null = null): void {
    this.selected = id;
    this.at = start;
  }

  putAccount(account: AccountView): void {
    if (!this.app) return;
    const at = this.app.accounts.findIndex((one) => one.id === account.id);
    this.app = { ...this.app, accounts: at < 0 ? [...this.app.accounts, account] : this.app.accounts.with(at, account) };
  }

  /** Walks through the sign-ins of these accounts, on the accounts screen. */
  fixAll(accounts: AccountView[]): void {
    this.walk = new SignInWalk(accounts, () => void this.readAll());
    this.screen = 'accounts';
  }

  /** Somebody signed in again: what could not be read before says nothing any more. */
  mended(account: AccountView): void {
    this.putAccount(account);
    this.#unread = this.#unread.filter((error) => error.account !== account.id);
  }

  dropAccount(id: string): void {
    if (this.app) this.app = { ...this.app, accounts: this.app.accounts.filter((one) => one.id !== id) };
  }

  async prefer(change: Partial<Preferences>): Promise<void> {
    if (this.app) this.take(await api.savePreferences({ ...this.app.preferences, ...change }));
  }

  goTo(day: Day): void {
    this.screen = 'agenda';
    this.search = '';
    this.from = day < this.today ? day : null;
    this.jump = { day, wish: (this.jump?.wish ?? 0) + 1 };
  }

  tell(text: string, well = true): void {
    this.note = { text, id: ++this.#notes, well };
  }
}

export const [getSession, setSession] = createContext<Session>();
