import { randomUUID } from 'node:crypto';
import { type Channel, type ChannelModel, type ConfirmChannel, connect, type GetMessage } from 'amqplib';
import { vi } from 'vitest';
import type { Topology } from '../../../lib/rabbitmq/topology/topology.js';

/** The broker under test: any RabbitMQ with the consistent-hash plugin. */
export const amqpUrl = process.env['AMQP_URL'] ?? 'amqp://127.0.0.1:5672';

/** One test's own queues and exchanges, and a client to look at them with. */
export interface Scene {
  readonly channel: Channel;
  /** Another channel of the same client. */
  newChannel(): Promise<Channel>;
  newConfirmChannel(): Promise<ConfirmChannel>;
  /** After its connection was lost: waits until the broker accepts a new one. */
  reconnect(): Promise<void>;
  readonly queue: string;
  readonly deadLetters: string;
  readonly bills: string;
  readonly alerts: string;
  readonly topology: Topology;
  send(body: unknown, options?: { messageId?: string; headers?: Record<string, unknown> }): void;
  /** A queue that gets every alert from now on. */
  alertInbox(): Promise<string>;
  /** Takes and acknowledges everything that is there. */
  drain(queue: string): Promise<GetMessage[]>;
  /** Messages that wait in a queue, delivered ones not counted. */
  waiting(queue: string): Promise<number>;
  close(): Promise<void>;
}

export async function openScene(url = amqpUrl): Promise<Scene> {
  let model = await open(url);
  const newChannel = async (): Promise<Channel> => {
    const opened = await model.createChannel();
    opened.on('error', () => undefined);
    return opened;
  };
  let channel = await newChannel();
  const id = randomUUID().slice(0, 8);
  const queue = `q-${id}`;
  const deadLetters = `dead-${id}`;
  const bills = `bills-${id}`;
  const alerts = `alerts-${id}`;
  const topology: Topology = {
    exchanges: [
      { name: deadLetters, type: 'fanout', durable: true },
      { name: alerts, type: 'topic', durable: true },
    ],
    queues: [
      { name: deadLetters, durable: true, arguments: { 'x-queue-type': 'quorum' } },
      { name: bills, durable: true, arguments: { 'x-queue-type': 'quorum' } },
      {
        name: queue,
        durable: true,
        arguments: {
          'x-queue-type': 'quorum',
          'x-single-active-consumer': true,
          'x-delivery-limit': 1_000,
          'x-overflow': 'reject-publish',
          'x-dead-letter-exchange': deadLetters,
          'x-dead-letter-strategy': 'at-least-once',
        },
      },
    ],
    bindings: [{ exchange: deadLetters, queue: deadLetters, routingKey: '' }],
  };
  for (const { name, type, ...options } of topology.exchanges) await channel.assertExchange(name, type, options);
  for (const { name, ...options } of topology.queues) await channel.assertQueue(name, options);
  await channel.bindQueue(deadLetters, deadLetters, '');
  return {
    get channel() {
      return channel;
    },
    newChannel,
    newConfirmChannel: async () => {
      const opened = await model.createConfirmChannel();
      opened.on('error', () => undefined);
      return opened;
    },
    reconnect: async () => {
      model = await eventually(() => open(url).catch(() => undefined));
      channel = await newChannel();
    },
    queue,
    deadLetters,
    bills,
    alerts,
    topology,
    send: (body, options = {}) => {
      const content = Buffer.from(JSON.stringify(body));
      channel.sendToQueue(queue, content, { persistent: true, messageId: randomUUID(), ...options });
    },
    alertInbox: async () => {
      const { queue: inbox } = await channel.assertQueue('', { exclusive: true });
      await channel.bindQueue(inbox, alerts, '#');
      return inbox;
    },
    drain: async (name) => {
      const messages: GetMessage[] = [];
      for (let got = await channel.get(name); got !== false; got = await channel.get(name)) {
        messages.push(got);
        channel.ack(got);
      }
      return messages;
    },
    waiting: async (name) => (await channel.checkQueue(name)).messageCount,
    close: async () => {
      for (const name of [queue, deadLetters, bills, `${queue}.changelog`]) await channel.deleteQueue(name);
      for (const name of [deadLetters, alerts, `${queue}.changelog`]) await channel.deleteExchange(name);
      await model.close();
    },
  };
}

async function open(url: string): Promise<ChannelModel> {
  const model = await connect(url, { noDelay: true });
  model.on('error', () => undefined);
  return model;
}

/** Retries until `check` returns something truthy, and returns that; something that takes this long hangs. */
export function eventually<Result>(check: () => Promise<Result> | Result): Promise<Truthy<Result>> {
  return vi.waitUntil(check, { timeout: 100_000, interval: 20 }) as Promise<Truthy<Result>>;
}

type Truthy<Value> = Exclude<Value, undefined | null | false>;
