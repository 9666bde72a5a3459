import { pause } from '../../../lib/waiting/backoff.js';

/** What a page does not know yet. A snapshot replaces everything it knew; an empty message is only a sign of life. */
export interface News<Item> {
  readonly snapshotDue: boolean;
  readonly items: readonly Item[];
  readonly statusDue: boolean;
}

/** News is collected for this long, so that a page draws at most ten times a second. */
const GATHERING_MS = 100;
/** A page that is further behind gets a snapshot instead, which is smaller. */
const MOST_PENDING = 1_000;
/** A message is sent before something on the way takes the silence for a dead connection. */
const SILENCE_MS = 15_000;

/** One page's view of what is new, bounded however slowly the page takes it. */
export class PageSubscription<Item> {
  #items: Item[] = [];
  #snapshotDue = true;
  #statusDue = true;
  #wake = (): void => undefined;

  add(items: readonly Item[]): void {
    if (this.#snapshotDue) return;
    this.#items.push(...items);
    if (this.#items.length > MOST_PENDING) this.startOver();
    else this.#wake();
  }

  startOver(): void {
    this.#items = [];
    this.#snapshotDue = true;
    this.#wake();
  }

  statusChanged(): void {
    this.#statusDue = true;
    this.#wake();
  }

  /** Waits for news, then briefly for more. Undefined once the page has left. */
  async take(left: AbortSignal): Promise<News<Item> | undefined> {
    if (!this.#hasNews()) await this.#silence(left);
    if (this.#hasNews()) await pause(GATHERING_MS, left);
    if (left.aborted) return undefined;
    const news = { snapshotDue: this.#snapshotDue, items: this.#items, statusDue: this.#statusDue };
    this.#items = [];
    this.#snapshotDue = false;
    this.#statusDue = false;
    return news;
  }

  #hasNews(): boolean {
    return this.#snapshotDue || this.#statusDue || this.#items.length > 0;
  }

  async #silence(left: AbortSignal): Promise<void> {
    const broken = new AbortController();
    this.#wake = () => broken.abort();
    await pause(SILENCE_MS, AbortSignal.any([left, broken.signal]));
  }
}
