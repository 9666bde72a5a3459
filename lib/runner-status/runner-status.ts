import type { RunnerStatus } from './read-runner-status.js';

export function encodeRunnerStatus(status: RunnerStatus): string {
  return JSON.stringify({ v: 1, ...status });
}
