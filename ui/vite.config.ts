/// <reference types="vitest/config" />
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// `$api` is the bridge to Rust in the product, and a stand-in in memory in tests and in the gallery.
export default defineConfig(({ mode }) => ({
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  resolve: { alias: { $api: here(mode === 'test' ? './src/gallery/api.ts' : './src/api.ts') } },
  server: { host: '127.0.0.1', port: 1420, strictPort: true },
  build: { outDir: 'dist', target: 'safari16', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  test: { environment: 'happy-dom', testTimeout: 60_000, include: ['src/**/*.test.ts'], env: { TZ: 'UTC' } },
}));
