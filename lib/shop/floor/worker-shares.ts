import type { PassedEvent } from './floor-event.js';

/** What one worker has settled, and which products it received. */
export interface WorkerShare {
  /** The name that it signs with; for dead letters its queue's name. */
  readonly worker: string;
  readonly alerts: number;
  readonly bills: number;
  readonly rejected: number;
  /** The product seen most recently comes last. */
  readonly products: readonly string[];
}

export const PRODUCTS_REMEMBERED = 1_000;
/** Anyone can sign with any name. */
const WORKERS_REMEMBERED = 100;

/** How the hash exchange spreads the products over the workers, derived from what the workers send. */
export function foldWorkerShares(
  before: readonly WorkerShare[],
  events: readonly PassedEvent[],
): readonly WorkerShare[] {
  const shares = new Map(before.map((share) => [share.worker, opened(share)]));
  for (const event of events) {
    if (event.kind === 'unreadable') continue;
    const worker = event.kind === 'dead letter' ? event.queue : event.worker;
    if (shares.size >= WORKERS_REMEMBERED && !shares.has(worker)) continue;
    const share = shares.get(worker) ?? opened({ worker, alerts: 0, bills: 0, rejected: 0, products: [] });
    shares.set(worker, share);
    if (event.kind === 'alert') {
      share.alerts++;
      share.products.delete(event.event.product);
      share.products.add(event.event.product);
    } else if (event.kind === 'bill') {
      share.bills++;
    } else {
      share.rejected++;
    }
  }
  return [...shares.values()].map(closed).sort((one, other) => one.worker.localeCompare(other.worker, 'en'));
}

function opened({ products, ...share }: WorkerShare) {
  return { ...share, products: new Set(products) };
}

function closed({ products, ...share }: ReturnType<typeof opened>): WorkerShare {
  return { ...share, products: [...products].slice(-PRODUCTS_REMEMBERED) };
}
