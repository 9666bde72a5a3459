import { deathOf } from './death.js';

/** The header that counts how often a message was sent back: each death after one is a new dead letter. */
export const REDRIVES = 'redrives';

/** Where a message goes that is sent back. */
export interface Redriven {
  readonly exchange: string;
  readonly routingKey: string;
  /** How often it was sent back, this time included. */
  readonly redrives: number;
}

/** How often a message was sent back before. */
export function redrivesOf(headers: unknown): number {
  const count = (headers as Readonly<Record<string, unknown>> | null | undefined)?.[REDRIVES];
  return Number.isSafeInteger(count) ? Math.max(0, count as number) : 0;
}

/**
 * A dead letter as it came to the queue it died in, once more. Undefined where nothing tells how that was: it was put here
 * by hand.
 */
export function redriven(headers: unknown): Redriven | undefined {
  const { exchange, routingKey } = deathOf(headers) ?? {};
  if (exchange === undefined || routingKey === undefined) return undefined;
  return { exchange, routingKey, redrives: redrivesOf(headers) + 1 };
}
