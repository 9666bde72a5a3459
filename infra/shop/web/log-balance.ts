import type { QueueDepth, ShopStatus } from '../../../lib/shop/floor/shop-status.js';
import { LastingDifference } from './lasting-difference.js';

/** Computes by how much the log and the queue of dead letters differ lastingly. Equal messages share an entry in the log. */
export class LogBalance {
  readonly #surplus = new LastingDifference();

  /** @param open letters that are in the log and that no one has removed */
  look(open: number, queues: readonly QueueDepth[]): Pick<ShopStatus, 'missingLetters' | 'unloggedLetters'> {
    const queue = queues.find(({ role }) => role === 'dead letters');
    const lasting = this.#surplus.look(open - (queue?.waiting ?? 0));
    return { missingLetters: Math.max(0, lasting), unloggedLetters: Math.max(0, -lasting) };
  }
}
