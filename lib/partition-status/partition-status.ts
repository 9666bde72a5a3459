import type { PartitionStatus } from './read-partition-status.js';

export function encodePartitionStatus(status: PartitionStatus): string {
  return JSON.stringify({ v: 1, ...status });
}
