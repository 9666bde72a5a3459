import type { ShoppingEvent } from '../shop/events.js';
import type { Decoded } from '../shop/wire.js';
import { secondsOf } from './carrier.js';

/** What the broker wrote when it dead-lettered a message. */
export interface Death {
  readonly reason: string;
  readonly queue: string;
  /** Since 1970; not told where a stream has carried the message. */
  readonly seconds: number | undefined;
}

/** Reads the latest death. A stream of RabbitMQ 3 keeps only headers that are plain texts, so there it is the first one. */
export function deathOf(headers: unknown): Death {
  const deaths = field(headers, 'x-death');
  const latest: unknown = Array.isArray(deaths) ? deaths[0] : undefined;
  return {
    reason: text(field(latest, 'reason') ?? field(headers, 'x-first-death-reason'), 'rejected'),
    queue: text(field(latest, 'queue') ?? field(headers, 'x-first-death-queue'), 'unknown queue'),
    seconds: secondsOf(field(latest, 'time')),
  };
}

/** The broker's other reasons (https://www.rabbitmq.com/docs/dlx) in words of the shop. */
const OTHER_REASONS: ReadonlyMap<string, string> = new Map([
  ['delivery_limit', 'failed too often'],
  ['expired', 'waited too long'],
  ['maxlen', 'queue was full'],
]);

/**
 * Why a worker refused an event. The broker says only that it did, so the shop's rule is asked again, with the database
 * as it is now.
 */
export function reasonOf(
  death: Death,
  decoded: Decoded<ShoppingEvent>,
  customerOf: (product: string) => string | undefined,
): string {
  const other = OTHER_REASONS.get(death.reason);
  if (other !== undefined) return other;
  if (!decoded.ok) return 'undecodable';
  if (customerOf(decoded.value.product) === undefined) return 'unknown product';
  return decoded.value.type === 'purchase' ? 'purchase without pick up' : 'refused by its worker';
}

function field(table: unknown, name: string): unknown {
  return typeof table === 'object' && table !== null && Object.hasOwn(table, name)
    ? (table as Record<string, unknown>)[name]
    : undefined;
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
