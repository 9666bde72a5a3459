import { atVirtualHost } from '../../lib/rabbitmq/connection/address.js';
import { onConnection } from '../../lib/rabbitmq/connection/open-connection.js';
import { Publisher } from '../../lib/rabbitmq/publishing/publisher.js';
import { sampleDeliveries } from '../recordings/sample-event.js';
import { printResult } from '../terminal/printable.js';
import { requireBroker } from './broker-address.js';
import { CommandError } from './command-line.js';
import { commandLog } from './command-log.js';
import { type SampleFlags, samplesOf } from './sample-options.js';

interface SendFlags extends SampleFlags {
  readonly vhost?: string;
  readonly amqpUrl?: string;
  readonly json?: true;
}

const CONFIRM_MS = 10_000;

/** `events send`: puts messages on a queue, and waits until the broker has confirmed them. */
export async function sendEvents(queue: string, { vhost, amqpUrl, json, ...flags }: SendFlags): Promise<void> {
  const deliveries = sampleDeliveries(await samplesOf(flags));
  const log = await commandLog('events', json);
  const url = atVirtualHost(await requireBroker(amqpUrl, log), vhost);
  const messages = deliveries.map(({ content, properties: { messageId, deliveryMode: _, ...properties } }) => ({
    exchange: '',
    routingKey: queue,
    content,
    messageId,
    mustRoute: true,
    properties: { persistent: true, ...properties },
  }));
  const failures = await onConnection({ amqpUrl: url, connectionName: 'events send', log }, async (connection) => {
    const publisher = await Publisher.open(connection, CONFIRM_MS);
    return publisher.publishAll(messages).finally(() => publisher.close());
  });
  const [first] = failures;
  if (first?.failure === 'returned') throw new CommandError(`There is no queue ${queue}: nothing was sent.`);
  if (first !== undefined) throw first;
  const sent = messages.length;
  const what = sent === 1 ? '1 message is' : `${sent} messages are`;
  printResult(json ? JSON.stringify({ queue, sent }) : `${what} on ${queue}, confirmed.`);
}
