import { hash } from 'node:crypto';
import type { ConsumeMessage } from 'amqplib';
import { z } from 'zod';
import type { EncodedMessage } from '../publishing/encoded-message.js';

/** What a queue's worker must do when it meets a barrier: hand over entries that are no longer its own, or take over. */
export type Duty = 'give' | 'take';

const BARRIER_TYPE = 'rescale barrier';
const HANDOVER_TYPE = 'handover';
const VERSION = 1;

const EPOCH = z.int().min(1);
const BARRIER = z.object({ v: z.literal(VERSION), epoch: EPOCH, duty: z.enum(['give', 'take']) });
const HANDOVER = z.object({
  v: z.literal(VERSION),
  epoch: EPOCH,
  from: z.string(),
  entries: z.array(z.tuple([z.string(), z.unknown()])).optional(),
  /** Identities of messages that the giver has handled: if one is published again, it now goes to the taker. */
  handled: z.array(z.string()).optional(),
  /** In the last one. */
  last: z.literal(true).optional(),
});

/** Tells a queue's worker that everything before it was routed by the old ring, or that nothing after it was. */
export interface Barrier extends z.infer<typeof BARRIER> {
  readonly delivery: ConsumeMessage;
}

export type Handover = z.infer<typeof HANDOVER>;

/** The queue in which a queue's worker finds what others hand over to it. */
export function handoverQueueOf(queue: string): string {
  return `${queue}.handover`;
}

/** To a queue, through the rescale exchange `by`. */
export function barrierMessage(by: string, queue: string, epoch: number, duty: Duty): EncodedMessage {
  const body = { v: VERSION, epoch, duty } satisfies z.infer<typeof BARRIER>;
  return control(by, queue, `rescale-${epoch}-${duty}-${queue}`, BARRIER_TYPE, body);
}

/** To the worker of the queue `to`, through the rescale exchange `by`. */
export function handoverMessage(by: string, to: string, handover: Omit<Handover, 'v'>): EncodedMessage {
  const { epoch } = handover;
  const body = { v: VERSION, ...handover };
  const digest = hash('sha256', JSON.stringify(body), 'base64url').slice(0, 22);
  return control(by, handoverQueueOf(to), `handover-${epoch}-${digest}`, HANDOVER_TYPE, body);
}

function control(by: string, queue: string, messageId: string, type: string, body: unknown): EncodedMessage {
  return {
    exchange: by,
    routingKey: queue,
    content: Buffer.from(JSON.stringify(body)),
    messageId,
    mustRoute: true,
    properties: { persistent: true, contentType: 'application/json', type },
  };
}

/**
 * Undefined for anything that is not a barrier: one comes through the rescale exchange `by`, or, from earlier versions, through
 * the default exchange.
 */
export function barrierIn(by: string, delivery: ConsumeMessage): Barrier | undefined {
  const { exchange } = delivery.fields;
  if (delivery.properties.type !== BARRIER_TYPE || (exchange !== by && exchange !== '')) return undefined;
  const parsed = BARRIER.safeParse(jsonOf(delivery));
  return parsed.success ? { ...parsed.data, delivery } : undefined;
}

/** Some messages of a batch, in order: to be handled, or a barrier. */
export type Part = readonly ConsumeMessage[] | Barrier;

/** Splits a batch at the barriers in it. */
export function splitAtBarriers(by: string, deliveries: readonly ConsumeMessage[]): Part[] {
  const parts: (ConsumeMessage[] | Barrier)[] = [];
  for (const delivery of deliveries) {
    const barrier = barrierIn(by, delivery);
    const last = parts.at(-1);
    if (barrier !== undefined) parts.push(barrier);
    else if (Array.isArray(last)) last.push(delivery);
    else parts.push([delivery]);
  }
  return parts;
}

/** Undefined for anything that is not a handover. */
export function handoverIn(delivery: ConsumeMessage): Handover | undefined {
  const parsed = HANDOVER.safeParse(jsonOf(delivery));
  return delivery.properties.type === HANDOVER_TYPE && parsed.success ? parsed.data : undefined;
}

function jsonOf({ content }: ConsumeMessage): unknown {
  try {
    return JSON.parse(content.toString('utf8'));
  } catch {
    return undefined;
  }
}
