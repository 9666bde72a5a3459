import { printableLine } from '../terminal/printable.js';
import type { BatchDone } from './thread-work.js';

/** `takeOrder orders`: one function on one queue, in lines for people. */
export function sourceOf(functionKey: string, queue: string): string {
  return `${functionKey} ${queue}`;
}

/** One line about one batch: `takeOrder orders: 3 messages in 12 ms, 1 failed (undecodable)`. */
export function batchLine(source: string, { messages, durationMs, repeated, rejected }: BatchDone): string {
  const size = messages === 1 ? '1 message' : `${messages} messages`;
  const again = repeated === 0 ? '' : `, ${repeated} repeated`;
  const failures =
    rejected.length === 0
      ? ''
      : `, ${rejected.length} failed (${[...new Set(rejected)].map(printableLine).join(', ')})`;
  return `${source}: ${size} in ${Math.round(durationMs)} ms${again}${failures}`;
}

export function filteredLine(source: string, messages: number): string {
  const [what, were] = messages === 1 ? ['1 message matches', 'was'] : [`${messages} messages match`, 'were'];
  return `${source}: ${what} none of the filterPatterns and ${were} removed, as on AWS`;
}
