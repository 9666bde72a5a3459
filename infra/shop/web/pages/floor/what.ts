import { workerOf } from '../../../../../lib/shop/domain/topology.js';
import type { PassedEvent } from '../../../../../lib/shop/floor/floor-event.js';

/** What happened, in the words of the shop. */
export const WHAT = ['picked up', 'purchased', 'billed', 'refused', 'unreadable'] as const;
export type What = (typeof WHAT)[number];

export function whatOf(event: PassedEvent): What {
  switch (event.kind) {
    case 'alert':
      return event.event.type === 'pick up' ? 'picked up' : 'purchased';
    case 'bill':
      return 'billed';
    case 'dead letter':
      return 'refused';
    case 'unreadable':
      return 'unreadable';
  }
}

export function productOf(event: PassedEvent): string {
  switch (event.kind) {
    case 'alert':
      return event.event.product;
    case 'bill':
      return event.bill.product;
    case 'dead letter':
      return event.event?.product ?? 'no product';
    case 'unreadable':
      return 'no product';
  }
}

export function hasProduct(event: PassedEvent): boolean {
  return event.kind === 'alert' || event.kind === 'bill' || (event.kind === 'dead letter' && event.event !== undefined);
}

/** Whom it concerns: the customer, or for a dead letter the reason why there is none. */
export function aboutOf(event: PassedEvent): string {
  return event.kind === 'dead letter' ? event.reason : event.customer;
}

export function byOf(event: PassedEvent): string {
  switch (event.kind) {
    case 'dead letter':
      return workerOf(event.queue);
    case 'unreadable':
      return '';
    default:
      return workerOf(event.worker);
  }
}
