import { defineConfig } from 'vitest/config';

/** Not part of the tests: `npm run screenshots` draws docs/ anew from a running shop. */
export default defineConfig({
  test: {
    include: ['test/screenshots/*.ts'],
    exclude: ['**/vitest.config.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
