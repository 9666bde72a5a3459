/** What the sensor sees a customer do with a product. */
export interface ShoppingEvent {
  readonly type: ShoppingEventType;
  readonly product: string;
  /** ISO 8601, exactly as the sender wrote it. */
  readonly timestamp: string;
}

export const SHOPPING_EVENT_TYPES = ['pick up', 'purchase'] as const;
export type ShoppingEventType = (typeof SHOPPING_EVENT_TYPES)[number];

/** What a customer owes for one purchase. */
export interface Bill {
  readonly customer: string;
  readonly product: string;
  readonly pickedUpAt: string;
  readonly purchasedAt: string;
  readonly cost: number;
}
