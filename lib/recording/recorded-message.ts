import { keepWire, wireOf } from '../wire/kept.js';
import type { RecordedMessage } from './recording-line.js';
import { decodeTable, encodeTable } from './table-json.js';

/** What is read from a delivery; an amqplib delivery fits. */
export interface Recordable {
  readonly content: Uint8Array;
  readonly properties: object;
  readonly fields: { readonly redelivered: boolean; readonly exchange: string; readonly routingKey: string };
}

export function recordedMessage({ content, properties, fields }: Recordable): RecordedMessage {
  const { redelivered, exchange, routingKey } = fields;
  const wire = wireOf(properties);
  return {
    redelivered,
    exchange,
    routingKey,
    properties: encodeTable(properties),
    ...(wire !== undefined && { wire: wire.toString('base64') }),
    body: Buffer.from(content).toString('base64'),
  };
}

/** The message as amqplib would deliver it. */
export function deliveryOf({ redelivered, exchange, routingKey, properties, wire, body }: RecordedMessage) {
  const decoded = decodeTable(properties);
  if (wire !== undefined) keepWire(decoded, Buffer.from(wire, 'base64'));
  return {
    content: Buffer.from(body, 'base64'),
    properties: decoded,
    fields: { redelivered, exchange, routingKey },
  };
}
