import { setTimeout as sleep } from 'node:timers/promises';
import type { Sender } from '../../lib/lambda/function/publishing.js';
import { shoppingEventMessage } from '../../lib/shop/domain/messages.js';
import type { Purchase } from './history.js';
import { Random } from './random.js';

const LANES = 16;

export interface ShoppersOptions {
  readonly sender: Sender;
  readonly seed: number;
  /** The products of the made-up database. */
  readonly products: number;
  /** On average, between two batches of a lane: the faults must meet traffic. */
  readonly pauseMs: number;
  /** Each is a pick up and a purchase of every product; there are as many more as `until` takes. */
  readonly roundsAtLeast: number;
  readonly until: () => boolean;
}

/** What was confirmed to the sensor. */
export interface Shopped {
  readonly purchases: Purchase[];
  readonly strangers: string[];
}

/** Picks up and purchases everything, again and again, in lanes that do not wait for each other. */
export async function goShopping(options: ShoppersOptions): Promise<Shopped> {
  const shopped: Shopped = { purchases: [], strangers: [] };
  await Promise.all(Array.from({ length: LANES }, (_, lane) => walk(lane, options, shopped)));
  return shopped;
}

interface Event {
  readonly type: 'pick up' | 'purchase';
  readonly product: string;
  readonly timestamp: string;
}

const timestampOf = (round: number, step: 0 | 1): string =>
  new Date(Date.UTC(2026, 0, 1) + round * 2_000 + step * 1_000).toISOString();

/** Sends until the broker has confirmed; now and then everything twice. */
async function send(sender: Sender, events: readonly Event[], random: Random): Promise<void> {
  const messages = events.map((event) =>
    shoppingEventMessage(event, `${event.product} ${event.type} ${event.timestamp}`),
  );
  for (let copies = random.next() < 0.05 ? 2 : 1; copies > 0; ) {
    await sender.publish(messages).then(
      () => copies--,
      () => sleep(200),
    );
  }
}

async function walk(lane: number, options: ShoppersOptions, { purchases, strangers }: Shopped): Promise<void> {
  const { sender, seed, pauseMs, roundsAtLeast, until } = options;
  const random = new Random(seed + lane);
  const width = String(options.products).length;
  const products = Array.from(
    { length: options.products / LANES },
    (_, index) => `P-${String(lane + 1 + index * LANES).padStart(width, '0')}`,
  );
  for (let round = 0; round < roundsAtLeast || !until(); round++) {
    const [pickedUpAt, purchasedAt] = [timestampOf(round, 0), timestampOf(round, 1)];
    await send(
      sender,
      products.map((product) => ({ type: 'pick up', product, timestamp: pickedUpAt })),
      random,
    );
    await sleep(random.next() * 2 * pauseMs);
    await send(
      sender,
      products.map((product) => ({ type: 'purchase', product, timestamp: purchasedAt })),
      random,
    );
    purchases.push(...products.map((product) => ({ product, pickedUpAt, purchasedAt })));
    if (random.next() < 0.2) {
      const stranger = { type: 'pick up', product: `unknown ${lane} ${round}`, timestamp: pickedUpAt } as const;
      await send(sender, [stranger], random);
      strangers.push(`${stranger.product} ${stranger.type} ${stranger.timestamp}`);
    }
  }
}
