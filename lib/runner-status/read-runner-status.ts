import { z } from 'zod';
import { BATCH_SIZE_BOUNDS, HANDLER_SECONDS_BOUNDS } from './histogram.js';

const COUNT = z.int().min(0);
const NAME = z.string().max(255);
/** More than any runner handles: sums of 1e308 would make every total infinite. */
const MOST_SUM = 1e15;
const histogram = (bounds: readonly number[]) =>
  z.object({
    counts: z
      .array(COUNT)
      .length(bounds.length + 1)
      .readonly(),
    sum: z.number().min(0).max(MOST_SUM),
  });

const RUNNER_STATUS = z.object({
  v: z.literal(1),
  /** One run of a runner: a process that starts again is another run. The field keeps its old name on the wire. */
  partition: z.string().max(64),
  /** As the broker lists its connection, such as `orders-1`. */
  name: NAME,
  queue: NAME,
  /** `subscribed` means that nothing has been delivered to it yet: it may stand by. */
  state: z.enum(['starting', 'subscribed', 'active', 'stopped']),
  /** When it subscribed, in milliseconds since 1970: of those that nothing was delivered to, the earliest is next. */
  subscribedAt: COUNT.optional(),
  /** How long it has been running, in milliseconds. All counts are since then. */
  upMs: COUNT,
  batches: COUNT,
  /** All settled messages: accepted, repeated or rejected. */
  messages: COUNT,
  repeated: COUNT,
  rejected: COUNT,
  /** Messages that were sent for the handler. */
  outgoing: COUNT,
  /** Connections after the first one. */
  reconnects: COUNT,
  /** Invocations that failed: followed by another attempt, with all or one of their messages, or by a rejection. */
  failures: COUNT,
  /** Messages per invocation, by BATCH_SIZE_BOUNDS. */
  batchSizes: histogram(BATCH_SIZE_BOUNDS),
  /** Seconds per invocation, by HANDLER_SECONDS_BOUNDS. */
  handlerSeconds: histogram(HANDLER_SECONDS_BOUNDS),
  /** Messages that it holds and that are not in a batch yet. */
  waiting: COUNT,
  /** Entries of its changelog, and values in them, that it has refused. */
  skippedRecords: COUNT.optional(),
  /** Entries of its store. */
  entries: COUNT,
});

/** The state of one runner, as reported by itself. */
export type RunnerStatus = Omit<z.infer<typeof RUNNER_STATUS>, 'v'>;

/** Undefined for anything that is not a status of this version: anyone may publish anything. */
export function decodeRunnerStatus(json: string): RunnerStatus | undefined {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch {
    return undefined;
  }
  const parsed = RUNNER_STATUS.safeParse(body);
  if (!parsed.success) return undefined;
  const { v: _, ...status } = parsed.data;
  return status;
}
