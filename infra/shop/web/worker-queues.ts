import { WORKER_QUEUES } from '../../../lib/shop/domain/topology.js';
import type { QueueDepth } from '../../../lib/shop/floor/shop-status.js';

/** Each queue costs one request to the broker every two seconds. */
const SHOWN_AT_MOST = 32;
/** How many names are checked with the broker at a time to find out whether they are queues. */
const TRIED_AT_MOST = 50;
const ABSENT_REMEMBERED = 1_000;
const LONGEST_NAME_BYTES = 255;

/** The queues of workers. Their names come from outside: a name that the broker does not know is not a worker's queue. */
export class WorkerQueues {
  #there: ReadonlySet<string> = new Set(WORKER_QUEUES);
  /** The one that was requested longest ago comes first. */
  readonly #absent = new Set<string>();

  /** Whether a queue exists, as far as is known; the shop's own queues are assumed to. */
  has(name: string): boolean {
    return this.#there.has(name);
  }

  /** What to check with the broker: the shop's own queues, named ones that exist, and some that may or may not exist. */
  toLookAt(named: Iterable<string>): readonly string[] {
    const names = new Set([...named].filter((name) => Buffer.byteLength(name) <= LONGEST_NAME_BYTES));
    const own = new Set<string>(WORKER_QUEUES);
    const there = [...names].filter((name) => this.#there.has(name) && !own.has(name));
    const unknown = [...names].filter((name) => !this.#there.has(name) && !own.has(name));
    // In random order, so that no one can always come before another.
    const untried = rotated(unknown.filter((name) => !this.#absent.has(name)));
    const absent = [...this.#absent].filter((name) => names.has(name));
    return [...[...own, ...there].slice(0, SHOWN_AT_MOST), ...[...untried, ...absent].slice(0, TRIED_AT_MOST)].sort();
  }

  looked(depths: readonly Pick<QueueDepth, 'name' | 'role' | 'present'>[]): void {
    const ofWorkers = depths.filter(({ role }) => role === 'worker');
    this.#there = new Set([...WORKER_QUEUES, ...ofWorkers.filter(({ present }) => present).map(({ name }) => name)]);
    for (const { name, present } of ofWorkers) {
      this.#absent.delete(name);
      if (!present) this.#absent.add(name);
    }
    for (const oldest of this.#absent) {
      if (this.#absent.size <= ABSENT_REMEMBERED) break;
      this.#absent.delete(oldest);
    }
  }
}

function rotated<Item>(items: readonly Item[]): readonly Item[] {
  const start = Math.floor(Math.random() * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}
