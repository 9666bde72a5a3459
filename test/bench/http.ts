import { Agent } from 'node:http';
import { onOwnChannel } from '../../lib/rabbitmq/connection/channel.js';
import { openConnection } from '../../lib/rabbitmq/connection/connection.js';
import { declareTopology } from '../../lib/rabbitmq/topology/topology.js';
import { WORKER_QUEUES } from '../../lib/shop/topology.js';
import { encodeShoppingEvent } from '../../lib/shop/wire.js';
import { Child } from './child.js';
import type { Figure } from './figure.js';
import { postAll } from './post.js';
import { pairedRatios, spreadOf } from './statistics.js';
import { benchTopology } from './topology.js';
import { eventsOfRound } from './work.js';

const EVENTS = 4_000;
const LIST_LENGTH = 100;
const AT_ONCE = 32;

const silent = { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error };

/** Events per second that a sensor over HTTP has safe with the broker: ours one by one, in lists, and Fastify's. */
export async function measureHttp(
  amqpUrl: string,
  rounds: number,
  onProgress: (line: string) => void,
): Promise<Figure[]> {
  const connection = await openConnection({ amqpUrl, connectionName: 'bench', log: silent });
  await declareTopology(connection, benchTopology('quorum'), silent);
  const ours = await Child.start('./http-server.js', { amqpUrl, kind: 'ours' });
  const plain = await Child.start('./http-server.js', { amqpUrl, kind: 'fastify' });
  const events = eventsOfRound('http', EVENTS / 2).map((event) => JSON.stringify(encodeShoppingEvent(event)));
  const lists = Array.from(
    { length: EVENTS / LIST_LENGTH },
    (_, index) => `[${events.slice(index * LIST_LENGTH, (index + 1) * LIST_LENGTH).join(',')}]`,
  );
  const oursAt = await ours.ask<string>('origin');
  const plainAt = await plain.ask<string>('origin');
  const ways: readonly [string, string, readonly string[]][] = [
    ['our sensor over HTTP', oursAt, events],
    ['Fastify and amqplib', plainAt, events],
    [`our sensor over HTTP, lists of ${LIST_LENGTH}`, oursAt, lists],
  ];
  const rates = ways.map((): number[] => []);
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const [index, [what, origin, bodies]] of ways.entries()) {
        const rate = EVENTS / (await postAll(origin, agent, bodies, AT_ONCE));
        onProgress(`${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}  ${what}: ${Math.round(rate)} events/s`);
        if (round > 0) rates[index]?.push(rate);
        // Nobody takes them.
        for (const queue of WORKER_QUEUES) await onOwnChannel(connection, (channel) => channel.purgeQueue(queue));
      }
    }
  } finally {
    agent.destroy();
    await ours.end();
    await plain.end();
    await connection.close();
  }
  const [single = [], fastify = [], bulk = []] = rates;
  return [
    ...ways.map(([what], index) => ({ what, unit: 'events/s', spread: spreadOf(rates[index] ?? []) })),
    { what: 'our sensor / Fastify', unit: 'paired', spread: pairedRatios(single, fastify) },
    { what: 'lists / single', unit: 'paired', spread: pairedRatios(bulk, single) },
  ];
}
