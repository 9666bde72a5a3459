import { defineConfig } from 'vitest/config';

// Not UTC, so that nothing passes by mistaking local time for it.
process.env.TZ = 'America/New_York';

/** The tests of pure code: they take milliseconds. */
export default defineConfig({
  test: {
    include: ['test/unit/{handlers,lib}/**/*.test.ts'],
    env: { POWERTOOLS_LOG_LEVEL: 'SILENT' },
  },
});
