import type { FloorEvent } from '../../../lib/shop/floor/floor-event.js';
import type { LiveShop } from './live-shop.js';

/** A stream does not mark where its past ends. Silence for this long means that it has. */
const QUIET_MS = 300;
/** In a shop that is never quiet, the rest of the past arrives as if it were happening now. */
const PATIENCE_MS = 5_000;

/**
 * Takes in what a new connection reads from several streams. First the past: collected out of sight, because pages should not
 * show it building up, and merged, because each stream holds its own part. Then the present, as it arrives.
 */
export class Intake {
  readonly #shop: LiveShop;
  readonly #onCaughtUp: () => void;
  #past: Map<string, FloorEvent[]> | undefined = new Map();
  readonly #quiet: NodeJS.Timeout;
  readonly #patience: NodeJS.Timeout;

  constructor(shop: LiveShop, onCaughtUp: () => void) {
    this.#shop = shop;
    this.#onCaughtUp = onCaughtUp;
    this.#quiet = setTimeout(() => this.#catchUp(), QUIET_MS);
    this.#patience = setTimeout(() => this.#catchUp(), PATIENCE_MS);
  }

  take(stream: string, events: readonly FloorEvent[]): void {
    if (this.#past === undefined) {
      this.#shop.add(events);
      return;
    }
    const before = this.#past.get(stream);
    if (before === undefined) this.#past.set(stream, [...events]);
    else before.push(...events);
    this.#quiet.refresh();
  }

  close(): void {
    clearTimeout(this.#quiet);
    clearTimeout(this.#patience);
  }

  #catchUp(): void {
    this.close();
    if (this.#past === undefined) return;
    this.#shop.startOver([...this.#past.values()].reduce(inOrderOfTime, []));
    this.#past = undefined;
    this.#onCaughtUp();
  }
}

/** Merges two parts of the past. The order within each is kept: senders' clocks differ, but a stream's order is reliable. */
function inOrderOfTime(one: readonly FloorEvent[], other: readonly FloorEvent[]): FloorEvent[] {
  const merged: FloorEvent[] = [];
  let next = 0;
  for (const event of one) {
    for (let candidate = other[next]; candidate !== undefined && candidate.at < event.at; candidate = other[++next]) {
      merged.push(candidate);
    }
    merged.push(event);
  }
  return merged.concat(other.slice(next));
}
