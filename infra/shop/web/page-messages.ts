import type { Price } from '../../../lib/shop/domain/price.js';
import type { CustomerView, Received } from '../../../lib/shop/floor/customer-view.js';
import type { FloorEvent } from '../../../lib/shop/floor/floor-event.js';
import type { ShopFloor } from '../../../lib/shop/floor/shop-floor.js';
import type { ShopStatus } from '../../../lib/shop/floor/shop-status.js';

/** What the pages receive, as JSON. Each part is present only if it is new; a snapshot replaces everything before it. */
export interface FloorMessage {
  readonly snapshot?: ShopFloor;
  readonly events?: readonly FloorEvent[];
  readonly status?: FloorStatus;
}

export interface FloorStatus extends ShopStatus {
  /** An ISO 4217 code. */
  readonly currency?: string | undefined;
}

/** Who has a product. */
export interface OwnerMessage {
  readonly queue: string;
  /** The number of queues, all with the same weight. */
  readonly queues: number;
  /** The number of products seen, and the number that went where this ring says. */
  readonly fits: number;
  readonly of: number;
}

/** Some of the products that the shop knows. */
export interface GoodsMessage {
  readonly found: readonly { readonly product: string; readonly customer: string }[];
}

/** What an invocation made of its event then, and what today's code makes of it. */
export interface RanAgain {
  readonly earlier: RunOutcome;
  readonly now: RunOutcome;
  /** Except traces, which differ each time. */
  readonly same: boolean;
  readonly handlerMs: number;
}

export type RunOutcome =
  | { readonly answer: { readonly batchItemFailures: readonly unknown[]; readonly outgoing: readonly unknown[] } }
  | { readonly error: string };

export interface CustomerPageMessage {
  readonly snapshot?: CustomerView;
  readonly received?: readonly Received[];
  readonly status?: CustomerStatus;
}

export interface CustomerStatus {
  readonly connected: boolean;
  /** The shop's current price; an earlier bill may have had another. */
  readonly price: Price;
  readonly currency?: string | undefined;
}
