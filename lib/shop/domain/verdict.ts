import type { ShoppingEventType } from './events.js';

/** The outcome of an event, as it is shown everywhere. */
export type Verdict = 'picked up' | 'billed' | 'repeated' | 'rejected';

const VERDICT_ON_ACCEPTED: Record<ShoppingEventType, Verdict> = { 'pick up': 'picked up', purchase: 'billed' };

/** The verdict on an event that was not rejected and had not been handled before. */
export function verdictOnAccepted(type: ShoppingEventType): Verdict {
  return VERDICT_ON_ACCEPTED[type];
}
