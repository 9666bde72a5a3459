import { hash } from 'node:crypto';
import type { Message } from 'amqplib';
import { encodeLogEntry, type LogEntry } from '../../dead-letters/log-entry.js';
import { redrivesOf } from '../../dead-letters/redriven.js';
import { identityOf } from '../changelog/identity.js';
import type { EncodedMessage } from '../publishing/encoded-message.js';
import type { Exchanges } from '../publishing/exchanges.js';

/** 96 bits, in hexadecimal, because people type the beginning. */
const ID_LENGTH = 24;

/** The id of a dead letter: it identifies one event and this death of it, because each redrive is counted in a header. */
export function deadLetterId(message: Pick<Message, 'content' | 'properties' | 'fields'>): string {
  const { key } = identityOf(message);
  return hash('sha256', `${key}.${redrivesOf(message.properties.headers)}`, 'hex').slice(0, ID_LENGTH);
}

/** How a log is written to. */
export type LogAddress = Pick<EncodedMessage, 'exchange' | 'routingKey'>;

/**
 * The stream `log` is written through the exchange of the same name, so that no one needs the right to write to every queue; if
 * there is none, through the default exchange. @throws ChannelGoneError
 */
export async function addressOfLog(exchanges: Exchanges, log: string): Promise<LogAddress> {
  return { exchange: (await exchanges.has(log)) ? log : '', routingKey: log };
}

/** An entry as it is written to its log. If the log is gone, the entry is lost and nothing waits for it. */
export function logMessage(to: LogAddress, entry: LogEntry): EncodedMessage {
  return {
    ...to,
    content: Buffer.from(encodeLogEntry(entry)),
    messageId: `${entry.id}.${entry.kind}`,
    mustRoute: false,
    properties: { persistent: true, contentType: 'application/json', type: entry.kind },
  };
}
