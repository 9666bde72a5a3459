import { deathOf } from './death.js';

/** The header that counts how often a message was sent back: each death after one is a new dead letter. */
export const REDRIVES = 'redrives';

/** Where a message goes that is sent back, and its headers then. */
export interface Redriven {
  readonly exchange: string;
  readonly routingKey: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** How often a message was sent back before. */
export function redrivesOf(headers: unknown): number {
  const count = (headers as Readonly<Record<string, unknown>> | null | undefined)?.[REDRIVES];
  return Number.isSafeInteger(count) ? Math.max(0, count as number) : 0;
}

/** What the broker adds to a message that dies or comes again, and `CC`, which would give copies to others once more. */
const TAKEN_OFF = /^(x-death|x-first-death-.*|x-last-death-.*|x-delivery-count|x-acquired-count|CC|BCC)$/;

/**
 * A dead letter as it came to the queue it died in, once more. Undefined where nothing tells how that was: it was put here
 * by hand.
 */
export function redriven(headers: unknown): Redriven | undefined {
  const { exchange, routingKey } = deathOf(headers) ?? {};
  if (exchange === undefined || routingKey === undefined) return undefined;
  const kept = Object.entries(headers as object).filter(([name]) => !TAKEN_OFF.test(name));
  return { exchange, routingKey, headers: { ...Object.fromEntries(kept), [REDRIVES]: redrivesOf(headers) + 1 } };
}
