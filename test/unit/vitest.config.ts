import { defineConfig } from 'vitest/config';

// Not UTC, so that nothing passes by taking local time for it.
process.env.TZ = 'America/New_York';

/** The tests of what is pure: they take milliseconds. */
export default defineConfig({
  test: {
    include: ['test/unit/{handlers,lib}/**/*.test.ts'],
    env: { POWERTOOLS_LOG_LEVEL: 'SILENT' },
  },
});
