import type { ConsumeMessage } from 'amqplib';
import type { BatchResult } from '../../lambda/event/batch-result.js';

/** What became of an invocation. */
export type Outcome = { readonly answer: BatchResult } | { readonly error: string };

/** One that has ended, and the memory that it began with. */
export interface EndedInvocation {
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly deliveries: readonly ConsumeMessage[];
  readonly outcome: Outcome;
}

/** An invocation that nobody heard the end of, too: memory is taken back through it. */
interface Kept extends Omit<EndedInvocation, 'outcome'> {
  /** JSON: its size is known, and the handler cannot change it any more. */
  outcome?: string;
  bytes: number;
  /** Of each key that was written between the begin of this one and that of the next, the value before. */
  readonly before: Map<string, unknown>;
}

const MOST = 100;
const MOST_BYTES = 4 * 1024 * 1024;

/** What an entry of the memory is taken for, beside its key: its size is not known. */
const ENTRY_BYTES = 100;

/**
 * What a handler got and answered last, so that one can look back: at most a hundred invocations, of together some four megabytes of
 * bodies, answers and changes. The memory that each began with is made from that of now, by taking back what was written since.
 */
export class LatestInvocations {
  readonly #committed: () => Iterable<readonly [string, unknown]>;
  readonly #kept: Kept[] = [];
  #bytes = 0;

  /** @param committed the memory as the last batch has left it */
  constructor(committed: () => Iterable<readonly [string, unknown]>) {
    this.#committed = committed;
  }

  begins(requestId: string, deliveries: readonly ConsumeMessage[], at = Date.now()): void {
    const bytes = deliveries.reduce((sum, { content }) => sum + content.length, 0);
    this.#kept.push({ requestId, at, deliveries, bytes: 0, before: new Map() });
    this.#grow(bytes);
  }

  /** An entry of the memory is about to be written for good. */
  writes(key: string, before: unknown): void {
    const latest = this.#kept.at(-1);
    if (latest === undefined || latest.before.has(key)) return;
    latest.before.set(key, before);
    // A rescale may hand over a million entries between two invocations.
    this.#grow(key.length + ENTRY_BYTES);
  }

  /** The one that began last has ended. */
  ends(outcome: Outcome): void {
    const latest = this.#kept.at(-1);
    if (latest === undefined) return;
    this.#grow(-(latest.outcome?.length ?? 0));
    latest.outcome = JSON.stringify(outcome);
    this.#grow(latest.outcome.length);
  }

  /** The latest one is so much larger: the oldest give way. */
  #grow(bytes: number): void {
    const latest = this.#kept.at(-1);
    if (latest !== undefined) latest.bytes += bytes;
    this.#bytes += bytes;
    while (this.#kept.length > MOST || this.#bytes > MOST_BYTES) this.#bytes -= this.#kept.shift()?.bytes ?? 0;
  }

  /**
   * Those that have ended, the oldest first, and the memory that the first began with: as long as nothing is written.
   * @param requestId only this one
   */
  read(requestId?: string): { readonly ended: EndedInvocation[]; memory(): ReadonlyMap<string, unknown> } {
    const isMeant = (kept: Kept): kept is Kept & { readonly outcome: string } =>
      kept.outcome !== undefined && (requestId === undefined || kept.requestId === requestId);
    const first = this.#kept.findIndex(isMeant);
    if (first === -1) return { ended: [], memory: () => new Map() };
    const since = this.#kept.slice(first);
    const ended = since.filter(isMeant).map((kept) => ({ ...kept, outcome: JSON.parse(kept.outcome) as Outcome }));
    return { ended, memory: () => this.#memoryBefore(since) };
  }

  #memoryBefore(since: readonly Kept[]): ReadonlyMap<string, unknown> {
    const memory = new Map(this.#committed());
    for (const { before } of since.toReversed()) {
      for (const [key, value] of before) {
        if (value === undefined) memory.delete(key);
        else memory.set(key, value);
      }
    }
    return memory;
  }
}
