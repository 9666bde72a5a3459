import type { LiveWorker } from '../../../lib/shop/floor/live-workers.js';
import type { QueueDepth, ShopStatus } from '../../../lib/shop/floor/shop-status.js';
import { LastingDifference } from './lasting-difference.js';

/**
 * Computes how many baskets workers keep in addition to those that the stream still shows, because the stream keeps only the
 * latest messages.
 */
export class BasketBalance {
  readonly #surplus = new LastingDifference();
  #unlisted = 0;

  /** @param listed baskets that the stream shows */
  look(
    listed: number,
    queues: readonly QueueDepth[],
    workers: readonly LiveWorker[],
  ): Pick<ShopStatus, 'unlistedBaskets'> {
    const active = workers.filter(({ role }) => role === 'active');
    const served = queues.filter(({ role, present }) => role === 'worker' && present);
    // While a worker is away, no one knows how many it keeps.
    if (served.length > 0 && served.every(({ name }) => active.some(({ queue }) => queue === name))) {
      this.#unlisted = this.#surplus.look(active.reduce((sum, { baskets }) => sum + baskets, 0) - listed);
    }
    return { unlistedBaskets: this.#unlisted };
  }
}
