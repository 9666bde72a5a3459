import type { ConsumeMessage } from 'amqplib';
import { openChannel } from '../../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../../lib/rabbitmq/connection/connection.js';
import { decodeInvocationReport, type InvocationReport } from '../../../lib/runner-status/read-invocation-report.js';
import { decodeRunnerStatus, type RunnerStatus } from '../../../lib/runner-status/read-runner-status.js';
import { WORKER_STATUS } from '../../../lib/shop/domain/topology.js';

/** More than this unread are outdated anyway. */
const MOST_UNREAD = 1_000;
const MOST_BYTES = 128 * 1024;

export interface WorkerListeners {
  readonly onStatus: (status: RunnerStatus) => void;
  readonly onInvocation: (report: InvocationReport) => void;
}

/**
 * Hears what workers tell of themselves, from a queue that ends with its channel. Resolves when it hears; `ended` rejects when
 * the channel is gone.
 * @throws ChannelGoneError
 */
export async function listenToWorkers(
  connection: Connection,
  signal: AbortSignal,
  { onStatus, onInvocation }: WorkerListeners,
): Promise<{ readonly ended: Promise<void> }> {
  const own = await openChannel(connection);
  const { channel } = own;
  const { queue } = await channel.assertQueue('', { exclusive: true, maxLength: MOST_UNREAD });
  await channel.bindQueue(queue, WORKER_STATUS, '');
  const receive = (message: ConsumeMessage | null): void => {
    if (message === null || message.content.length > MOST_BYTES) return;
    const json = message.content.toString();
    const status = decodeRunnerStatus(json);
    if (status !== undefined) onStatus(status);
    const invocation = status === undefined ? decodeInvocationReport(json) : undefined;
    if (invocation !== undefined) onInvocation(invocation);
  };
  await channel.consume(queue, receive, { noAck: true });
  const ended = new Promise<void>((resolve, reject) => {
    const stop = (): void => resolve();
    signal.addEventListener('abort', stop);
    own.onGone((error) => {
      signal.removeEventListener('abort', stop);
      reject(error);
    });
    if (signal.aborted) stop();
  });
  // Whoever called may fail before it waits for this.
  ended.catch(() => undefined);
  return { ended };
}
