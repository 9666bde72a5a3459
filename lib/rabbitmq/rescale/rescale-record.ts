import { z } from 'zod';

/** Bindings of a hash exchange can have more, but no one needs that. */
const MOST_WEIGHT = 9_999;
const MOST_QUEUES = 1_000;

const EPOCH = z.int().min(1);
const COUNT = z.int().min(0);
const QUEUE = z.string().min(1);
const SHARE = z.strictObject({ queue: QUEUE, weight: z.int().min(1).max(MOST_WEIGHT) });
const RING = z.array(SHARE).max(MOST_QUEUES).readonly();

/** One message of the stream `<exchange>.rescale`. */
const RECORD = z.discriminatedUnion('kind', [
  /** From now on the ring `from` becomes `to`, a step on the way to `goal`. `empty`: no store had any entries a moment ago. */
  z.object({
    kind: z.literal('step'),
    epoch: EPOCH,
    from: RING,
    to: RING,
    goal: RING,
    empty: z.literal(true).optional(),
  }),
  /** The ring was `ring` all along, as found by a runner of a queue that was bound before the first record. */
  z.object({ kind: z.literal('found'), epoch: EPOCH, ring: RING }),
  /** A queue has handed over this many entries, to these queues. `ms`: how long it handled nothing else, here and below. */
  z.object({
    kind: z.literal('gave'),
    epoch: EPOCH,
    queue: QUEUE,
    entries: z.record(z.string(), COUNT),
    ms: COUNT.optional(),
  }),
  /** A queue has taken over this many entries. */
  z.object({ kind: z.literal('took'), epoch: EPOCH, queue: QUEUE, entries: COUNT, ms: COUNT.optional() }),
  /**
   * Its writer waits until it comes back, and has then read everything before it. It repeats what the writer knew, in case that
   * is cut off.
   */
  z.object({ kind: z.literal('mark'), epoch: EPOCH.optional(), ring: RING.optional() }),
  /** A request to the runners of our queues to answer. */
  z.object({ kind: z.literal('who'), call: z.string() }),
  /** An answer. `entries` only if the runner knows them, because it owns the queue and does not stand by. */
  z.object({
    kind: z.literal('here'),
    call: z.string(),
    queue: QUEUE,
    runner: z.string(),
    entries: COUNT.optional(),
  }),
]);

export type RescaleRecord = z.infer<typeof RECORD>;

const VERSION = 1;

export function encodeRescaleRecord(record: RescaleRecord): Buffer {
  return Buffer.from(JSON.stringify({ v: VERSION, ...record }));
}

const VERSIONED = z.looseObject({ v: z.literal(VERSION) });

/** Undefined for anything that is not a record of this version. */
export function decodeRescaleRecord(content: Buffer): RescaleRecord | undefined {
  try {
    return RECORD.parse(VERSIONED.parse(JSON.parse(content.toString('utf8'))));
  } catch {
    return undefined;
  }
}
