import {
  advanceView,
  type CustomerView,
  EMPTY_VIEW,
  type Received,
  receivedFrom,
} from '../../../lib/shop/floor/customer-view.js';
import type { FloorEvent } from '../../../lib/shop/floor/floor-event.js';
import { advance, EMPTY_FLOOR, type ShopFloor } from '../../../lib/shop/floor/shop-floor.js';
import { NOTHING_KNOWN, type ShopStatus } from '../../../lib/shop/floor/shop-status.js';
import { PageSubscription } from './page-subscription.js';

/** The number of customers whose history is kept; the one that was silent longest is forgotten first. */
const CUSTOMERS_REMEMBERED = 10_000;
/** Prometheus scrapes once a minute by default. */
const SCRAPED_AGAIN_MS = 90_000;

/** The shop as this server knows it, and the pages that watch it. */
export class LiveShop {
  #floor = EMPTY_FLOOR;
  #views = new Map<string, CustomerView>();
  #status = NOTHING_KNOWN;
  readonly #floorPages = new Set<PageSubscription<FloorEvent>>();
  readonly #customerPages = new Map<PageSubscription<Received>, string>();
  readonly #waitingForLook = new Set<() => void>();
  readonly #onHappened: (events: readonly FloorEvent[]) => void;
  #scrapedAt = Number.NEGATIVE_INFINITY;
  #begins = (): void => undefined;
  /** Resolves when the streams are being read for the first time. */
  readonly begun = new Promise<void>((resolve) => {
    this.#begins = resolve;
  });

  /** @param onHappened called with new events, but not with the past */
  constructor(onHappened: (events: readonly FloorEvent[]) => void = () => undefined) {
    this.#onHappened = onHappened;
  }

  get floor(): ShopFloor {
    return this.#floor;
  }

  get status(): ShopStatus {
    return this.#status;
  }

  viewOf(customer: string): CustomerView {
    return this.#views.get(customer) ?? EMPTY_VIEW;
  }

  /** Replaces everything known with the contents of the streams; every page gets a snapshot. */
  startOver(history: readonly FloorEvent[]): void {
    this.#floor = EMPTY_FLOOR;
    this.#views = new Map();
    this.#fold(history);
    for (const page of [...this.#floorPages, ...this.#customerPages.keys()]) page.startOver();
  }

  add(events: readonly FloorEvent[]): void {
    this.#onHappened(events);
    const told = this.#fold(events);
    for (const page of this.#floorPages) page.add(events);
    for (const [page, customer] of this.#customerPages) {
      const received = told.get(customer);
      if (received !== undefined) page.add(received);
    }
  }

  /** Properties that are not given stay as they were. */
  updateStatus(told: Partial<ShopStatus>): void {
    const status = { ...this.#status, ...told };
    const connectionChanged = status.connected !== this.#status.connected;
    this.#status = status;
    if (status.connected) this.#begins();
    for (const page of this.#floorPages) page.statusChanged();
    if (connectionChanged) for (const page of this.#customerPages.keys()) page.statusChanged();
  }

  watchFloor(signal: AbortSignal): PageSubscription<FloorEvent> {
    const page = new PageSubscription<FloorEvent>();
    this.#floorPages.add(page);
    this.#lookedAt();
    signal.addEventListener('abort', () => this.#floorPages.delete(page), { once: true });
    return page;
  }

  watchCustomer(customer: string, signal: AbortSignal): PageSubscription<Received> {
    const page = new PageSubscription<Received>();
    this.#customerPages.set(page, customer);
    signal.addEventListener('abort', () => this.#customerPages.delete(page), { once: true });
    return page;
  }

  /** A program reads the status, and will probably read it again. */
  scraped(): void {
    this.#scrapedAt = performance.now();
    this.#lookedAt();
  }

  /** Resolves when a shop floor is open, the status was read recently, or the signal has aborted. */
  async somebodyLooks(signal: AbortSignal): Promise<void> {
    const isScraped = performance.now() - this.#scrapedAt < SCRAPED_AGAIN_MS;
    if (this.#floorPages.size > 0 || isScraped || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const tell = (): void => {
        this.#waitingForLook.delete(tell);
        signal.removeEventListener('abort', tell);
        resolve();
      };
      this.#waitingForLook.add(tell);
      signal.addEventListener('abort', tell);
    });
  }

  #lookedAt(): void {
    for (const tell of this.#waitingForLook) tell();
  }

  /** The number of a customer's open pages. */
  pagesOf(customer: string): number {
    return [...this.#customerPages.values()].filter((one) => one === customer).length;
  }

  get floorPages(): number {
    return this.#floorPages.size;
  }

  get customerPages(): number {
    return this.#customerPages.size;
  }

  /** @returns the holder and the event */
  #fold(events: readonly FloorEvent[]): ReadonlyMap<string, readonly Received[]> {
    this.#floor = advance(this.#floor, events);
    const told = new Map<string, Received[]>();
    for (const event of events) {
      const telling = receivedFrom(event);
      if (telling === undefined) continue;
      const received = told.get(telling.customer);
      if (received === undefined) told.set(telling.customer, [telling.received]);
      else received.push(telling.received);
    }
    for (const [customer, received] of told) {
      const view = advanceView(this.viewOf(customer), received);
      this.#views.delete(customer);
      this.#views.set(customer, view);
    }
    for (const customer of this.#views.keys()) {
      if (this.#views.size <= CUSTOMERS_REMEMBERED) break;
      this.#views.delete(customer);
    }
    return told;
  }
}
