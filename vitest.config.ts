import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/rabbitmq-unit/**/*.test.ts'] } },
      {
        test: {
          name: 'broker',
          include: ['test/broker/**/*.test.ts'],
          globalSetup: ['test/broker/support/compile.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
