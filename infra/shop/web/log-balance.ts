import type { QueueDepth, ShopStatus } from '../../../lib/shop/floor/shop-status.js';

/** A letter that is on its way, or that somebody holds for a moment, tells nothing. */
const LOOKS = 3;

/** Tells how far log and queue of the dead letters lastingly disagree. Equal messages share an entry of the log. */
export class LogBalance {
  readonly #lately: number[] = [];

  /** @param open letters that are in the log and that nobody has taken out */
  look(open: number, queues: readonly QueueDepth[]): Pick<ShopStatus, 'missingLetters' | 'unloggedLetters'> {
    const queue = queues.find(({ role }) => role === 'dead letters');
    this.#lately.push(open - (queue?.waiting ?? 0));
    if (this.#lately.length > LOOKS) this.#lately.shift();
    const settled = this.#lately.length === LOOKS ? this.#lately : [0];
    return {
      missingLetters: Math.max(0, Math.min(...settled)),
      unloggedLetters: Math.max(0, Math.min(...settled.map((surplus) => -surplus))),
    };
  }
}
