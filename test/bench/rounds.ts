import { declareTopology } from '../../lib/rabbitmq/topology/topology.js';
import { FLOOR_STREAMS } from '../../lib/shop/floor/streams.js';
import { fillChangelog } from './baskets.js';
import { Child } from './child.js';
import type { Contender } from './contenders.js';
import type { Usage } from './parent.js';
import type { RoundOrders, RoundResult } from './shop-floor.js';
import { declareBench, quiet } from './topology.js';

/** What one contender did in one round. */
export interface Sample {
  readonly eventsPerSecond: number;
  /** CPU time of the contender's process. */
  readonly cpuMicrosPerEvent: number;
}

export interface RoundsOptions {
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  readonly purchases: number;
  /** Of the contender's own vhost. */
  readonly amqpUrlOf: (contender: Contender) => string;
  readonly execArgv: readonly string[];
  readonly onProgress: (line: string) => void;
}

export interface Stand {
  readonly contender: Contender;
  readonly worker: Child;
  readonly shopFloor: Child;
  /** A server of pages, if someone is watching. */
  readonly pages: Child | undefined;
}

/**
 * Has the contenders do the same work in turn: A B C, A B C, ... All processes live for the whole time, so that every round
 * except the first finds warm code.
 */
export async function playRounds(
  options: RoundsOptions,
  afterwards: (stands: readonly Stand[]) => Promise<void> = async () => undefined,
): Promise<ReadonlyMap<string, readonly Sample[]>> {
  const { contenders, rounds, onProgress } = options;
  const stands: Stand[] = [];
  try {
    for (const contender of contenders) stands.push(await open(contender, options));
    const samples = new Map(contenders.map(({ id }) => [id, [] as Sample[]]));
    for (let round = 0; round <= rounds; round++) {
      for (const stand of stands) {
        const sample = await play(stand, round, options.purchases);
        const { id, title } = stand.contender;
        const name = round === 0 ? 'warm-up' : `round ${round} of ${rounds}`;
        onProgress(`${name}  ${id} ${title}: ${Math.round(sample.eventsPerSecond)} events/s`);
        if (round > 0) samples.get(id)?.push(sample);
      }
    }
    await afterwards(stands);
    return samples;
  } finally {
    for (const { worker, shopFloor, pages } of stands) {
      await pages?.end();
      await worker.end();
      await shopFloor.end();
    }
  }
}

async function open(contender: Contender, { amqpUrlOf, execArgv }: RoundsOptions): Promise<Stand> {
  const amqpUrl = amqpUrlOf(contender);
  const { queues, openBaskets, key, watched } = contender;
  await declareBench(amqpUrl, queues, async (connection) => {
    if (openBaskets !== undefined) await fillChangelog(connection, openBaskets, key);
    if (watched !== undefined) await declareTopology(connection, FLOOR_STREAMS, quiet);
  });
  const worker = await Child.start(contender.module, { amqpUrl, ...contender.orders }, execArgv);
  const shopFloor = await Child.start('./shop-floor.js', { amqpUrl });
  const pages = watched === 'is' ? await Child.start('./watching-pages.js', { amqpUrl }) : undefined;
  return { contender, worker, shopFloor, pages };
}

async function play({ contender, worker, shopFloor }: Stand, round: number, purchases: number): Promise<Sample> {
  const before = await worker.ask<Usage>('usage');
  const orders: RoundOrders = { round: `${round}`, purchases: (purchases * contender.tenths) / 10 };
  const { events, seconds } = await shopFloor.ask<RoundResult>('round', orders);
  const after = await worker.ask<Usage>('usage');
  return { eventsPerSecond: events / seconds, cpuMicrosPerEvent: (after.cpuMicros - before.cpuMicros) / events };
}
