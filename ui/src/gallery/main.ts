// The gallery: `?scene=NAME&theme=dark&axe`. Without a scene, a list of them. What axe and the content policy find is
// written into the page, so that a headless browser can read it.
import { mount } from 'svelte';
import App from '../App.svelte';
import '../styles/base.css';
import { world } from './api';
import { NOW } from './data';
import { scenes, type Hand } from './scenes';

const wish = new URLSearchParams(location.search);
const scene = scenes[wish.get('scene') ?? ''];
const target = document.getElementById('app') as HTMLElement;
const report = document.documentElement.dataset;
const blocked: string[] = [];
document.addEventListener('securitypolicyviolation', (event) => blocked.push(`${event.violatedDirective} ${event.sourceFile}:${event.lineNumber}`));

const find = async (selector: string): Promise<HTMLElement> => {
  for (let tries = 0; tries < 200; tries++) {
    const found = document.querySelector<HTMLElement>(selector);
    if (found && !found.matches(':disabled')) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${selector} did not appear`);
};
const byTestid = (testid: string): Promise<HTMLElement> => find(`[data-testid="${testid}"]`);
const hand: Hand = {
  find,
  press: async (testid) => (await byTestid(testid)).click(),
  type: async (testid, text) => {
    const field = (await byTestid(testid)) as HTMLInputElement;
    field.focus();
    field.value = text;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  },
  choose: async (testid, value) => {
    const list = (await byTestid(testid)) as HTMLSelectElement;
    list.value = value;
    list.dispatchEvent(new Event('change', { bubbles: true }));
    await new Promise((resolve) => setTimeout(resolve, 0));
  },
};

async function audit(): Promise<void> {
  const axe = (await import('axe-core')).default;
  const result = await axe.run(document, { resultTypes: ['violations'] });
  report['axe'] = result.violations.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.target.join(' ')} (${node.any[0]?.message ?? ''})`).join(' | ')}`).join('\n');
}

async function show(): Promise<void> {
  if (!scene) {
    const list = document.createElement('ul');
    for (const name of Object.keys(scenes)) {
      const link = document.createElement('a');
      link.href = `?scene=${name}`;
      link.textContent = name;
      const item = document.createElement('li');
      item.append(link);
      list.append(item);
    }
    target.append(list);
    return;
  }
  scene.world?.();
  const theme = wish.get('theme');
  if (theme === 'light' || theme === 'dark') world.app = { ...world.app, preferences: { ...world.app.preferences, theme } };
  mount(App, { target, props: { clock: () => NOW } });
  if (theme !== null && world.failing.appState) setTimeout(() => (report['theme'] = theme), 20);
  await scene.play?.(hand);
  await new Promise((resolve) => setTimeout(resolve, 600));
  if (wish.has('axe')) await audit();
  report['blocked'] = blocked.join('\n');
  report['finished'] = '';
}

show().catch((error: unknown) => {
  report['broken'] = String(error);
  report['finished'] = '';
});
