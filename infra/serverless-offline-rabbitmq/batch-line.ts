import type { BatchDone } from './thread-work.js';

/** One line about one batch: `shoppingWorker worker01_queue: 3 messages in 12 ms, 1 failed (undecodable)`. */
export function batchLine(functionKey: string, { queue, messages, durationMs, repeated, rejected }: BatchDone): string {
  const size = messages === 1 ? '1 message' : `${messages} messages`;
  const again = repeated === 0 ? '' : `, ${repeated} repeated`;
  const failures = rejected.length === 0 ? '' : `, ${rejected.length} failed (${[...new Set(rejected)].join(', ')})`;
  return `${functionKey} ${queue}: ${size} in ${Math.round(durationMs)} ms${again}${failures}`;
}
