import type { ConsumeMessage } from 'amqplib';
import type { BatchResult } from '../../lambda/event/batch-result.js';

/** The outcome of an invocation. */
export type Outcome = { readonly answer: BatchResult } | { readonly error: string };

/** One that has ended, and the memory that it began with. */
export interface EndedInvocation {
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly deliveries: readonly ConsumeMessage[];
  readonly outcome: Outcome;
}

/** Also an invocation whose end was never reported: memory is restored through it. */
interface Kept extends Omit<EndedInvocation, 'outcome'> {
  /** JSON, because its size is known, and the handler can no longer change it. */
  outcome?: string;
  bytes: number;
  /** For each key that was written between the beginning of this one and that of the next: its previous value. */
  readonly before: Map<string, unknown>;
}

const MOST = 100;
const MOST_BYTES = 4 * 1024 * 1024;

/** The assumed size of an entry of the memory, in addition to its key: the real size is not known. */
const ENTRY_BYTES = 100;

/**
 * What a handler received and answered last, so that one can look back: at most a hundred invocations, with some four megabytes
 * of bodies, answers and changes in total. The memory that each began with is restored from the current one, by undoing what was
 * written since.
 */
export class LatestInvocations {
  readonly #committed: () => Iterable<readonly [string, unknown]>;
  readonly #kept: Kept[] = [];
  #bytes = 0;

  /** @param committed the memory as the last batch left it */
  constructor(committed: () => Iterable<readonly [string, unknown]>) {
    this.#committed = committed;
  }

  begins(requestId: string, deliveries: readonly ConsumeMessage[], at = Date.now()): void {
    const bytes = deliveries.reduce((sum, { content }) => sum + content.length, 0);
    this.#kept.push({ requestId, at, deliveries, bytes: 0, before: new Map() });
    this.#grow(bytes);
  }

  /** An entry of the memory is about to be committed. */
  writes(key: string, before: unknown): void {
    const latest = this.#kept.at(-1);
    if (latest === undefined || latest.before.has(key)) return;
    latest.before.set(key, before);
    // A rescale may hand over a million entries between two invocations.
    this.#grow(key.length + ENTRY_BYTES);
  }

  /** The latest invocation has ended. */
  ends(outcome: Outcome): void {
    const latest = this.#kept.at(-1);
    if (latest === undefined) return;
    this.#grow(-(latest.outcome?.length ?? 0));
    latest.outcome = JSON.stringify(outcome);
    this.#grow(latest.outcome.length);
  }

  /** The latest one has grown by this much: the oldest ones make room. */
  #grow(bytes: number): void {
    const latest = this.#kept.at(-1);
    if (latest !== undefined) latest.bytes += bytes;
    this.#bytes += bytes;
    while (this.#kept.length > MOST || this.#bytes > MOST_BYTES) this.#bytes -= this.#kept.shift()?.bytes ?? 0;
  }

  /**
   * The invocations that have ended, the oldest first, and the memory that the first began with, valid as long as nothing is
   * written.
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
