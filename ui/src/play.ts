// How a test plays a person over the stand-in: what is pressed, typed and chosen, and what was asked of Rust.
import { cleanup, configure, render, screen, waitFor } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect } from 'vitest';
import App from './App.svelte';
import { resetWorld, world } from './gallery/api';
import { NOW } from './gallery/data';

// Generous, for machines that are busy: nothing here waits unless something is late.
configure({ asyncUtilTimeout: 20_000 });
export const person = userEvent.setup();
export const names = (): string[] => world.calls.map((call) => call.name);
export const last = (name: string) => world.calls.filter((call) => call.name === name).at(-1)?.values;
export const find = (id: string) => screen.findByTestId(id);
export const press = async (id: string) => {
  const element = await find(id);
  await waitFor(() => expect((element as HTMLButtonElement).disabled).not.toBe(true));
  await person.click(element);
};
export const type = async (id: string, text: string) => {
  const field = await find(id);
  await person.clear(field);
  await person.type(field, text);
};
export const choose = async (id: string, value: string) => person.selectOptions(await find(id), value);
export const text = async (id: string) => ((await find(id)).textContent ?? '').trim();
export const show = () => render(App, { props: { clock: () => NOW } });

/** A new world for each test of a file. */
export function eachAlone(): void {
  beforeEach(() => resetWorld());
  afterEach(() => cleanup());
}
