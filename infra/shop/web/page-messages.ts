import type { Price } from '../../../lib/shop/domain/price.js';
import type { CustomerView, Received } from '../../../lib/shop/floor/customer-view.js';
import type { FloorEvent } from '../../../lib/shop/floor/floor-event.js';
import type { ShopFloor } from '../../../lib/shop/floor/shop-floor.js';
import type { ShopStatus } from '../../../lib/shop/floor/shop-status.js';

/** What the pages are told, as JSON. Each part is there only when it is new; a snapshot replaces all before it. */
export interface FloorMessage {
  readonly snapshot?: ShopFloor;
  readonly events?: readonly FloorEvent[];
  readonly status?: FloorStatus;
}

export interface FloorStatus extends ShopStatus {
  /** As ISO 4217 has it. */
  readonly currency?: string | undefined;
}

/** Who has a product. */
export interface OwnerMessage {
  readonly queue: string;
  /** Among so many, all of the same weight. */
  readonly queues: number;
  /** Of so many products that were seen, so many went where this ring says. */
  readonly fits: number;
  readonly of: number;
}

/** Some of the products that the shop knows. */
export interface GoodsMessage {
  readonly found: readonly { readonly product: string; readonly customer: string }[];
}

/** What an invocation made of its event when it was called, and what the code of now makes of it. */
export interface RanAgain {
  readonly earlier: RunOutcome;
  readonly now: RunOutcome;
  /** But for traces, which are others each time. */
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
  /** The shop's price of now; a bill of before may have had another. */
  readonly price: Price;
  readonly currency?: string | undefined;
}
