import { defineConfig } from 'vitest/config';

/** The tests of what is pure: they take milliseconds. */
export default defineConfig({
  test: {
    include: ['test/domain/**/*.test.ts', 'test/handlers/**/*.test.ts', 'test/rabbitmq-unit/**/*.test.ts'],
    env: { POWERTOOLS_LOG_LEVEL: 'SILENT' },
  },
});
