import { pause } from '../../../lib/waiting/backoff.js';

/** What a page does not know yet. A snapshot replaces all it knew; nothing at all only says that we are still here. */
export interface News<Item> {
  readonly snapshotDue: boolean;
  readonly items: readonly Item[];
  readonly statusDue: boolean;
}

/** News gathers this long, so that a page draws ten times a second however much happens. */
const GATHERING_MS = 100;
/** A page that is further behind gets a snapshot instead: it holds less than that anyway. */
const MOST_PENDING = 1_000;
/** Silence is broken before something on the way takes it for death. */
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

  /** Waits for news, then a little for more of it. Undefined once the page has left. */
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
