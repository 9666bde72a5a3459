import type { ConsumeMessage } from 'amqplib';

/** The offset of a message that was consumed from a stream (https://www.rabbitmq.com/docs/streams#consuming). */
export function offsetOf({ properties }: ConsumeMessage): number {
  return Number(properties.headers?.['x-stream-offset']);
}
