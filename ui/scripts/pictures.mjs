// Takes a picture of every scene of the gallery in light and dark, runs axe in each, and reports what the content
// policy would have blocked. Needs Chromium (CHROMIUM names another one) and a gallery that was built.
//
//   node scripts/pictures.mjs OUT [--size 1080x720] [NAME...]
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { preview } from 'vite';

const run = promisify(execFile);
const [out, ...rest] = process.argv.slice(2);
if (!out) throw new Error('usage: pictures.mjs OUT [--size 1080x720] [NAME...]');
const sizeAt = rest.indexOf('--size');
const [width, height] = (sizeAt < 0 ? '1080x720' : rest.splice(sizeAt, 2)[1]).split('x').map(Number);
mkdirSync(out, { recursive: true });

const source = readFileSync(new URL('../src/gallery/scenes.ts', import.meta.url), 'utf8');
const known = [...source.matchAll(/^ {2}'?([\w-]+)'?: \{/gm)].map((match) => match[1]);
const names = rest.length > 0 ? rest : known;
const server = await preview({ configFile: new URL('../vite.gallery.config.ts', import.meta.url).pathname, preview: { port: 0, host: '127.0.0.1' } });
const base = server.resolvedUrls.local[0];

const attribute = (html, name) => new RegExp(`<html[^>]*\\sdata-${name}="([^"]*)"`).exec(html)?.[1] ?? '';
let bad = 0;

async function picture(name, theme) {
  const home = mkdtempSync(join(tmpdir(), 'convoke-gallery-'));
  try {
    const { stdout } = await run(
      process.env.CHROMIUM ?? 'chromium',
      [
        '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
        '--hide-scrollbars', `--user-data-dir=${home}`, `--window-size=${width},${height}`, '--virtual-time-budget=6000',
        `--screenshot=${join(out, `${name}-${theme}.png`)}`, '--dump-dom', `${base}gallery.html?scene=${name}&theme=${theme}&axe`,
      ],
      { maxBuffer: 64 << 20, timeout: 60_000 },
    );
    const problems = [
      !stdout.includes('data-finished') && 'did not finish',
      attribute(stdout, 'broken'),
      attribute(stdout, 'axe'),
      attribute(stdout, 'blocked') && `blocked: ${attribute(stdout, 'blocked')}`,
    ].filter(Boolean);
    if (problems.length > 0) bad++;
    console.log(`${problems.length > 0 ? 'BAD ' : 'ok  '} ${name} ${theme}${problems.map((text) => `\n      ${text}`).join('')}`);
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 20 });
  }
}

const jobs = names.flatMap((name) => ['light', 'dark'].map((theme) => [name, theme]));
await Promise.all([0, 1, 2].map(async () => {
  for (let job = jobs.shift(); job; job = jobs.shift()) await picture(...job);
}));
await server.close();
process.exitCode = bad > 0 ? 1 : 0;
