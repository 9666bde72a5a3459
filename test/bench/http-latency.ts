import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'amqplib';
import { encodeShoppingEvent } from '../../lib/shop/domain/wire.js';
import { Child } from './child.js';
import { CONTENDERS } from './contenders.js';
import type { Figure } from './figure.js';
import { PACED_ROUNDS, PACED_SECONDS, PACES } from './latency.js';
import { post } from './post.js';
import type { Latency } from './shop-floor.js';
import { pairedRatios, quantile, spreadOf } from './statistics.js';
import { ALL_CUSTOMERS, BILLING_EVENTS, declareBench } from './topology.js';
import { eventsOfRound } from './work.js';

const SOCKETS = 64;
const PATIENCE_MS = 60_000;

/** A sensor over HTTP, both worker queues, and the till. */
class HttpShop {
  readonly #sensor: Child;
  readonly #worker: Child;
  readonly #till: Awaited<ReturnType<typeof openTill>>;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: SOCKETS });

  private constructor(sensor: Child, worker: Child, till: Awaited<ReturnType<typeof openTill>>) {
    this.#sensor = sensor;
    this.#worker = worker;
    this.#till = till;
  }

  static async open(amqpUrl: string, kind: 'ours' | 'fastify', contenderId: string): Promise<HttpShop> {
    const contender = CONTENDERS.find(({ id }) => id === contenderId);
    if (contender === undefined) throw new RangeError(contenderId);
    await declareBench(amqpUrl, contender.queues);
    return new HttpShop(
      await Child.start('./http-server.js', { amqpUrl, kind }),
      await Child.start(contender.module, { amqpUrl, ...contender.orders }),
      await openTill(amqpUrl),
    );
  }

  /** Milliseconds from a purchase's 202 to its bill's delivery. */
  async play(round: string, eventsPerSecond: number): Promise<Latency> {
    const purchases = (eventsPerSecond * PACED_SECONDS) / 2;
    const events = eventsOfRound(round, purchases);
    const origin = await this.#sensor.ask<string>('origin');
    const acceptedAt = new Map<string, number>();
    this.#till.billedAt.clear();
    const posting: Promise<void>[] = [];
    const startedAt = performance.now();
    for (const [index, event] of events.entries()) {
      const due = startedAt + (index * 1000) / eventsPerSecond - performance.now();
      if (due > 0) await sleep(due);
      const body = JSON.stringify(encodeShoppingEvent(event));
      const accepted = (): void => void acceptedAt.set(event.product, performance.now());
      posting.push(post(origin, this.#agent, body).then(event.type === 'purchase' ? accepted : undefined));
    }
    await Promise.all(posting);
    while (this.#till.billedAt.size < purchases) {
      if (performance.now() - startedAt > PATIENCE_MS) throw new Error(`${this.#till.billedAt.size} of ${purchases}`);
      await sleep(10);
    }
    const waits = [...this.#till.billedAt].map(([product, at]) => at - (acceptedAt.get(product) as number));
    return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
  }

  async close(): Promise<void> {
    this.#agent.destroy();
    await this.#sensor.end();
    await this.#worker.end();
    await this.#till.close();
  }
}

async function openTill(amqpUrl: string) {
  const model = await connect(amqpUrl, { noDelay: true });
  const channel = await model.createChannel();
  /** By product: each is purchased once in a round. */
  const billedAt = new Map<string, number>();
  await channel.consume(
    BILLING_EVENTS,
    (message) => {
      const { product_number } = JSON.parse(message?.content.toString() ?? '') as { product_number: string };
      billedAt.set(product_number, performance.now());
    },
    { noAck: true },
  );
  await channel.consume(ALL_CUSTOMERS, () => undefined, { noAck: true });
  return { billedAt, close: () => model.close() };
}

/** HTTP accepted -> bill delivered: our sensor and worker, and Fastify with the bare worker, in turn. */
export async function measureHttpLatency(
  [oursAt, bareAt]: readonly string[],
  onProgress: (line: string) => void,
): Promise<Figure[]> {
  const ours = await HttpShop.open(oursAt as string, 'ours', 'a');
  const bare = await HttpShop.open(bareAt as string, 'fastify', 'b');
  const figures: Figure[] = [];
  try {
    for (const eventsPerSecond of PACES) {
      const latencies: [Latency[], Latency[]] = [[], []];
      for (let round = 0; round <= PACED_ROUNDS; round++) {
        for (const [index, shop] of [ours, bare].entries()) {
          const latency = await shop.play(`http ${eventsPerSecond}/s.${round}`, eventsPerSecond);
          onProgress(
            `HTTP, ${eventsPerSecond} events/s, ${round === 0 ? 'warm-up' : `round ${round}`}  ` +
              `${index === 0 ? 'ours' : 'bare'}: p99 ${latency.p99.toFixed(1)} ms`,
          );
          if (round > 0) latencies[index]?.push(latency);
        }
      }
      for (const name of ['p50', 'p99'] as const) {
        const [our, other] = latencies.map((of) => of.map((latency) => latency[name])) as [number[], number[]];
        const what = `HTTP accepted -> bill, ${name} at ${eventsPerSecond} events/s`;
        figures.push({ what: `ours: ${what}`, unit: 'ms', spread: spreadOf(our) });
        figures.push({ what: `Fastify, bare: ${what}`, unit: 'ms', spread: spreadOf(other) });
        figures.push({ what: `ours / bare: ${what}`, unit: 'paired', spread: pairedRatios(our, other) });
      }
    }
  } finally {
    await ours.close();
    await bare.close();
  }
  return figures;
}
