import { pause } from '../../lib/rabbitmq/connection/backoff.js';
import { onOwnChannel, replyCode } from '../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';
import type { QueueDepth } from './shop-status.js';

const LOOK_EVERY_MS = 2_000;
const NOT_FOUND = 404;

/** Asks for the depths again and again, by passive declaration: no message is touched. Ends with the signal. */
export async function watchQueueDepths(
  connection: Connection,
  queues: readonly string[],
  signal: AbortSignal,
  onDepths: (depths: readonly QueueDepth[]) => void,
): Promise<void> {
  while (!signal.aborted) {
    const depths: QueueDepth[] = [];
    for (const name of queues) depths.push(await depthOf(connection, name));
    onDepths(depths);
    await pause(LOOK_EVERY_MS, signal);
  }
}

async function depthOf(connection: Connection, name: string): Promise<QueueDepth> {
  try {
    const { messageCount, consumerCount } = await onOwnChannel(connection, (channel) => channel.checkQueue(name));
    return { name, present: true, waiting: messageCount, consumers: consumerCount };
  } catch (error) {
    if (replyCode(error) !== NOT_FOUND) throw error;
    return { name, present: false, waiting: 0, consumers: 0 };
  }
}
