import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const pages = fileURLToPath(new URL('infra/shop/web/pages', import.meta.url));

/** Builds the pages of the shop into dist/web. */
export default defineConfig({
  root: pages,
  logLevel: 'warn',
  build: {
    emptyOutDir: true,
    // The content security policy lets nothing run or show that is not a file of ours.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['floor', 'customer', 'closed'].map((name) => `${pages}/${name}.html`) },
  },
});
