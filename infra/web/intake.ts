import type { FloorEvent } from '../../lib/floor/floor-event.js';
import type { LiveShop } from './live-shop.js';

/** A stream does not say where its past ends. Nothing for this long means that it has. */
const QUIET_MS = 300;
/** In a shop that is never quiet, the rest of the past comes in as if it happened now. */
const PATIENCE_MS = 5_000;

/**
 * Takes in what a new connection reads. First the past: gathered out of sight, because pages should not watch it
 * build up, and sorted, because two streams tell it. Then the present, as it comes.
 */
export class Intake {
  readonly #shop: LiveShop;
  readonly #onCaughtUp: () => void;
  #past: FloorEvent[] | undefined = [];
  #quiet: NodeJS.Timeout;
  readonly #patience: NodeJS.Timeout;

  constructor(shop: LiveShop, onCaughtUp: () => void) {
    this.#shop = shop;
    this.#onCaughtUp = onCaughtUp;
    this.#quiet = setTimeout(() => this.#catchUp(), QUIET_MS);
    this.#patience = setTimeout(() => this.#catchUp(), PATIENCE_MS);
  }

  take(events: readonly FloorEvent[]): void {
    if (this.#past === undefined) {
      this.#shop.add(events);
      return;
    }
    this.#past.push(...events);
    this.#quiet.refresh();
  }

  close(): void {
    clearTimeout(this.#quiet);
    clearTimeout(this.#patience);
  }

  #catchUp(): void {
    this.close();
    if (this.#past === undefined) return;
    this.#shop.startOver(this.#past.sort((one, other) => one.at - other.at));
    this.#past = undefined;
    this.#onCaughtUp();
  }
}
