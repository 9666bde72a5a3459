import type { ConsumeMessage } from 'amqplib';
import { openChannel } from '../../lib/rabbitmq/connection/channel.js';
import type { Connection } from '../../lib/rabbitmq/connection/connection.js';

/**
 * Takes messages with these ids out of a queue, in order of arrival; everybody else's go back to their places when the
 * channel closes. Gives what it has when the signal aborts.
 */
export async function takeOwn(
  connection: Connection,
  queue: string,
  ids: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ConsumeMessage[]> {
  const own = await openChannel(connection);
  const taken: ConsumeMessage[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      if (signal.aborted || ids.size === 0) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
      own.onGone(reject);
      const receive = (delivery: ConsumeMessage | null): void => {
        if (delivery === null || !ids.has(delivery.properties.messageId)) return;
        own.channel.ack(delivery);
        taken.push(delivery);
        if (taken.length === ids.size) resolve();
      };
      own.channel.consume(queue, receive).catch(reject);
    });
    return taken;
  } finally {
    await own.close();
  }
}
