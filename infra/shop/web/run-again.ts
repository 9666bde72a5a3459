import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { BrokerAddress } from '../../../lib/rabbitmq/connection/address.js';
import { replyCode } from '../../../lib/rabbitmq/connection/channel.js';
import { onConnection } from '../../../lib/rabbitmq/connection/open-connection.js';
import type { Log } from '../../../lib/rabbitmq/log.js';
import { readLatest } from '../../../lib/rabbitmq/recording/read-latest.js';
import { NotRecordedError } from '../../../lib/rabbitmq/recording/record.js';
import type { RecordingLine } from '../../../lib/recording/recording-line.js';
import type { RanAgain } from './page-messages.js';

export interface RunAgainOptions {
  readonly amqpUrl: BrokerAddress;
  readonly log: Log;
}

/** Why an invocation cannot be run again, as text for the user. */
export class CannotRunAgain extends Error {
  override readonly name = 'CannotRunAgain';
}

const NOT_ALLOWED = 'Only recordable workers keep it: `run_worker --recordable`, or `npm start`.';
const OVER = 'The worker keeps its latest hundred invocations until it stops, and this one is not among them.';
/** Today's code may hang. */
const MOST_MS = 15_000;

/**
 * Gives a worker's current code on disk a recorded event, with the memory that the worker had then. Publishes nothing.
 * @param requestId of the invocation
 * @throws CannotRunAgain
 */
export async function runAgain({ amqpUrl, log }: RunAgainOptions, queue: string, requestId: string): Promise<RanAgain> {
  const lines: RecordingLine[] = [];
  const onLine = (_: string, line: RecordingLine): void => void lines.push(line);
  try {
    await onConnection({ amqpUrl, connectionName: 'run again', log }, (connection) =>
      readLatest(connection, { queue, requestId, onLine }),
    );
  } catch (error) {
    if (error instanceof NotRecordedError) throw new CannotRunAgain(`${error.message}. ${NOT_ALLOWED}`);
    if (replyCode(error) === 403) throw new CannotRunAgain("The pages' user may not ask workers for recordings.");
    throw new CannotRunAgain('The broker went away.');
  }
  const invocation = lines.find((line) => line.kind === 'invocation');
  if (invocation === undefined) throw new CannotRunAgain(OVER);
  const now = await onFreshThread(lines);
  const { answer, error } = invocation;
  return { ...now, earlier: answer === undefined ? { error: error ?? '' } : { answer } };
}

/** A separate thread loads the code from disk, and can be ended. */
async function onFreshThread(lines: readonly RecordingLine[]): Promise<Omit<RanAgain, 'earlier'>> {
  const thread = new Worker(new URL('./run-again-thread.js', import.meta.url), { workerData: lines });
  try {
    const [told] = await once(thread, 'message', { signal: AbortSignal.timeout(MOST_MS) });
    return told;
  } catch (error) {
    const { name, message } = error as Error;
    throw new CannotRunAgain(name === 'AbortError' ? "Today's code hangs." : `Today's code fails: ${message}`);
  } finally {
    await thread.terminate();
  }
}
