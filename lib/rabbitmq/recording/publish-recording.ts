import { deliveryOf } from '../../recording/recorded-message.js';
import type { RecordedMessage } from '../../recording/recording-line.js';
import { wireOf } from '../../wire/kept.js';
import { readProperties, readTable, writeProperties, writeTable } from '../../wire/properties.js';
import type { Connection } from '../connection/connection.js';
import type { EncodedMessage, EncodedProperties } from '../publishing/encoded-message.js';
import { Publisher } from '../publishing/publisher.js';

const CONFIRM_MS = 10_000;
const AT_ONCE = 500;
const NOT_THE_SENDERS = /^(x-delivery-count|x-acquired-count|CC)$/;

/**
 * Puts recorded messages on a queue, each with its properties, in order, and waits for the broker's confirms. Left out are
 * `user_id`, which RabbitMQ accepts only from its owner, what it adds itself to a redelivered message, and `CC`, which would send
 * copies to others again.
 * @returns the number of confirmed messages
 * @throws PublishError for the first one that is not
 */
export async function publishRecorded(
  connection: Connection,
  queue: string,
  messages: AsyncIterable<RecordedMessage>,
  onDone: (messages: number) => void = () => undefined,
): Promise<number> {
  const publisher = await Publisher.open(connection, CONFIRM_MS);
  let done = 0;
  let batch: EncodedMessage[] = [];
  const flush = async (): Promise<void> => {
    const [failure] = await publisher.publishAll(batch);
    if (failure !== undefined) throw failure;
    done += batch.length;
    onDone(done);
    batch = [];
  };
  for await (const message of messages) {
    batch.push(encoded(queue, message));
    if (batch.length === AT_ONCE) await flush();
  }
  await flush();
  await publisher.close();
  return done;
}

function encoded(queue: string, message: RecordedMessage): EncodedMessage {
  const { content, properties } = deliveryOf(message);
  const wire = wireOf(properties);
  const { deliveryMode, messageId, userId: _, headers, ...others } = properties;
  return {
    exchange: '',
    routingKey: queue,
    content,
    messageId: typeof messageId === 'string' ? messageId : undefined,
    mustRoute: true,
    properties: {
      ...others,
      ...(deliveryMode !== undefined && { persistent: deliveryMode === 2 }),
      headers: Object.fromEntries(Object.entries(headers ?? {}).filter(([name]) => !NOT_THE_SENDERS.test(name))),
    } as EncodedProperties,
    ...(wire !== undefined && { wire: ofSender(wire) }),
  };
}

/** The properties byte for byte, without those that are left out. */
function ofSender(wire: Buffer): Buffer {
  const { userId: _, headers, ...kept } = readProperties(wire);
  if (headers === undefined) return writeProperties(kept);
  const own = readTable(headers).filter(({ name }) => !NOT_THE_SENDERS.test(name.toString()));
  return writeProperties({ ...kept, headers: writeTable(own) });
}
