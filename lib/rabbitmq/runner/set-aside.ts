import type { Stuck } from '../changelog/repeat-outgoing.js';
import type { Connection } from '../connection/connection.js';
import { deadLetterId, type LogAddress, logMessage } from '../dead-letters/dead-letter-log.js';
import type { AdapterLog } from '../log.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import { Publisher } from '../publishing/publisher.js';
import type { DeadLetterAddress } from '../topology/queue-traits.js';

export interface SetAsideContext {
  readonly connection: Connection;
  readonly confirmTimeoutMs: number;
  readonly queue: string;
  readonly deadLetterTo: DeadLetterAddress | undefined;
  readonly reasonsTo: LogAddress | undefined;
  readonly log: AdapterLog;
}

/**
 * Dead-letters messages that cannot be sent, as if they had been rejected on the queue: people find them there, and a redrive
 * sends them to the exchange that they were meant for.
 * @returns those that stay, because no one would find them: the queue names no dead-letter exchange, or that exchange does not
 *   accept them
 */
export async function setAside(setting: SetAsideContext, stuck: readonly Stuck[]): Promise<readonly Stuck[]> {
  const { connection, confirmTimeoutMs, queue, deadLetterTo, reasonsTo, log } = setting;
  if (deadLetterTo === undefined) return stuck;
  const stay: Stuck[] = [];
  for (const one of stuck) {
    const letter = deadLetter(one.message, queue, deadLetterTo);
    const publisher = await Publisher.open(connection, confirmTimeoutMs);
    const [failure] = await publisher.publishAll([
      ...(reasonsTo === undefined ? [] : [reason(reasonsTo, queue, one)]),
      letter,
    ]);
    await publisher.close();
    if (failure !== undefined) {
      stay.push({ ...one, why: `${one.why}; it cannot be set aside either: ${failure.message}` });
      continue;
    }
    const { messageId, exchange, routingKey } = one.message;
    log.error('a message cannot be sent, and is put among the dead letters: `dead-letters list` shows it', {
      code: 'outgoing-set-aside',
      queue,
      messageId,
      exchange,
      routingKey,
      why: one.why,
    });
  }
  return stay;
}

function reason(to: LogAddress, queue: string, { message, why }: Stuck): EncodedMessage {
  const { content, messageId, properties } = message;
  const id = deadLetterId({
    content,
    properties: { ...properties, messageId } as Parameters<typeof deadLetterId>[0]['properties'],
    fields: { redelivered: false } as Parameters<typeof deadLetterId>[0]['fields'],
  });
  return logMessage(to, {
    kind: 'rejected',
    id,
    at: new Date().toISOString(),
    queue,
    reason: `could not be sent: ${why}`,
    ...(messageId !== undefined && { messageId }),
  });
}

function deadLetter(message: EncodedMessage, queue: string, to: DeadLetterAddress): EncodedMessage {
  const { exchange, routingKey, properties } = message;
  const death = {
    count: 1,
    reason: 'rejected',
    queue,
    time: { '!': 'timestamp', value: Math.floor(Date.now() / 1000) },
    exchange,
    'routing-keys': [routingKey],
  };
  return {
    ...message,
    exchange: to.exchange,
    routingKey: to.routingKey ?? routingKey,
    mustRoute: true,
    properties: { ...properties, headers: { ...properties.headers, 'x-death': [death] } },
  };
}
