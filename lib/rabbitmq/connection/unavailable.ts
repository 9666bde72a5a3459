import { pause } from '../../waiting/backoff.js';

const NOT_FOUND = 404;
const AGAIN_MS = 250;
/** After its node was killed, a stream comes back up to 1.3 s after the node answers (tried with 3.10.8). */
export const UNAVAILABLE_PATIENCE_MS = 15_000;

/**
 * A queue or stream exists, but its node is down or has forgotten it. RabbitMQ reports code 404 for that, as if it did not exist.
 */
export class QueueUnavailableError extends Error {
  override readonly name = 'QueueUnavailableError';
  readonly code = NOT_FOUND;
}

/**
 * Sends a request, and repeats it while the broker answers that a queue is unavailable, as it does for streams just after its
 * start.
 * @throws QueueUnavailableError that says what an operator can do, when the time is up or the signal aborts; whatever else `ask`
 *   throws
 */
export async function untilAvailable<Result>(
  ask: () => Promise<Result>,
  patienceMs: number,
  signal: AbortSignal,
): Promise<Result> {
  const startedAt = performance.now();
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const found = unavailableQueue(error);
      if (found === undefined) throw error;
      if (signal.aborted || performance.now() - startedAt >= patienceMs) throw unavailable(found, error);
      await pause(AGAIN_MS, signal);
    }
  }
}

interface Found {
  readonly queue: string;
  readonly vhost: string;
}

/** `NOT_FOUND - home node 'rabbit@host' of durable queue 'name' in vhost '/' is down or inaccessible` (tried with 3.10.8). */
const UNAVAILABLE = /queue '(.*)' in vhost '(.*)' is down or inaccessible/s;

function unavailableQueue(error: unknown): Found | undefined {
  if (!(error instanceof Error)) return undefined;
  const [, queue, vhost] = UNAVAILABLE.exec(error.message) ?? [];
  return queue === undefined || vhost === undefined ? undefined : { queue, vhost };
}

function unavailable({ queue, vhost }: Found, cause: unknown): QueueUnavailableError {
  const name = `rabbit_misc:r(<<"${vhost}">>, queue, <<"${queue}">>)`;
  const remedy = `rabbit_stream_coordinator:new_stream(hd(mnesia:dirty_read(rabbit_durable_queue, ${name})), node()).`;
  return new QueueUnavailableError(
    `${queue} is unavailable. If its RabbitMQ node is down, start it. If the node is running, it was killed just after ` +
      `the stream was declared, and has forgotten it: deleting the stream would lose its contents and would not help. ` +
      `This command restores it: rabbitmqctl eval '${remedy}'`,
    { cause },
  );
}
