import { Agent } from 'node:http';
import { type ConfirmChannel, connect } from 'amqplib';
import { SHOPPING_EVENTS_EXCHANGE, WORKER_QUEUES } from '../../lib/shop/domain/topology.js';
import { encodeShoppingEvent } from '../../lib/shop/domain/wire.js';
import { Child } from './child.js';
import type { Figure } from './figure.js';
import { postAll } from './post.js';
import { pairedRatios, spreadOf } from './statistics.js';
import { declareBench } from './topology.js';
import { eventsOfRound, type SensorEvent } from './work.js';

const EVENTS = 4_000;
/** The number of lists, which are sent in a fraction of the time. */
const LISTED_EVENTS = 20_000;
const LIST_LENGTH = 100;
const AT_ONCE = 32;

interface Way {
  readonly what: string;
  readonly events: number;
  /** Resolves with the seconds until the broker had confirmed all of them. */
  readonly send: () => Promise<number>;
}

/** The events per second that a sensor over HTTP gets confirmed by the broker: ours one by one, ours in lists, and Fastify's. */
export async function measureHttp(
  amqpUrl: string,
  rounds: number,
  onProgress: (line: string) => void,
): Promise<Figure[]> {
  await declareBench(amqpUrl, 'quorum');
  const ours = await Child.start('./http-server.js', { amqpUrl, kind: 'ours' });
  const plain = await Child.start('./http-server.js', { amqpUrl, kind: 'fastify' });
  const all = eventsOfRound('http', LISTED_EVENTS / 2);
  const bodies = all.map((event) => JSON.stringify(encodeShoppingEvent(event)));
  const lists = Array.from(
    { length: LISTED_EVENTS / LIST_LENGTH },
    (_, index) => `[${bodies.slice(index * LIST_LENGTH, (index + 1) * LIST_LENGTH).join(',')}]`,
  );
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const oursAt = await ours.ask<string>('origin');
  const plainAt = await plain.ask<string>('origin');
  const model = await connect(amqpUrl, { noDelay: true });
  const channel = await model.createConfirmChannel();
  const one = bodies.slice(0, EVENTS);
  const ways: readonly Way[] = [
    { what: 'our sensor over HTTP', events: EVENTS, send: () => postAll(oursAt, agent, one, AT_ONCE) },
    { what: 'Fastify and amqplib', events: EVENTS, send: () => postAll(plainAt, agent, one, AT_ONCE) },
    {
      what: `our sensor over HTTP, lists of ${LIST_LENGTH}`,
      events: LISTED_EVENTS,
      send: () => postAll(oursAt, agent, lists, AT_ONCE),
    },
    { what: 'amqplib without HTTP', events: LISTED_EVENTS, send: () => publishAll(channel, all, bodies) },
  ];
  const rates = ways.map((): number[] => []);
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const [index, { what, events, send }] of ways.entries()) {
        const rate = events / (await send());
        onProgress(`${round === 0 ? 'warm-up' : `round ${round} of ${rounds}`}  ${what}: ${Math.round(rate)} events/s`);
        if (round > 0) rates[index]?.push(rate);
        // No one consumes them.
        for (const queue of WORKER_QUEUES) await channel.purgeQueue(queue);
      }
    }
  } finally {
    agent.destroy();
    await ours.end();
    await plain.end();
    await model.close();
  }
  const [single = [], fastify = [], bulk = [], bare = []] = rates;
  return [
    ...ways.map(({ what }, index) => ({ what, unit: 'events/s', spread: spreadOf(rates[index] ?? []) })),
    { what: 'our sensor / Fastify', unit: 'paired', spread: pairedRatios(single, fastify), atLeast: 0.8 },
    { what: 'lists / single', unit: 'paired', spread: pairedRatios(bulk, single), atLeast: 5 },
    { what: 'lists / amqplib without HTTP', unit: 'paired', spread: pairedRatios(bulk, bare) },
  ];
}

/** Publishes with as many unconfirmed messages as the lists have in flight. Returns the seconds it took. */
async function publishAll(
  channel: ConfirmChannel,
  events: readonly SensorEvent[],
  bodies: readonly string[],
): Promise<number> {
  const startedAt = performance.now();
  await new Promise<void>((resolve, reject) => {
    let sent = 0;
    let confirmed = 0;
    const send = (): void => {
      for (; sent < events.length && sent - confirmed < AT_ONCE * LIST_LENGTH; sent++) {
        const { product, messageId } = events[sent] as SensorEvent;
        const options = { messageId, persistent: true, mandatory: true, contentType: 'application/json' };
        channel.publish(SHOPPING_EVENTS_EXCHANGE, product, Buffer.from(bodies[sent] as string), options, heard);
      }
    };
    const heard = (error: unknown): void => {
      if (error !== null) reject(error);
      confirmed++;
      if (confirmed === events.length) resolve();
      else send();
    };
    send();
  });
  return (performance.now() - startedAt) / 1000;
}
