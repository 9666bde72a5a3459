import { deathOf } from './death.js';

/** The header that counts redrives: each death after a redrive is a new dead letter. */
export const REDRIVES = 'redrives';

/** Where a redriven message goes. */
export interface Redriven {
  readonly exchange: string;
  readonly routingKey: string;
  /** How often it was redriven, including this time. */
  readonly redrives: number;
}

/** How often a message was redriven before. */
export function redrivesOf(headers: unknown): number {
  const count = (headers as Readonly<Record<string, unknown>> | null | undefined)?.[REDRIVES];
  return Number.isSafeInteger(count) ? Math.max(0, count as number) : 0;
}

/**
 * A dead letter as it originally came to the queue it died in. Undefined if nothing says how that was, because it was put there
 * by hand.
 */
export function redriven(headers: unknown): Redriven | undefined {
  const { exchange, routingKey } = deathOf(headers) ?? {};
  if (exchange === undefined || routingKey === undefined) return undefined;
  return { exchange, routingKey, redrives: redrivesOf(headers) + 1 };
}
