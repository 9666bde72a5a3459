import { defineConfig } from 'vitest/config';
import LongestFirst from './test/support/longest-first.js';

/** Real brokers and processes take seconds, and many more on a busy machine: these limits are only for what hangs. */
const REAL_PARTS = {
  testTimeout: 300_000,
  hookTimeout: 300_000,
  expect: { poll: { timeout: 100_000, interval: 50 } },
  // More than two cores can work on, since tests often wait for processes that start and stop.
  maxWorkers: 5,
  // After the unit tests.
  sequence: { groupOrder: 1 },
};

const ON_A_BROKER = {
  globalSetup: 'test/support/broker/private-node.ts',
  setupFiles: 'test/support/broker/own-vhost.ts',
  ...REAL_PARTS,
};

export default defineConfig({
  test: {
    reporters: ['default', './test/support/progress-reporter.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{unit,bench}/**/*.test.ts'],
          // Not UTC, so that nothing passes by taking local time for it.
          env: { POWERTOOLS_LOG_LEVEL: 'SILENT', TZ: 'America/New_York' },
          testTimeout: REAL_PARTS.testTimeout,
          // Pure code has no state, so files can share the modules they load: 15 s instead of 49.
          isolate: false,
        },
      },
      {
        test: {
          name: 'broker',
          include: ['test/broker/**/*.test.ts'],
          ...ON_A_BROKER,
        },
      },
      {
        // Of the tests on a broker, those of the exercise, for a first look.
        test: { name: 'exercise', include: ['test/broker/exercise.test.ts'], ...ON_A_BROKER },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          globalSetup: 'test/support/system/prepare.ts',
          ...REAL_PARTS,
        },
      },
      {
        test: {
          name: 'chaos',
          include: ['test/chaos/**/*.test.ts'],
          globalSetup: 'test/support/system/server.ts',
          ...REAL_PARTS,
          // Each of them takes what the machine has.
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.ts'],
          globalSetup: 'test/support/system/server.ts',
          ...REAL_PARTS,
          // Three nodes take what the machine has.
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'rescale',
          include: ['test/rescale/**/*.test.ts'],
          ...ON_A_BROKER,
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'growth',
          include: ['test/growth/**/*.test.ts'],
          globalSetup: 'test/growth/setup.ts',
          ...REAL_PARTS,
        },
      },
      {
        test: {
          name: 'hostile',
          include: ['test/hostile/**/*.test.ts'],
          globalSetup: 'test/support/system/server.ts',
          ...REAL_PARTS,
          testTimeout: 600_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
