import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The product's policy but for the bridge, so that the gallery shows what a strict policy would block.
const policy = "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'";

// Every screen in every state over a stand-in for Rust. Never part of the product's bundle.
export default defineConfig({
  plugins: [svelte()],
  clearScreen: false,
  resolve: { alias: { $api: here('./src/gallery/api.ts') } },
  server: { host: '127.0.0.1', port: 1421 },
  preview: { host: '127.0.0.1', headers: { 'Content-Security-Policy': policy } },
  build: {
    outDir: 'dist-gallery',
    target: 'safari16',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: here('./gallery.html') },
  },
});
